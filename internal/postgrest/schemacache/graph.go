package schemacache

import (
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// graph keeps foreign keys once and derives the relationships of a table from
// them on demand.
//
// A key between two tables of which m and n views show the key columns joins
// (1+m)*(1+n) pairs of relations in two directions, and a junction squares
// that. Kept as ends of keys the memory stays linear in the views.
type graph struct {
	nodes       map[ident.Qualified]*node
	foreignKeys int
}

// node is one relation's place in the graph.
type node struct {
	references []end // keys of which the relation is the referencing side
	referenced []end // keys of which it is the referenced side
	computed   []*ComputedRelationship
}

// end is one relation at one side of a key: the table itself or a view of it.
type end struct {
	key     *keyEnds
	rel     ident.Qualified
	isView  bool
	columns []string // in key order
}

// keyEnds is a foreign key with every relation at either side.
type keyEnds struct {
	name     string
	unique   bool
	from, to []end
}

func buildGraph(facts *Facts) graph {
	g := graph{
		nodes:       make(map[ident.Qualified]*node, len(facts.Tables)),
		foreignKeys: len(facts.ForeignKeys),
	}
	b := graphBuilder{exposed: facts.Schemas, views: make(map[ident.Qualified][]*ViewSource)}
	for i := range facts.Views {
		v := &facts.Views[i]
		b.views[v.Table] = append(b.views[v.Table], v)
	}
	keys := make([]keyEnds, len(facts.ForeignKeys))
	for i := range facts.ForeignKeys {
		b.fill(&keys[i], &facts.ForeignKeys[i])
		g.link(&keys[i])
	}
	for i := range facts.Computed {
		g.addComputed(&facts.Computed[i], facts.Schemas)
	}
	return g
}

func (g *graph) link(k *keyEnds) {
	if len(k.from) == 0 || len(k.to) == 0 {
		return
	}
	for _, e := range k.from {
		n := g.node(e.rel)
		n.references = append(n.references, e)
	}
	for _, e := range k.to {
		n := g.node(e.rel)
		n.referenced = append(n.referenced, e)
	}
}

func (g *graph) addComputed(r *ComputedRelationship, exposed []string) {
	if !slices.Contains(exposed, r.Table.Schema) || !slices.Contains(exposed, r.Foreign.Schema) {
		return
	}
	n := g.node(r.Table)
	n.computed = append(n.computed, r)
}

func (g *graph) node(rel ident.Qualified) *node {
	n, ok := g.nodes[rel]
	if !ok {
		n = &node{}
		g.nodes[rel] = n
	}
	return n
}

// graphBuilder finds the relations at both sides of foreign keys.
type graphBuilder struct {
	exposed []string
	views   map[ident.Qualified][]*ViewSource // by table
}

func (b *graphBuilder) fill(k *keyEnds, fk *ForeignKey) {
	k.name, k.unique = fk.Name, fk.Unique
	near, far := make([]string, len(fk.Columns)), make([]string, len(fk.Columns))
	for i, p := range fk.Columns {
		near[i], far[i] = p.Column, p.Foreign
	}
	k.from = b.ends(k, fk.Table, near)
	k.to = b.ends(k, fk.Foreign, far)
}

// ends lists table and the views that show all of columns. Relations outside
// the exposed schemas are of no use to clients, not even as junctions.
func (b *graphBuilder) ends(k *keyEnds, table ident.Qualified, columns []string) []end {
	var ends []end
	if slices.Contains(b.exposed, table.Schema) {
		ends = append(ends, end{key: k, rel: table, columns: columns})
	}
	for _, v := range b.views[table] {
		if !slices.Contains(b.exposed, v.View.Schema) {
			continue
		}
		for _, as := range v.expand(columns) {
			ends = append(ends, end{key: k, rel: v.View, isView: true, columns: as})
		}
	}
	return ends
}

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

// sources lists the names of the relations that have relationships to schema.
func (g *graph) sources(schema string) []string {
	var names []string
	for rel, n := range g.nodes {
		if n.leadsTo(schema) {
			names = append(names, rel.Name)
		}
	}
	return names
}

// leadsTo looks at keys and functions only: a junction in schema is itself a
// relation there.
func (n *node) leadsTo(schema string) bool {
	in := func(e end) bool { return e.rel.Schema == schema }
	return slices.ContainsFunc(n.references, func(e end) bool { return slices.ContainsFunc(e.key.to, in) }) ||
		slices.ContainsFunc(n.referenced, func(e end) bool { return slices.ContainsFunc(e.key.from, in) }) ||
		slices.ContainsFunc(n.computed, func(r *ComputedRelationship) bool { return r.Function.Schema == schema })
}
