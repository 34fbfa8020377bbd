package rowjson

import "bytes"

// appendDate quotes a date in ISO style, which is how JSON has it.
func appendDate(dst, v []byte) ([]byte, bool) {
	if !infinite(v) {
		rest, ok := dateOf(v)
		if !ok || len(rest) > 0 && string(rest) != " BC" {
			return dst, false
		}
	}
	dst = append(dst, '"')
	dst = append(dst, v...)
	return append(dst, '"'), true
}

// appendTimestamp turns "2026-11-23 07:00:00.5+00" into
// "2026-11-23T07:00:00.5+00:00": JSON has XML Schema's style, whatever
// DateStyle says. Text in another style than ISO is refused.
func appendTimestamp(dst, v []byte, zoned bool) ([]byte, bool) {
	if infinite(v) {
		return appendDate(dst, v)
	}
	rest, ok := dateOf(v)
	if !ok || len(rest) < len(" 00:00:00") || rest[0] != ' ' {
		return dst, false
	}
	day := v[:len(v)-len(rest)]
	clock, zone, ok := clockOf(rest[1:])
	if !ok {
		return dst, false
	}
	dst = append(dst, '"')
	dst = append(dst, day...)
	dst = append(dst, 'T')
	dst = append(dst, clock...)
	if zoned {
		if dst, zone, ok = appendZone(dst, zone); !ok {
			return dst, false
		}
	}
	if len(zone) > 0 && string(zone) != " BC" {
		return dst, false
	}
	dst = append(dst, zone...)
	return append(dst, '"'), true
}

func infinite(v []byte) bool {
	return string(v) == "infinity" || string(v) == "-infinity"
}

// dateOf reads a year of four digits or more, month and day; rest follows.
func dateOf(v []byte) (rest []byte, ok bool) {
	year := digits(v)
	if year < 4 || len(v) < year+6 || v[year] != '-' || v[year+3] != '-' || digits(v[year+1:]) != 2 || digits(v[year+4:]) != 2 {
		return nil, false
	}
	return v[year+6:], true
}

// clockOf reads hh:mm:ss and a fraction; rest follows.
func clockOf(v []byte) (clock, rest []byte, ok bool) {
	if len(v) < 8 || v[2] != ':' || v[5] != ':' || digits(v) != 2 || digits(v[3:]) != 2 || digits(v[6:]) != 2 {
		return nil, nil, false
	}
	n := 8
	if n < len(v) && v[n] == '.' {
		n += 1 + digits(v[n+1:])
	}
	return v[:n], v[n:], true
}

// appendZone appends +hh:mm or +hh:mm:ss; rest is the text behind the zone.
func appendZone(dst, v []byte) (_, rest []byte, ok bool) {
	if len(v) < 3 || v[0] != '+' && v[0] != '-' || digits(v[1:]) != 2 {
		return dst, nil, false
	}
	end := bytes.IndexByte(v, ' ')
	if end < 0 {
		end = len(v)
	}
	switch {
	case end == 3:
		dst = append(dst, v[:3]...)
		dst = append(dst, ":00"...)
	case end == 6 && v[3] == ':' && digits(v[4:]) == 2,
		end == 9 && v[3] == ':' && digits(v[4:]) == 2 && v[6] == ':' && digits(v[7:]) == 2:
		dst = append(dst, v[:end]...)
	default:
		return dst, nil, false
	}
	return dst, v[end:], true
}

// digits counts those at the beginning of v.
func digits(v []byte) int {
	n := 0
	for n < len(v) && v[n] >= '0' && v[n] <= '9' {
		n++
	}
	return n
}
