package schemacache

import (
	"iter"
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// graph keeps foreign keys once and derives the relationships of a table from
// them on demand.
//
// A key between two tables whose key columns m and n views show joins
// (1+m)*(1+n) pairs of relations in two directions, and a junction squares
// that. Here memory stays linear in keys and views: keys that meet in the same
// columns share one side, which lists the relations that show these columns.
type graph struct {
	exposed     []string // schemas
	nodes       map[ident.Qualified]*node
	foreignKeys int
}

// node is one relation's place in the graph.
type node struct {
	ends     []*end
	computed []*ComputedRelationship
}

// end is one relation at one side of keys: the table itself or a view of it.
type end struct {
	side    *side
	rel     ident.Qualified
	isView  bool
	columns []string // in key order
	inKey   bool     // columns are part of rel's primary key
}

// side is a list of columns of a table at which keys begin or end.
type side struct {
	ends       []*end // the relations that show the columns
	references []*key // keys that begin here
	referenced []*key // keys that end here
}

// key is a foreign key, from the referencing to the referenced columns.
type key struct {
	name     string
	unique   bool
	from, to *side
}

func buildGraph(facts *Facts, tables map[ident.Qualified]*Table) graph {
	b := graphBuilder{
		graph: graph{
			exposed:     facts.Schemas,
			nodes:       make(map[ident.Qualified]*node, len(facts.Tables)),
			foreignKeys: len(facts.ForeignKeys),
		},
		tables: tables,
		views:  make(map[ident.Qualified][]*ViewSource),
		sides:  make(map[sideName]*side),
	}
	for i := range facts.Views {
		v := &facts.Views[i]
		b.views[v.Table] = append(b.views[v.Table], v)
	}
	for i := range facts.ForeignKeys {
		b.addKey(&facts.ForeignKeys[i])
	}
	for i := range facts.Computed {
		n := b.node(facts.Computed[i].Table)
		n.computed = append(n.computed, &facts.Computed[i])
	}
	return b.graph
}

// graphBuilder adds keys to a graph.
type graphBuilder struct {
	graph
	tables map[ident.Qualified]*Table
	views  map[ident.Qualified][]*ViewSource // by table
	sides  map[sideName]*side
}

type sideName struct {
	table   ident.Qualified
	columns string // with NUL between, which no name can hold
	inKey   bool   // asked for by referencing keys only
}

func (b *graphBuilder) addKey(fk *ForeignKey) {
	near, far := make([]string, len(fk.Columns)), make([]string, len(fk.Columns))
	for i, p := range fk.Columns {
		near[i], far[i] = p.Column, p.Foreign
	}
	k := &key{name: fk.Name, unique: fk.Unique}
	k.from, k.to = b.side(fk.Table, near, fk.InPrimaryKey), b.side(fk.Foreign, far, false)
	k.from.references = append(k.from.references, k)
	k.to.referenced = append(k.to.referenced, k)
}

// side finds or makes the side of a table's columns.
func (b *graphBuilder) side(table ident.Qualified, columns []string, inKey bool) *side {
	name := sideName{table, strings.Join(columns, "\x00"), inKey}
	if s, ok := b.sides[name]; ok {
		return s
	}
	s := &side{}
	b.sides[name] = s
	b.join(s, &end{rel: table, columns: columns, inKey: inKey})
	for _, v := range b.views[table] {
		for _, as := range v.expand(columns) {
			b.join(s, &end{rel: v.View, isView: true, columns: as, inKey: b.inViewKey(v.View, as)})
		}
	}
	return s
}

// inViewKey reports whether columns are in the view's own key, which may lack
// columns of the table's key, or have others.
func (b *graphBuilder) inViewKey(view ident.Qualified, columns []string) bool {
	t, ok := b.tables[view]
	return ok && !slices.ContainsFunc(columns, func(c string) bool { return !slices.Contains(t.PrimaryKey, c) })
}

func (b *graphBuilder) join(s *side, e *end) {
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

// exposes reports whether clients may see relations of a schema.
func (g *graph) exposes(schema string) bool { return slices.Contains(g.exposed, schema) }

// sources lists the names of the exposed relations from which something leads to schema.
func (g *graph) sources(schema string) []string {
	var names []string
	for rel, n := range g.nodes {
		if g.exposes(rel.Schema) && g.leadsTo(n, schema) {
			names = append(names, rel.Name)
		}
	}
	return names
}

// leadsTo reports whether list would find anything, exposed or not.
func (g *graph) leadsTo(n *node, schema string) bool {
	in := func(e *end) bool { return e.rel.Schema == schema }
	for _, r := range n.computed {
		if r.Function.Schema == schema {
			return true
		}
	}
	for _, e := range n.ends {
		for _, k := range e.side.references {
			if slices.ContainsFunc(k.to.ends, in) {
				return true
			}
		}
		for _, k := range e.side.referenced {
			if slices.ContainsFunc(k.from.ends, in) {
				return true
			}
			for c := range g.crossings(k) {
				if slices.ContainsFunc(c.key.to.ends, in) {
					return true
				}
			}
		}
	}
	return false
}

// crossing is a way through a junction: in at source, out at target along key.
type crossing struct {
	source, target *end
	key            *key
}

// crossings walks the junctions that reference by k: relations with another
// key, the columns of both within their primary key.
func (g *graph) crossings(k *key) iter.Seq[crossing] {
	return func(yield func(crossing) bool) {
		if k.unique {
			return
		}
		for _, source := range k.from.ends {
			if !source.inKey {
				continue
			}
			for _, target := range g.nodes[source.rel].ends {
				if !target.inKey {
					continue
				}
				for _, other := range target.side.references {
					if !other.unique && other.name != k.name && !yield(crossing{source, target, other}) {
						return
					}
				}
			}
		}
	}
}
