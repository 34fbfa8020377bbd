package query

import "github.com/romashka/sidecar/internal/postgrest/apirequest"

// objects writes the select list and the FROM clause of json_data: the whole
// body as it was sent or, of columns, an object for each row.
//
// An object is made of one row at a time and read again at once, so that a
// value is read as it would be of JSON, by the same functions, while names are
// written down once and values twice at most.
func (b *builder) objects(p payload) {
	switch {
	case p.rows == nil && p.defaults:
		b.nullable(p.body)
		b.raw("::jsonb AS json_data")
	case p.rows == nil:
		b.nullable(p.body)
		b.raw("::json AS json_data")
	case p.defaults:
		b.raw("to_jsonb(pgrst_row) AS json_data FROM ")
		b.rows(p.rows, p.first)
	default:
		b.raw("row_to_json(pgrst_row) AS json_data FROM ")
		b.rows(p.rows, p.first)
	}
}

// rows writes the body's rows of text. The text before the first separator of
// each column is no value.
func (b *builder) rows(r *apirequest.Rows, first bool) {
	b.raw("(SELECT ")
	if r.Separator == "" {
		b.list(len(r.Names), ", ", func(i int) {
			b.nullable(r.Columns[i])
			b.raw("::text AS ")
			b.ident(r.Names[i])
		})
		b.raw(") pgrst_row")
		return
	}
	b.raw("* FROM ROWS FROM (")
	b.list(len(r.Names), ", ", func(i int) {
		b.raw("string_to_table(")
		b.nullable(r.Columns[i])
		b.raw(", ")
		b.param(r.Separator)
		b.raw(", 'NULL')")
	})
	b.raw(") AS _(")
	b.list(len(r.Names), ", ", func(i int) { b.ident(r.Names[i]) })
	b.raw(") OFFSET 1")
	if first {
		b.raw(" LIMIT 1")
	}
	b.raw(") pgrst_row")
}
