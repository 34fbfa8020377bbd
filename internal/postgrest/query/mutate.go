package query

import (
	"bytes"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/plan"
)

// body is the alias of the rows that the request's payload holds.
const body = "pgrst_body"

// mutate writes the INSERT, UPDATE or DELETE of m.
func (b *builder) mutate(m *plan.Mutation) {
	switch m.Kind {
	case plan.Insert:
		b.insert(m)
	case plan.Update:
		b.update(m)
	case plan.Delete:
		b.raw("DELETE FROM ")
		b.qualified(m.Target)
		b.where(m.Target, m.Where, nil)
		b.returning(m)
	}
}

func (b *builder) insert(m *plan.Mutation) {
	b.raw("INSERT INTO ")
	b.qualified(m.Target)
	if len(m.Columns) > 0 {
		b.raw("(")
		b.list(len(m.Columns), ", ", func(i int) { b.ident(m.Columns[i].Name) })
		b.raw(")")
	}
	b.raw(" SELECT ")
	b.list(len(m.Columns), ", ", func(i int) {
		b.column(ident.Qualified{Name: body}, m.Columns[i].Name)
	})
	b.raw(" ")
	b.payload(payload{body: m.Body, rows: m.Rows, fields: m.Columns, defaults: m.ApplyDefaults})
	merge := m.Conflict != nil && m.Conflict.Merge
	switch {
	case len(m.Where) > 0: // PUT: the row must be the one that the URL names
		b.raw(" WHERE ")
		b.countInserted(1)
		b.raw(" AND ")
		b.list(len(m.Where), " AND ", func(i int) { b.logic(ident.Qualified{Name: body}, &m.Where[i]) })
	case merge:
		b.raw(" WHERE ")
		b.countInserted(1)
	}
	b.onConflict(m)
	b.returning(m)
}

func (b *builder) onConflict(m *plan.Mutation) {
	if m.Conflict == nil || len(m.Conflict.Columns) == 0 {
		return
	}
	b.raw(" ON CONFLICT(")
	b.list(len(m.Conflict.Columns), ", ", func(i int) { b.ident(m.Conflict.Columns[i]) })
	b.raw(")")
	if !m.Conflict.Merge || len(m.Columns) == 0 {
		b.raw(" DO NOTHING")
		return
	}
	b.raw(" DO UPDATE SET ")
	b.list(len(m.Columns), ", ", func(i int) {
		b.ident(m.Columns[i].Name)
		b.raw(" = EXCLUDED.")
		b.ident(m.Columns[i].Name)
	})
	b.raw(" WHERE ")
	b.countInserted(-1)
}

// countInserted writes a condition that is always true and counts, in a
// setting of the transaction, the rows that reach it: +1 for each row offered,
// -1 for each that turned into an update.
func (b *builder) countInserted(by int) {
	b.raw("set_config('pgrst.inserted', (coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0)")
	if by > 0 {
		b.raw(" + 1)::text, true) <> '0'")
		return
	}
	b.raw(" - 1)::text, true) <> '-1'")
}

func (b *builder) update(m *plan.Mutation) {
	if len(m.Columns) == 0 {
		b.updateNothing(m)
		return
	}
	b.raw("UPDATE ")
	b.qualified(m.Target)
	b.raw(" SET ")
	b.list(len(m.Columns), ", ", func(i int) {
		b.ident(m.Columns[i].Name)
		b.raw(" = ")
		b.column(ident.Qualified{Name: body}, m.Columns[i].Name)
	})
	b.raw(" ")
	b.payload(payload{body: m.Body, rows: m.Rows, fields: m.Columns, defaults: m.ApplyDefaults})
	b.where(m.Target, m.Where, nil)
	b.returning(m)
}

// updateNothing answers an empty body: no row, but the columns that the rest
// of the statement names. SET without columns is no valid SQL.
func (b *builder) updateNothing(m *plan.Mutation) {
	b.raw("SELECT ")
	if len(m.Returning) == 0 {
		b.raw("NULL")
	}
	b.list(len(m.Returning), ", ", func(i int) {
		b.column(ident.Qualified{Name: m.Target.Name}, m.Returning[i])
	})
	b.raw(" FROM ")
	b.qualified(m.Target)
	b.raw(" WHERE false")
}

// returning hands the rows to the read that follows; 1 a row when only their
// number matters.
func (b *builder) returning(m *plan.Mutation) {
	if len(m.Returning) == 0 {
		b.raw(" RETURNING 1")
		return
	}
	b.raw(" RETURNING ")
	b.list(len(m.Returning), ", ", func(i int) { b.column(m.Target, m.Returning[i]) })
}

// payload is a body that becomes rows: JSON, or columns.
type payload struct {
	body     []byte
	rows     *apirequest.Rows // nil: body
	fields   []plan.Field
	first    bool // one row only
	defaults bool // a key that a row lacks takes its column's default, else NULL
}

// payload writes FROM ... so that pgrst_body has one row per object of the
// body and one column per field, typed and through its representation.
func (b *builder) payload(p payload) {
	object := p.rows != nil || isObject(p.body)
	b.raw("FROM (SELECT ")
	b.objects(p)
	b.raw(") pgrst_payload, ")
	if p.defaults {
		b.withDefaults(p.fields, object)
	}
	b.raw("LATERAL (SELECT ")
	b.list(len(p.fields), ", ", func(i int) { b.parsed(&p.fields[i]) })
	b.raw(" FROM ")
	b.records(p, object)
	b.raw(") ", body)
}

// withDefaults lays each object over one that holds the columns' defaults.
func (b *builder) withDefaults(fields []plan.Field, object bool) {
	if object {
		b.raw("LATERAL (SELECT ")
		b.defaults(fields)
		b.raw(" || pgrst_payload.json_data AS val) pgrst_json_defs, ")
		return
	}
	b.raw("LATERAL (SELECT jsonb_agg(")
	b.defaults(fields)
	b.raw(" || elem) AS val from jsonb_array_elements(pgrst_payload.json_data) elem) pgrst_json_defs, ")
}

func (b *builder) defaults(fields []plan.Field) {
	b.raw("jsonb_build_object(")
	first := true
	for i := range fields {
		if fields[i].Default == "" {
			continue
		}
		if !first {
			b.raw(", ")
		}
		first = false
		b.raw(ident.Literal(fields[i].Name), ", ", fields[i].Default)
	}
	b.raw(")")
}

func (b *builder) parsed(f *plan.Field) {
	if f.Transform == "" {
		b.ident(f.Name)
		return
	}
	b.raw(f.Transform, "(")
	b.ident(f.Name)
	b.raw(") AS ")
	b.ident(f.Name)
}

func (b *builder) records(p payload, object bool) {
	source, kind := "pgrst_payload.json_data", "json"
	if p.defaults {
		source, kind = "pgrst_json_defs.val", "jsonb"
	}
	switch {
	case len(p.fields) == 0 && object:
		b.raw("(values(1)) _ ")
		return
	case len(p.fields) == 0:
		b.raw(kind, "_array_elements(", source, ") _ ")
		return
	case object:
		b.raw(kind, "_to_record(", source, ")")
	default:
		b.raw(kind, "_to_recordset(", source, ")")
	}
	b.raw(" AS _(")
	b.list(len(p.fields), ", ", func(i int) {
		b.ident(p.fields[i].Name)
		b.raw(" ", p.fields[i].Type)
	})
	b.raw(")")
	if p.first {
		b.raw(" LIMIT 1")
	}
}

// isObject reports whether body is a JSON object by its first byte: PostgreSQL
// parses the rest.
func isObject(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{"))
}
