package response

import "strings"

// AppendCSV appends a row to dst as PostgreSQL writes the fields of a row
// value: NULL is empty, what needs quotes has them, quotes and backslashes
// within are doubled.
// Source: record_out in PostgreSQL, which PostgREST's CSV is made of.
func AppendCSV(dst []byte, row [][]byte) []byte {
	for i, value := range row {
		if i > 0 {
			dst = append(dst, ',')
		}
		if value == nil {
			continue
		}
		if !needsQuotes(value) {
			dst = append(dst, value...)
			continue
		}
		dst = append(dst, '"')
		for _, c := range value {
			if c == '"' || c == '\\' {
				dst = append(dst, c)
			}
			dst = append(dst, c)
		}
		dst = append(dst, '"')
	}
	return dst
}

func needsQuotes(value []byte) bool {
	if len(value) == 0 {
		return true
	}
	for _, c := range value {
		switch c {
		case '"', '\\', '(', ')', ',', ' ', '\t', '\n', '\v', '\f', '\r':
			return true
		}
	}
	return false
}

// AppendCSVHeader appends the line of column names, which are not quoted.
func AppendCSVHeader(dst []byte, names []string) []byte {
	return append(dst, strings.Join(names, ",")...)
}
