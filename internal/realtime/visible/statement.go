package visible

import (
	"fmt"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// question is a statement with the values that do not change from one batch
// to the next. Its columns: number of the row asked for, from 1; the row as
// JSON, NULL where it is too large; its key as JSON.
type question struct {
	sql  string
	tail []any // behind the largest size and the columns of the key
}

// ask makes the question for rows that are there.
func (t *table) ask(schema, name, role string, s *Spec, limit int) question {
	keys := t.keys()
	var b strings.Builder
	fmt.Fprintf(&b, "SELECT k.n, CASE WHEN pg_catalog.octet_length(d.doc) <= %d THEN d.doc END, d.key FROM %s JOIN %s AS t ON ",
		limit, keyRows(keys), ident.Qualified{Schema: schema, Name: name}.String())
	for i, k := range keys {
		if i > 0 {
			b.WriteString(" AND ")
		}
		fmt.Fprintf(&b, "t.%s = k.c%d", ident.Quote(k.name), i)
	}
	fmt.Fprintf(&b, " CROSS JOIN LATERAL (SELECT %s AS doc, %s AS key) AS d", rowJSON(t.shown(s.Select)), rowJSON(keys))
	return finish(&b, t, role, s, len(keys))
}

// askKeys makes the question for rows that are gone: only their key is known. ok is
// false where a filter needs more.
func (t *table) askKeys(role string, s *Spec) (q question, ok bool) {
	keys := t.keys()
	for _, f := range s.Filters {
		if c, found := t.find(f.Column); !found || c.place == 0 {
			return q, false
		}
	}
	var b strings.Builder
	b.WriteString("SELECT k.n, NULL::text, d.key FROM ")
	b.WriteString(keyRows(keys))
	b.WriteString(" CROSS JOIN LATERAL (SELECT ")
	for i, k := range keys {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "k.c%d AS %s", i, ident.Quote(k.name))
	}
	fmt.Fprintf(&b, ") AS t CROSS JOIN LATERAL (SELECT %s AS key) AS d", rowJSON(keys))
	return finish(&b, t, role, s, len(keys)), true
}

// keyRows are the keys asked for as rows k(c0, ..., n). They get their type in a
// query of their own, which OFFSET 0 keeps apart: a cast beside the column of the
// table could leak what it is given, so under row level security PostgreSQL
// would ask the policies of every row before it, and never use the key's index.
func keyRows(keys []column) string {
	var parameters, names, typed strings.Builder
	for i, k := range keys {
		if i > 0 {
			parameters.WriteString(", ")
		}
		fmt.Fprintf(&parameters, "pg_catalog.unnest($%d::text[])", i+1)
		fmt.Fprintf(&names, "c%d, ", i)
		fmt.Fprintf(&typed, "u.c%d::%s AS c%d, ", i, k.cast, i)
	}
	return "(SELECT " + typed.String() + "u.n FROM ROWS FROM (" + parameters.String() + ") WITH ORDINALITY AS u (" + names.String() + "n) OFFSET 0) AS k"
}

// rowJSON is an expression for some columns of t as one JSON object.
func rowJSON(columns []column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = "t." + ident.Quote(c.name)
	}
	return "(SELECT pg_catalog.row_to_json(r)::text FROM (SELECT " + strings.Join(names, ", ") + ") AS r)"
}

// finish adds the filters. The role stands in a comment: PostgreSQL plans a
// statement anew each time that another role runs it, so each has its own.
func finish(b *strings.Builder, t *table, role string, s *Spec, used int) question {
	var q question
	for i, f := range s.Filters {
		c, _ := t.find(f.Column)
		if i == 0 {
			b.WriteString(" WHERE ")
		} else {
			b.WriteString(" AND ")
		}
		q.tail = condition(b, f, c, used, q.tail)
	}
	q.sql = b.String() + " /* " + strings.Map(plain, role) + " */"
	return q
}

// plain keeps the letters that cannot end a comment.
func plain(r rune) rune {
	if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
		return r
	}
	return -1
}

// condition writes one filter; its value becomes a parameter.
func condition(b *strings.Builder, f Filter, c column, used int, values []any) []any {
	if f.Not {
		b.WriteString("NOT ")
	}
	column := "t." + ident.Quote(f.Column)
	if f.Op == "is" {
		fmt.Fprintf(b, "(%s IS %s)", column, strings.ToUpper(f.Value)) // one of four words
		return values
	}
	values = append(values, f.Value)
	fmt.Fprintf(b, "(%s %s ($%d::text::%s))", column, operators[f.Op], used+len(values), castOf(f, c))
	return values
}

// castOf is the type that the value of a filter is read as.
func castOf(f Filter, c column) string {
	switch f.Op {
	case "in":
		return c.cast + "[]"
	case "like", "ilike", "match", "imatch":
		return "text"
	}
	return c.cast
}
