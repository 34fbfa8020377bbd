package schemacache

import (
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// expand lists every way to name columns in the view: a view may show a column
// more than once. It is empty when one of them is not shown.
func (v *ViewSource) expand(columns []string) [][]string {
	combined := [][]string{nil}
	for _, column := range columns {
		var next [][]string
		for _, as := range v.as(column) {
			for _, head := range combined {
				next = append(next, append(slices.Clip(head), as))
			}
		}
		combined = next
	}
	return combined
}

// as lists the names of a table's column in the view.
func (v *ViewSource) as(column string) []string {
	for i := range v.Columns {
		if v.Columns[i].Column == column {
			return v.Columns[i].As
		}
	}
	return nil
}

// inheritKeys gives each view the primary keys of the tables it shows.
//
// The order, last table first, is the one that clients of PostgREST see in
// Location headers. Of a key column shown twice the first name is taken.
func inheritKeys(facts *Facts) {
	keys := make(map[ident.Qualified][]string, len(facts.PrimaryKeys))
	for _, k := range facts.PrimaryKeys {
		keys[k.Table] = k.Columns
	}
	sources := make(map[ident.Qualified][]*ViewSource)
	for i := range facts.Views {
		v := &facts.Views[i]
		sources[v.View] = append(sources[v.View], v)
	}
	for i := range facts.Tables {
		if t := &facts.Tables[i]; t.IsView {
			t.PrimaryKey = viewKey(sources[t.Name], keys)
		}
	}
}

func viewKey(sources []*ViewSource, keys map[ident.Qualified][]string) []string {
	slices.SortFunc(sources, func(a, b *ViewSource) int { return compareNames(b.Table, a.Table) })
	var key []string
	for _, v := range sources {
		columns := keys[v.Table]
		if len(columns) == 0 {
			continue
		}
		if ways := v.expand(columns); len(ways) > 0 {
			key = append(key, ways[0]...)
		}
	}
	return key
}
