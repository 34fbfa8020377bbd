package schemacache

import (
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// graph keeps foreign keys once and derives the relationships of a table from
// them on demand.
//
// A key between two tables of which m and n views show the key columns joins
// (1+m)*(1+n) pairs of relations in two directions, and a junction squares
// that. Here memory stays linear in keys and views: keys that meet in the same
// columns share one side, which lists the relations that show these columns.
type graph struct {
	nodes       map[ident.Qualified]*node
	foreignKeys int
}

// node is one relation's place in the graph.
type node struct {
	ends     []end
	computed []*ComputedRelationship
}

// end is one relation at one side of keys: the table itself or a view of it.
type end struct {
	side    *side
	rel     ident.Qualified
	isView  bool
	columns []string // in key order
}

// side is a list of columns of a table at which keys begin or end.
type side struct {
	ends       []end  // the relations that show the columns
	references []*key // keys that begin here
	referenced []*key // keys that end here
}

// key is a foreign key, from the referencing to the referenced columns.
type key struct {
	name     string
	unique   bool
	from, to *side
}

func buildGraph(facts *Facts) graph {
	b := graphBuilder{
		graph:   graph{nodes: make(map[ident.Qualified]*node, len(facts.Tables)), foreignKeys: len(facts.ForeignKeys)},
		exposed: facts.Schemas,
		views:   make(map[ident.Qualified][]*ViewSource),
		sides:   make(map[sideName]*side),
	}
	for i := range facts.Views {
		v := &facts.Views[i]
		b.views[v.Table] = append(b.views[v.Table], v)
	}
	for i := range facts.ForeignKeys {
		b.addKey(&facts.ForeignKeys[i])
	}
	for i := range facts.Computed {
		b.addComputed(&facts.Computed[i])
	}
	return b.graph
}

// graphBuilder adds keys and functions to a graph.
type graphBuilder struct {
	graph
	exposed []string
	views   map[ident.Qualified][]*ViewSource // by table
	sides   map[sideName]*side
}

type sideName struct {
	table   ident.Qualified
	columns string // with NUL after each, which no name can hold
}

func (b *graphBuilder) addKey(fk *ForeignKey) {
	near, far := make([]string, len(fk.Columns)), make([]string, len(fk.Columns))
	for i, p := range fk.Columns {
		near[i], far[i] = p.Column, p.Foreign
	}
	k := &key{name: fk.Name, unique: fk.Unique, from: b.side(fk.Table, near), to: b.side(fk.Foreign, far)}
	if len(k.from.ends) == 0 || len(k.to.ends) == 0 {
		return
	}
	k.from.references = append(k.from.references, k)
	k.to.referenced = append(k.to.referenced, k)
}

// addComputed leaves out what no request can reach.
func (b *graphBuilder) addComputed(r *ComputedRelationship) {
	if slices.Contains(b.exposed, r.Table.Schema) && slices.Contains(b.exposed, r.Foreign.Schema) {
		n := b.node(r.Table)
		n.computed = append(n.computed, r)
	}
}

// side finds or makes the side of a table's columns. Relations outside the
// exposed schemas are of no use to clients, not even as junctions.
func (b *graphBuilder) side(table ident.Qualified, columns []string) *side {
	name := sideName{table, strings.Join(columns, "\x00")}
	if s, ok := b.sides[name]; ok {
		return s
	}
	s := &side{}
	b.sides[name] = s
	if slices.Contains(b.exposed, table.Schema) {
		b.join(s, end{rel: table, columns: columns})
	}
	for _, v := range b.views[table] {
		if !slices.Contains(b.exposed, v.View.Schema) {
			continue
		}
		for _, as := range v.expand(columns) {
			b.join(s, end{rel: v.View, isView: true, columns: as})
		}
	}
	return s
}

func (b *graphBuilder) join(s *side, e end) {
	e.side = s
	s.ends = append(s.ends, e)
	n := b.node(e.rel)
	n.ends = append(n.ends, e)
}

func (b *graphBuilder) node(rel ident.Qualified) *node {
	n, ok := b.nodes[rel]
	if !ok {
		n = &node{}
		b.nodes[rel] = n
	}
	return n
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
	to := func(k *key) bool { return slices.ContainsFunc(k.to.ends, in) }
	from := func(k *key) bool { return slices.ContainsFunc(k.from.ends, in) }
	return slices.ContainsFunc(n.computed, func(r *ComputedRelationship) bool { return r.Function.Schema == schema }) ||
		slices.ContainsFunc(n.ends, func(e end) bool {
			return slices.ContainsFunc(e.side.references, to) || slices.ContainsFunc(e.side.referenced, from)
		})
}
