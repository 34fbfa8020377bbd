package plan

import (
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// attach gives each node the filters, orders, ranges and logic trees that its
// path in the query string names. Those on the root of a write are the
// write's own.
//
// The last parameter goes first: each moves the embeds on its path in front of
// their siblings, where a path that fits several finds them (see at).
// Errors: PGRST108 the path leads to no embed.
func (b *builder) attach(root *Node) error {
	q := b.request.Query
	write := b.request.Action.IsMutation()
	for _, f := range slices.Backward(q.Filters) {
		if write && len(f.Path) == 0 {
			continue
		}
		n, err := b.at(root, f.Path)
		if err != nil {
			return err
		}
		n.filters = slices.Insert(n.filters, 0, f.Filter)
	}
	for _, o := range slices.Backward(q.Order) {
		n, err := b.at(root, o.Path)
		if err != nil {
			return err
		}
		n.order = o.Terms
	}
	if err := b.attachRanges(root, write); err != nil {
		return err
	}
	for _, l := range slices.Backward(q.Logic) {
		if write && len(l.Path) == 0 {
			continue
		}
		n, err := b.at(root, l.Path)
		if err != nil {
			return err
		}
		n.logic = slices.Insert(n.logic, 0, l.Tree)
	}
	return nil
}

func (b *builder) attachRanges(root *Node, write bool) error {
	if write {
		return nil
	}
	for _, r := range slices.Backward(b.request.Ranges) {
		path, err := r.EmbedPath()
		if err != nil {
			return err
		}
		n, err := b.at(root, path)
		if err != nil {
			return err
		}
		n.Range = r.Range
	}
	return nil
}

// at follows path from n; each word is an embed's alias, or its name when it
// has none. With the legacy setting the name serves in spite of an alias. Of
// several that fit the first counts, and it comes first from then
// on: PostgREST does so, and clients see it in the order of keys.
func (b *builder) at(n *Node, path []string) (*Node, error) {
	for _, word := range path {
		child := n.child(func(c *Node) bool {
			if b.options.LegacyNames {
				return c.Name == word || c.As == word
			}
			return c.OutName() == word
		})
		if child == nil {
			return nil, b.notEmbedded(n, word)
		}
		if child.Name == word && child.As != "" && child.As != word {
			child.ByLegacyName = true
		}
		at := slices.Index(n.Children, child)
		n.Children = slices.Insert(slices.Delete(n.Children, at, at+1), 0, child)
		n = child
	}
	return n, nil
}

func (n *Node) child(match func(*Node) bool) *Node {
	for _, c := range n.Children {
		if match(c) {
			return c
		}
	}
	return nil
}

func (b *builder) notEmbedded(n *Node, word string) error {
	if b.options.LegacyNames {
		return apierr.NotEmbedded(word)
	}
	if c := n.child(func(c *Node) bool { return c.Name == word && c.As != "" }); c != nil {
		return apierr.NotEmbeddedByName(word, c.Name, c.As)
	}
	return apierr.NotEmbedded(word)
}

// relateOrders points the orders by an embed's column to its subquery.
// Errors: PGRST108 not embedded, PGRST118 the embed has several rows.
func relateOrders(root *Node) error {
	var failed error
	root.Walk(func(n *Node) {
		for i := range n.Order {
			term := &n.Order[i]
			if term.Relation == "" || failed != nil {
				continue
			}
			c := n.child(func(c *Node) bool { return c.OutName() == term.Relation })
			switch {
			case c == nil:
				failed = apierr.NotEmbedded(term.Relation)
			case c.Relation == nil || !c.Relation.ToOne():
				failed = apierr.RelatedOrderNotToOne(n.From.Name, c.OutName())
			default:
				term.Relation = c.AggAlias
			}
		}
	})
	return failed
}

// nullEmbeds turns "embed=is.null" into a question about the embed's rows.
func nullEmbeds(root *Node) error {
	root.Walk(func(n *Node) {
		for i := range n.Where {
			n.nullEmbed(&n.Where[i])
		}
	})
	return nil
}

func (n *Node) nullEmbed(l *Logic) {
	if l.Filter == nil {
		for i := range l.Children {
			n.nullEmbed(&l.Children[i])
		}
		return
	}
	f := l.Filter
	if len(f.Field.Path) > 0 || f.Operation.Op != queryparams.IsOp || f.Operation.Is != queryparams.IsNull {
		return
	}
	if c := n.child(func(c *Node) bool { return c.OutName() == f.Field.Name }); c != nil {
		f.NullEmbed = c.AggAlias
	}
}
