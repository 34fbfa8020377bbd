package apirequest

import (
	"bytes"
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// csvRows rewrites CSV with a header line as a JSON array of objects whose
// values are text, or null for NULL.
//
// A row may be longer than the header, whose names it then exhausts. keys are
// those of the first row; uniform is false when another row has fewer. Empty
// lines are no rows. The texts of errors are PostgREST's.
func csvRows(text []byte) (rows []byte, keys []string, uniform bool, err error) {
	s := &csvScanner{text: text}
	header, err := s.record()
	if err == nil {
		err = s.endOfLine()
	}
	if err != nil {
		return nil, nil, false, err
	}
	rows = append(make([]byte, 0, 2*len(text)), '[')
	width := -1 // of the first row
	uniform = true
	for {
		record, err := s.record()
		if err != nil {
			return nil, nil, false, err
		}
		if len(record) > 1 || len(record[0]) > 0 {
			names := header[:min(len(header), len(record))]
			if width < 0 {
				width = len(names)
				keys = columnSet(names)
			} else {
				rows = append(rows, ',')
			}
			uniform = uniform && (len(names) == width || slices.Equal(columnSet(names), keys))
			rows = appendRow(rows, names, record)
		}
		if s.i == len(s.text) {
			return append(rows, ']'), keys, uniform, nil
		}
		if err := s.endOfLine(); err != nil {
			return nil, nil, false, err
		}
	}
}

func columnSet(names [][]byte) []string {
	set := make([]string, len(names))
	for i, name := range names {
		set[i] = queryparams.ValidText(string(name))
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// appendRow appends one row as a JSON object. Of a repeated name the last
// value counts, there as here.
func appendRow(dst []byte, names, values [][]byte) []byte {
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(apierr.AppendText(dst, string(name)), ':')
		if string(values[i]) == "NULL" {
			dst = append(dst, "null"...)
		} else {
			dst = apierr.AppendText(dst, string(values[i]))
		}
	}
	return append(dst, '}')
}

// csvScanner reads RFC 4180. Line ends are LF, CRLF or CR.
type csvScanner struct {
	text []byte
	i    int
}

// record takes fields up to what is no comma; there is at least one field.
func (s *csvScanner) record() ([][]byte, error) {
	var fields [][]byte
	for {
		field, err := s.field()
		if err != nil {
			return nil, err
		}
		fields = append(fields, field)
		if s.i == len(s.text) || s.text[s.i] != ',' {
			return fields, nil
		}
		s.i++
	}
}

func (s *csvScanner) field() ([]byte, error) {
	if s.i < len(s.text) && s.text[s.i] == '"' {
		return s.quoted()
	}
	rest := s.text[s.i:]
	end := bytes.IndexAny(rest, "\",\r\n")
	if end < 0 {
		end = len(rest)
	}
	s.i += end
	return rest[:end], nil
}

// quoted takes "text" in which a quote is doubled. Text without its closing
// quote loses its last character instead of being refused, as at PostgREST.
func (s *csvScanner) quoted() ([]byte, error) {
	s.i++
	start := s.i
	quotes := 0
	for s.i < len(s.text) {
		if s.text[s.i] == '"' {
			quotes++
		} else if quotes%2 == 1 {
			break
		}
		s.i++
	}
	inside := s.text[start:s.i]
	if len(inside) == 0 {
		return nil, s.failure("Failed reading: trailing double quote")
	}
	if quotes > 0 && quotes%2 == 0 {
		return s.unclosed(inside)
	}
	inside = inside[:len(inside)-1]
	if quotes > 1 {
		inside = bytes.ReplaceAll(inside, []byte(`""`), []byte(`"`))
	}
	return inside, nil
}

// unclosed handles text at the end of the input whose quotes are all doubled.
func (s *csvScanner) unclosed(inside []byte) ([]byte, error) {
	last := len(inside) - 1
	if inside[last] == '"' {
		return nil, s.failure("Failed reading: insufficient input")
	}
	return bytes.ReplaceAll(inside[:last], []byte(`""`), []byte(`"`)), nil
}

func (s *csvScanner) endOfLine() error {
	rest := s.text[s.i:]
	switch {
	case bytes.HasPrefix(rest, []byte("\r\n")):
		s.i += 2
	case len(rest) > 0 && (rest[0] == '\n' || rest[0] == '\r'):
		s.i++
	case len(rest) == 0:
		return s.failure("not enough input")
	default:
		return s.failure("Failed reading: satisfy")
	}
	return nil
}

// shownInput is how many bytes of the rest an error shows at most.
const shownInput = 100

func (s *csvScanner) failure(why string) error {
	rest := s.text[s.i:]
	shown := apierr.ShowLatin1(rest[:min(len(rest), shownInput)])
	if len(rest) > shownInput {
		shown = queryparams.ValidText(string(rest[:shownInput])) + " (truncated)"
	}
	return apierr.InvalidBody("parse error (" + why + ") at " + shown)
}
