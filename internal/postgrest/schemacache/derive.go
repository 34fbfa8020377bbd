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
func (d *deriver) follow(near end, k *key) {
	card := ManyToOne
	if k.unique {
		card = OneToOne
	}
	for _, far := range k.to.ends {
		d.addKey(near, far, Relationship{Cardinality: card, Constraint: k.name})
	}
}

// back adds the relationships against a key, from referenced to referencing.
func (d *deriver) back(near end, k *key) {
	card := OneToMany
	if k.unique {
		card = OneToOne
	}
	for _, far := range k.from.ends {
		d.addKey(near, far, Relationship{Cardinality: card, Constraint: k.name, IsParent: k.unique})
	}
}

func (d *deriver) addKey(near, far end, r Relationship) {
	if !d.wants(far.rel) {
		return
	}
	r.Columns = pair(near.columns, far.columns)
	d.add(near, far, r)
}

// through adds the many-to-many relationships over junctions that reference
// near by k: relations with another key, the columns of both within their
// primary key.
func (d *deriver) through(near end, k *key) {
	if k.unique {
		return
	}
	for _, source := range k.from.ends {
		junction, ok := d.tables[source.rel]
		if !ok || !containsAll(junction.PrimaryKey, source.columns) {
			continue
		}
		for _, target := range d.graph.nodes[source.rel].ends {
			if !containsAll(junction.PrimaryKey, target.columns) {
				continue
			}
			for _, other := range target.side.references {
				if !other.unique && other.name != k.name {
					d.addJunction(near, source, target, k, other)
				}
			}
		}
	}
}

func (d *deriver) addJunction(near, source, target end, k, other *key) {
	for _, far := range other.to.ends {
		if !d.wants(far.rel) {
			continue
		}
		d.add(near, far, Relationship{Cardinality: ManyToMany, Junction: &Junction{
			Table:            source.rel,
			SourceConstraint: k.name,
			TargetConstraint: other.name,
			Source:           pair(near.columns, source.columns),
			Target:           pair(far.columns, target.columns),
		}})
	}
}

func (d *deriver) add(near, far end, r Relationship) {
	r.Table, r.TableIsView = near.rel, near.isView
	r.Foreign, r.ForeignIsView = far.rel, far.isView
	r.IsSelf = near.rel == far.rel
	d.found = append(d.found, &r)
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
