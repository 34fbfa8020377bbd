package schemacache

import (
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// list derives the relationships from table to schema, in order; nil when
// there is none.
func (g *graph) list(table ident.Qualified, schema string, tables map[ident.Qualified]*Table) []*Relationship {
	n, ok := g.nodes[table]
	if !ok {
		return nil
	}
	d := deriver{graph: g, schema: schema, tables: tables, overridden: n.overrides()}
	for _, e := range n.references {
		d.follow(e)
	}
	for _, e := range n.referenced {
		d.back(e)
		d.through(e)
	}
	for _, r := range n.computed {
		d.computed(r)
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
	tables     map[ident.Qualified]*Table
	overridden map[ident.Qualified]bool
	found      []*Relationship
}

func (d *deriver) wants(foreign ident.Qualified) bool {
	return foreign.Schema == d.schema && !d.overridden[foreign]
}

// follow adds the relationships along a key, from referencing to referenced.
func (d *deriver) follow(near end) {
	card := ManyToOne
	if near.key.unique {
		card = OneToOne
	}
	for _, far := range near.key.to {
		d.addKey(near, far, card, false)
	}
}

// back adds the relationships against a key, from referenced to referencing.
func (d *deriver) back(near end) {
	card := OneToMany
	if near.key.unique {
		card = OneToOne
	}
	for _, far := range near.key.from {
		d.addKey(near, far, card, near.key.unique)
	}
}

func (d *deriver) addKey(near, far end, card Cardinality, isParent bool) {
	if !d.wants(far.rel) {
		return
	}
	d.found = append(d.found, &Relationship{
		Table:         near.rel,
		Foreign:       far.rel,
		IsSelf:        near.rel == far.rel,
		Cardinality:   card,
		TableIsView:   near.isView,
		ForeignIsView: far.isView,
		Constraint:    near.key.name,
		Columns:       pair(near.columns, far.columns),
		IsParent:      isParent,
	})
}

// through adds the many-to-many relationships over junctions that reference
// near: relations with a second key, the columns of both within their primary key.
func (d *deriver) through(near end) {
	if near.key.unique {
		return
	}
	for _, source := range near.key.from {
		junction, ok := d.tables[source.rel]
		if !ok || !containsAll(junction.PrimaryKey, source.columns) {
			continue
		}
		for _, target := range d.graph.nodes[source.rel].references {
			if target.key.unique || target.key.name == near.key.name || !containsAll(junction.PrimaryKey, target.columns) {
				continue
			}
			d.addJunction(near, source, target)
		}
	}
}

func (d *deriver) addJunction(near, source, target end) {
	for _, far := range target.key.to {
		if !d.wants(far.rel) {
			continue
		}
		d.found = append(d.found, &Relationship{
			Table:         near.rel,
			Foreign:       far.rel,
			IsSelf:        near.rel == far.rel,
			Cardinality:   ManyToMany,
			TableIsView:   near.isView,
			ForeignIsView: far.isView,
			Junction: &Junction{
				Table:            source.rel,
				SourceConstraint: near.key.name,
				TargetConstraint: target.key.name,
				Source:           pair(near.columns, source.columns),
				Target:           pair(far.columns, target.columns),
			},
		})
	}
}

func (d *deriver) computed(r *ComputedRelationship) {
	if r.Function.Schema != d.schema {
		return
	}
	d.found = append(d.found, &Relationship{
		Table:         r.Table,
		Foreign:       r.Foreign,
		IsSelf:        r.Table == r.Foreign,
		Cardinality:   Computed,
		Function:      r.Function,
		ComputedToOne: r.ToOne,
	})
}

func pair(near, far []string) []ColumnPair {
	pairs := make([]ColumnPair, len(near))
	for i := range near {
		pairs[i] = ColumnPair{near[i], far[i]}
	}
	return pairs
}

func containsAll(set, some []string) bool {
	for _, s := range some {
		if !slices.Contains(set, s) {
			return false
		}
	}
	return true
}
