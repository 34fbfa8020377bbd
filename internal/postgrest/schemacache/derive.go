package schemacache

import (
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// list derives the relationships from table to schema, in order. It is nil
// when nothing leads there, and empty when only tables that are not exposed do.
func (g *graph) list(table ident.Qualified, schema string) []*Relationship {
	n, ok := g.nodes[table]
	if !ok || !g.exposes(table.Schema) || !g.exposes(schema) {
		return nil
	}
	d := deriver{graph: g, schema: schema, overridden: n.overrides()}
	for _, e := range n.ends {
		for _, k := range e.side.references {
			d.follow(e, k)
		}
		for _, k := range e.side.referenced {
			d.back(e, k)
			d.through(e, k)
		}
	}
	for _, r := range n.computed {
		d.computed(r)
	}
	if d.found == nil && d.hidden {
		return []*Relationship{}
	}
	slices.SortFunc(d.found, compareRelationships)
	return d.found
}

// overrides is the set of relations that computed relationships of the same
// qualified name hide; nil when there is none.
func (n *node) overrides() map[ident.Qualified]bool {
	if len(n.computed) == 0 {
		return nil
	}
	names := make(map[ident.Qualified]bool, len(n.computed))
	for _, r := range n.computed {
		names[r.Function] = true
	}
	return names
}

// deriver collects the relationships of one table.
type deriver struct {
	graph      *graph
	schema     string
	overridden map[ident.Qualified]bool
	found      []*Relationship
	hidden     bool // something was left out because it is not exposed
}

func (d *deriver) wants(foreign ident.Qualified) bool {
	return foreign.Schema == d.schema && !d.overridden[foreign]
}

// follow adds the relationships along a key, from referencing to referenced.
func (d *deriver) follow(near *end, k *key) {
	card := ManyToOne
	if k.unique {
		card = OneToOne
	}
	for _, far := range k.to.ends {
		d.addKey(near, far, Relationship{Cardinality: card, Constraint: k.name})
	}
}

// back adds the relationships against a key, from referenced to referencing.
func (d *deriver) back(near *end, k *key) {
	card := OneToMany
	if k.unique {
		card = OneToOne
	}
	for _, far := range k.from.ends {
		d.addKey(near, far, Relationship{Cardinality: card, Constraint: k.name, IsParent: k.unique})
	}
}

func (d *deriver) addKey(near, far *end, r Relationship) {
	if !d.wants(far.rel) {
		return
	}
	r.Columns = pair(near.columns, far.columns)
	d.add(near, far, r)
}

// through adds the many-to-many relationships over junctions that reference near by k.
func (d *deriver) through(near *end, k *key) {
	for c := range d.graph.crossings(k) {
		for _, far := range c.key.to.ends {
			switch {
			case !d.wants(far.rel):
			case !d.graph.exposes(c.source.rel.Schema):
				d.hidden = true
			default:
				d.addJunction(near, far, k, c)
			}
		}
	}
}

func (d *deriver) addJunction(near, far *end, k *key, c crossing) {
	d.add(near, far, Relationship{Cardinality: ManyToMany, Junction: &Junction{
		Table:            c.source.rel,
		SourceConstraint: k.name,
		TargetConstraint: c.key.name,
		Source:           pair(near.columns, c.source.columns),
		Target:           pair(far.columns, c.target.columns),
	}})
}

func (d *deriver) add(near, far *end, r Relationship) {
	r.Table, r.TableIsView = near.rel, near.isView
	r.Foreign, r.ForeignIsView = far.rel, far.isView
	r.IsSelf = near.rel == far.rel
	d.found = append(d.found, &r)
}

func (d *deriver) computed(r *ComputedRelationship) {
	switch {
	case r.Function.Schema != d.schema:
	case !d.graph.exposes(r.Foreign.Schema):
		d.hidden = true
	default:
		d.found = append(d.found, &Relationship{
			Table:         r.Table,
			Foreign:       r.Foreign,
			IsSelf:        r.Table == r.Foreign,
			Cardinality:   Computed,
			Function:      r.Function,
			ComputedToOne: r.ToOne,
		})
	}
}

func pair(near, far []string) []ColumnPair {
	pairs := make([]ColumnPair, len(near))
	for i := range near {
		pairs[i] = ColumnPair{near[i], far[i]}
	}
	return pairs
}
