package response

import (
	"io"
	"strings"
)

// AppendCSV appends a row to dst as PostgreSQL writes the fields of a row
// value: NULL is empty, fields that need quotes have them, quotes and backslashes
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
		dst = appendCSVValue(append(dst, '"'), value, true)
		dst = append(dst, '"')
	}
	return dst
}

// WriteCSV writes a row as AppendCSV appends it, piece by piece.
func WriteCSV(w io.Writer, row [][]byte) error {
	const pieceSize = 16 << 10
	buffer := make([]byte, 0, 2*pieceSize+len(`,"`))
	for i, value := range row {
		if buffer = buffer[:0]; i > 0 {
			buffer = append(buffer, ',')
		}
		quotes := value != nil && needsQuotes(value)
		if quotes {
			buffer = append(buffer, '"')
		}
		for len(value) > pieceSize {
			buffer = appendCSVValue(buffer, value[:pieceSize], quotes)
			if _, err := w.Write(buffer); err != nil {
				return err
			}
			buffer, value = buffer[:0], value[pieceSize:]
		}
		if buffer = appendCSVValue(buffer, value, quotes); quotes {
			buffer = append(buffer, '"')
		}
		if _, err := w.Write(buffer); err != nil {
			return err
		}
	}
	return nil
}

// appendCSVValue appends a value, or a piece of one, between its quotes.
func appendCSVValue(dst, value []byte, quotes bool) []byte {
	if !quotes {
		return append(dst, value...)
	}
	for _, c := range value {
		if c == '"' || c == '\\' {
			dst = append(dst, c)
		}
		dst = append(dst, c)
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
