package plan

import (
	"strconv"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// relate finds the relationship of each embed to its parent and writes down
// how they join.
func (b *builder) relate(root *Node, kind rootKind) error {
	root.table, _ = b.cache.Table(root.From)
	if kind == rootSource {
		// Relationships are those of the relation whose rows SourceCTE holds.
		root.Alias = root.From.Name
		root.From = ident.Qualified{Name: SourceCTE}
	}
	return b.relateChildren(root)
}

func (b *builder) relateChildren(parent *Node) error {
	origin := parent.From.Name
	if parent.Depth == 0 && parent.Alias != "" {
		origin = parent.Alias
	}
	for _, child := range parent.Children {
		r, err := b.relationship(origin, child.Name, child.Hint)
		if err != nil {
			return err
		}
		child.connect(parent, r)
		child.table, _ = b.cache.Table(r.Foreign)
		if err := b.relateChildren(child); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) connect(parent *Node, r *schemacache.Relationship) {
	n.Relation = r
	n.From = r.Foreign
	n.AggAlias = r.Table.Name + "_" + n.OutName() + "_" + strconv.Itoa(n.Depth)
	if n.Spread != NoSpread && !r.ToOne() {
		n.Spread = SpreadToMany
	}
	parentTable := r.Table
	if parent.Alias != "" {
		parentTable = ident.Qualified{Name: parent.Alias}
	}
	if r.Cardinality == schemacache.ManyToMany {
		// The junction joins in by name, so neither it nor the target has an alias.
		j := r.Junction
		n.On = append(pairs(j.Table, r.Foreign, j.Target), pairs(j.Table, parentTable, j.Source)...)
		return
	}
	n.Alias = r.Foreign.Name + "_" + strconv.Itoa(n.Depth)
	if r.Cardinality == schemacache.Computed {
		n.ParentAlias = parent.Alias
		return
	}
	n.On = pairs(ident.Qualified{Name: n.Alias}, parentTable, r.Columns)
}

// pairs equates the foreign columns of a key with the near ones.
func pairs(foreign, near ident.Qualified, columns []schemacache.ColumnPair) []JoinCondition {
	out := make([]JoinCondition, len(columns))
	for i, c := range columns {
		out[i] = JoinCondition{Left: Column{foreign, c.Foreign}, Right: Column{near, c.Column}}
	}
	return out
}
