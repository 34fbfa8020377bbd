package query

import (
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// late reports whether an embed of n is a subquery of the select list. When
// the rows are sorted and cut to a page, PostgreSQL computes such a one for the
// rows of the page alone, but a join for every row that the page is cut from.
//
// It has to have one row at most, and nothing else in n may refer to it. Keys
// make a row of a table unique; a view may show it twice.
func late(n *plan.Node, r *plan.RelSelect) bool {
	if _, cut := n.Range.Limit(); !cut || r.IsSpread || r.Empty || r.Child.Join == queryparams.JoinInner {
		return false
	}
	if !r.ToMany {
		to := r.Child.Relation
		if to.ForeignIsView || to.Cardinality == schemacache.Computed {
			return false
		}
	}
	return !aggregates(n) && !refers(n, r.AggAlias) && !shared(n, r.AggAlias)
}

// shared reports whether two embeds of n go by one name. As joins PostgreSQL
// refuses them (42712); as subqueries they would be one key twice.
func shared(n *plan.Node, embed string) bool {
	count := 0
	for i := range n.RelSelect {
		if n.RelSelect[i].AggAlias == embed {
			count++
		}
	}
	return count > 1
}

// refers reports whether a filter or the order of n looks at an embed.
func refers(n *plan.Node, embed string) bool {
	return slices.ContainsFunc(n.Order, func(t plan.OrderTerm) bool { return t.Relation == embed }) ||
		slices.ContainsFunc(n.Where, func(l plan.Logic) bool { return looksAt(&l, embed) })
}

func looksAt(l *plan.Logic, embed string) bool {
	if l.Filter != nil {
		return l.Filter.NullEmbed == embed
	}
	return slices.ContainsFunc(l.Children, func(child plan.Logic) bool { return looksAt(&child, embed) })
}

// subselect writes an embed that is late.
func (b *builder) subselect(r *plan.RelSelect) {
	alias := ident.Qualified{Name: r.AggAlias}
	if r.ToMany {
		b.raw("(SELECT COALESCE(json_agg(")
		b.ident(r.AggAlias)
		b.raw(")::jsonb, '[]') FROM (")
	} else {
		b.raw("(SELECT row_to_json(")
		b.column(alias, "*")
		b.raw(")::jsonb FROM (")
	}
	b.read(r.Child)
	b.raw(" ) AS ")
	b.ident(r.AggAlias)
	if !r.ToMany {
		b.raw(" LIMIT 1") // rows that inherit from the table do not share its keys
	}
	b.raw(") AS ")
	b.ident(r.Name)
}
