package rowjson

// appendValue appends a value in its text form; ok is false when the form is
// not the type's.
func appendValue(dst, v []byte, k kind) (_ []byte, ok bool) {
	switch k {
	case integer, raw:
		return append(dst, v...), true
	case plain:
		dst = append(dst, '"')
		dst = append(dst, v...)
		return append(dst, '"'), true
	case number:
		return appendNumber(dst, v), true
	case boolean:
		return appendBoolean(dst, v)
	case date:
		return appendDate(dst, v)
	case timestamp:
		return appendTimestamp(dst, v, false)
	case timestamptz:
		return appendTimestamp(dst, v, true)
	default:
		return appendString(dst, v), true
	}
}

// appendNumber quotes the numbers that JSON does not have: NaN and the infinities, the
// only ones that do not end in a digit.
func appendNumber(dst, v []byte) []byte {
	if n := len(v); n > 0 && v[n-1] >= '0' && v[n-1] <= '9' {
		return append(dst, v...)
	}
	return appendString(dst, v)
}

func appendBoolean(dst, v []byte) ([]byte, bool) {
	switch string(v) {
	case "t":
		return append(dst, "true"...), true
	case "f":
		return append(dst, "false"...), true
	default:
		return dst, false
	}
}

// appendString quotes v. PostgreSQL has checked its encoding.
func appendString(dst, v []byte) []byte {
	dst = appendEscaped(append(dst, '"'), v)
	return append(dst, '"')
}

func appendEscaped(dst, v []byte) []byte {
	start := 0
	for i, c := range v {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, v[start:i]...)
		dst = appendEscape(dst, c)
		start = i + 1
	}
	return append(dst, v[start:]...)
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	default:
		const hex = "0123456789abcdef"
		return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
	}
}
