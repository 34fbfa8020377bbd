package plan

import (
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// builder resolves one request against one schema cache.
type builder struct {
	options Options
	request *apirequest.Request
	cache   *schemacache.Cache
	schema  string
}

// rootKind says where the rows of a tree's root come from.
type rootKind int

const (
	rootTable  rootKind = iota // the relation itself
	rootSource                 // the rows that a write or a call left in SourceCTE
)

// tree builds the read of a request: first the shape, then relationships, then
// columns, then the parts that depend on all of them. Each step is described by its
// name.
func (b *builder) tree(target ident.Qualified, root rootKind) (*Node, error) {
	n := shape(target, b.request.Query.Select)
	steps := []func(*Node) error{
		b.attach,
		func(n *Node) error { return b.relate(n, root) },
		b.resolve,
		expandStars(b),
		nameColumns,
		relateOrders,
		nullEmbeds,
		contribute,
		b.allowAggregates,
		hoistAggregates,
		orderSpreads,
		b.restrict,
	}
	for _, step := range steps {
		if err := step(n); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// shape turns the select forest into nodes; names are still as requested.
func shape(target ident.Qualified, items []queryparams.SelectItem) *Node {
	root := &Node{From: target, Name: target.Name}
	root.grow(items)
	return root
}

func (n *Node) grow(items []queryparams.SelectItem) {
	for i := range items {
		item := &items[i]
		if item.Kind == queryparams.SelectColumn {
			n.items = append(n.items, item)
			continue
		}
		child := &Node{
			From:  ident.Qualified{Schema: n.From.Schema, Name: item.Relation},
			Name:  item.Relation,
			As:    item.Alias,
			Hint:  item.Hint,
			Join:  item.Join,
			Depth: n.Depth + 1,
		}
		if item.Kind == queryparams.SelectSpread {
			child.Spread = SpreadToOne
		}
		child.grow(item.Children)
		n.Children = append(n.Children, child)
	}
}

// resolve gives each name its type and representation, now that each node
// knows its relation.
func (b *builder) resolve(n *Node) error {
	n.Walk(func(n *Node) {
		for _, item := range n.items {
			n.Select = append(n.Select, SelectField{
				Field:         b.output(n.table, item.Field),
				Aggregate:     item.Aggregate,
				AggregateCast: item.AggregateCast,
				Cast:          item.Cast,
				As:            item.Alias,
			})
		}
		for i := range n.logic {
			n.Where = append(n.Where, b.logic(n.table, &n.logic[i]))
		}
		for i := range n.filters {
			n.Where = append(n.Where, Logic{Filter: b.filter(n.table, &n.filters[i])})
		}
		for _, term := range n.order {
			n.Order = append(n.Order, b.orderTerm(n.table, term))
		}
	})
	return nil
}

// restrict applies db-max-rows to every level of a read. Rows that a
// write returns are never cut.
func (b *builder) restrict(n *Node) error {
	if !b.options.HasMaxRows || b.request.Action.IsMutation() {
		return nil
	}
	n.Walk(func(n *Node) { n.Range = n.Range.Restrict(b.options.MaxRows) })
	return nil
}
