package exec

import (
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/romashka/sidecar/internal/postgrest/query"
)

// bind returns values and formats of arguments; both are valid until the next call.
func (r *run) bind(args []query.Arg) (values [][]byte, formats []int16) {
	r.values, r.formats = r.values[:0], r.formats[:0]
	binary := false
	for i := range args {
		format := int16(pgproto3.TextFormat)
		if args[i].Binary {
			binary, format = true, pgproto3.BinaryFormat
		}
		r.values, r.formats = append(r.values, args[i].Value), append(r.formats, format)
	}
	if !binary {
		return r.values, nil // all are text
	}
	return r.values, r.formats
}

// resultFormats is for the call behind bind's, and valid as long.
func (r *run) resultFormats(s *query.Statement) []int16 {
	if s.BinaryColumn < 0 || s.BinaryColumn >= s.Columns {
		return nil
	}
	before := len(r.formats)
	for i := range s.Columns {
		format := int16(pgproto3.TextFormat)
		if i == s.BinaryColumn {
			format = pgproto3.BinaryFormat
		}
		r.formats = append(r.formats, format)
	}
	return r.formats[before:]
}
