package query

import (
	"strconv"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
)

// builder writes one statement from front to back; a parameter gets its number
// when it is written.
type builder struct {
	sql     []byte
	args    []Arg
	explain *mediatype.Plan // nil unless the execution plan is wanted
}

func (b *builder) raw(parts ...string) {
	for _, part := range parts {
		b.sql = append(b.sql, part...)
	}
}

func (b *builder) ident(name string) {
	b.sql = ident.AppendQuoted(b.sql, name)
}

func (b *builder) qualified(q ident.Qualified) {
	b.sql = q.AppendTo(b.sql)
}

// column writes table.column, or table.* for "*".
func (b *builder) column(table ident.Qualified, name string) {
	b.qualified(table)
	if name == "*" {
		b.raw(".*")
		return
	}
	b.raw(".")
	b.ident(name)
}

// param binds a value whose type PostgreSQL infers.
func (b *builder) param(value string) {
	b.bind(Arg{Value: []byte(value)})
}

// nullable binds a value, or NULL for nil.
func (b *builder) nullable(value []byte) {
	b.bind(Arg{Value: value})
}

func (b *builder) bind(a Arg) {
	b.args = append(b.args, a)
	b.sql = append(b.sql, '$')
	b.sql = strconv.AppendInt(b.sql, int64(len(b.args)), 10)
}

// list writes n items with a separator between them.
func (b *builder) list(n int, separator string, item func(i int)) {
	for i := range n {
		if i > 0 {
			b.raw(separator)
		}
		item(i)
	}
}

// statement closes the text. columns and binary describe the result.
func (b *builder) statement(columns, binary int) Statement {
	return Statement{SQL: string(b.sql), Args: b.args, Columns: columns, BinaryColumn: binary}
}
