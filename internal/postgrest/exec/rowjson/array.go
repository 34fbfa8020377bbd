package rowjson

// appendArray turns an array's text form, {1,2} or {"a b",NULL} or {{1},{2}},
// into JSON.
func appendArray(dst, v []byte, k kind) ([]byte, bool) {
	if len(v) > 0 && v[0] == '[' {
		return dst, false // bounds that do not begin at 1; too rare to be worth it
	}
	for i := 0; i < len(v); {
		switch c := v[i]; c {
		case '{':
			dst = append(dst, '[')
			i++
		case '}':
			dst = append(dst, ']')
			i++
		case ',':
			dst = append(dst, ',')
			i++
		default:
			var n int
			var ok bool
			if dst, n, ok = appendElement(dst, v[i:], k); !ok {
				return dst, false
			}
			i += n
		}
	}
	return dst, true
}

// appendElement appends the element at the beginning of v and returns its size
// there.
func appendElement(dst, v []byte, k kind) (_ []byte, size int, ok bool) {
	if v[0] != '"' {
		for size < len(v) && v[size] != ',' && v[size] != '}' {
			size++
		}
		if string(v[:size]) == "NULL" {
			return append(dst, "null"...), size, true
		}
		dst, ok = appendValue(dst, v[:size], k)
		return dst, size, ok
	}
	var element []byte
	for i := 1; i < len(v); i++ {
		switch v[i] {
		case '\\':
			if i++; i < len(v) {
				element = append(element, v[i])
			}
		case '"':
			dst, ok = appendValue(dst, element, k)
			return dst, i + 1, ok
		default:
			element = append(element, v[i])
		}
	}
	return dst, 0, false
}
