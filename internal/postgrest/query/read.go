package query

import (
	"strconv"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// table is the name by which the columns of n's relation are qualified.
func table(n *plan.Node) ident.Qualified {
	switch {
	case n.Alias != "":
		return ident.Qualified{Name: n.Alias}
	case n.Relation != nil && n.Relation.Cardinality == schemacache.Computed:
		return ident.Qualified{Name: n.Relation.Function.Name}
	default:
		return n.From
	}
}

// read writes the SELECT of a tree: each embed is a lateral subquery, or one of
// the select list.
func (b *builder) read(n *plan.Node) {
	b.raw("SELECT ")
	b.selects(n)
	b.from(n)
	for i := range n.RelSelect {
		if r := &n.RelSelect[i]; !late(n, r) {
			b.join(r)
		}
	}
	b.where(table(n), n.Where, n.On)
	b.groupBy(n)
	b.orderBy(table(n), n.Order)
	b.limit(n)
}

// selects writes the output columns: own, those that only an order needs, and
// the columns of the embeds. An empty list selects all columns, which the
// handler of the body then leaves out.
func (b *builder) selects(n *plan.Node) {
	first := true
	comma := func() {
		if !first {
			b.raw(", ")
		}
		first = false
	}
	if len(n.Select) == 0 && len(n.Children) == 0 {
		comma()
		b.column(table(n), "*")
	}
	for i := range n.Select {
		comma()
		b.selectItem(table(n), &n.Select[i])
	}
	for i := range n.SpreadExtra {
		comma()
		extra := &n.SpreadExtra[i]
		owner := table(n)
		if extra.Table != "" {
			owner = ident.Qualified{Name: extra.Table}
		}
		b.selectItem(owner, &extra.Field)
	}
	for i := range n.RelSelect {
		r := &n.RelSelect[i]
		if late(n, r) {
			comma()
			b.subselect(r)
			continue
		}
		b.relSelects(r, comma)
	}
}

// relSelects writes the columns that one embed adds to its parent's row.
func (b *builder) relSelects(r *plan.RelSelect, comma func()) {
	switch {
	case r.IsSpread:
		for i := range r.Spread {
			comma()
			b.spreadItem(r.AggAlias, &r.Spread[i])
		}
	case r.Empty:
	case r.ToMany:
		comma()
		b.raw("COALESCE( ")
		b.column(ident.Qualified{Name: r.AggAlias}, r.AggAlias)
		b.raw(", '[]') AS ")
		b.ident(r.Name)
	default:
		comma()
		b.raw("row_to_json(")
		b.column(ident.Qualified{Name: r.AggAlias}, "*")
		b.raw(")::jsonb AS ")
		b.ident(r.Name)
	}
}

// join writes one embed as a lateral subquery; to-many ones are aggregated.
func (b *builder) join(r *plan.RelSelect) {
	inner := r.Child.Join == queryparams.JoinInner
	if inner {
		b.raw(" INNER JOIN LATERAL ( ")
	} else {
		b.raw(" LEFT JOIN LATERAL ( ")
	}
	aggregated := r.ToMany && !r.IsSpread || r.IsSpread && r.Child.Spread == plan.SpreadToMany
	if aggregated {
		b.aggregated(r)
	} else {
		b.read(r.Child)
	}
	b.raw(" ) AS ")
	b.ident(r.AggAlias)
	b.raw(" ON ")
	if aggregated && inner {
		b.ident(r.AggAlias)
		b.raw(" IS NOT NULL")
		return
	}
	b.raw("TRUE")
}

func (b *builder) aggregated(r *plan.RelSelect) {
	b.raw("SELECT json_agg(")
	b.ident(r.AggAlias)
	b.raw(")::jsonb AS ")
	b.ident(r.AggAlias)
	if r.IsSpread {
		for i := range r.Spread {
			b.raw(", ")
			b.spreadArray(r, &r.Spread[i])
		}
	}
	b.raw(" FROM (")
	b.read(r.Child)
	b.raw(" ) AS ")
	b.ident(r.AggAlias)
}

// from writes the FROM clause; a junction joins in by the WHERE clause.
func (b *builder) from(n *plan.Node) {
	b.raw(" FROM ")
	if r := n.Relation; r != nil && r.Cardinality == schemacache.Computed {
		// The cast picks the overload when several tables have the function.
		b.qualified(r.Function)
		b.raw("(")
		if n.ParentAlias != "" {
			b.ident(n.ParentAlias)
		} else {
			b.ident(r.Table.Name)
		}
		b.raw("::")
		b.qualified(r.Table)
		b.raw(")")
	} else {
		b.qualified(n.From)
	}
	if n.Alias != "" {
		b.raw(" AS ")
		b.ident(n.Alias)
	}
	if r := n.Relation; r != nil && r.Cardinality == schemacache.ManyToMany {
		b.raw(", ")
		b.qualified(r.Junction.Table)
	}
}

func (b *builder) where(owner ident.Qualified, logic []plan.Logic, on []plan.JoinCondition) {
	if len(logic)+len(on) == 0 {
		return
	}
	b.raw(" WHERE ")
	b.list(len(logic), " AND ", func(i int) { b.logic(owner, &logic[i]) })
	if len(logic) > 0 && len(on) > 0 {
		b.raw(" AND ")
	}
	b.list(len(on), " AND ", func(i int) { b.condition(on[i]) })
}

func (b *builder) condition(c plan.JoinCondition) {
	b.column(c.Left.Table, c.Left.Name)
	b.raw(" = ")
	b.column(c.Right.Table, c.Right.Name)
}

// usualLimit is the largest limit that is written into the statement.
const usualLimit = 10_000

// limit writes LIMIT and OFFSET. The offset is bound, so that pages share one
// statement. A limit of the usual size is not: it decides how the rows are read, and
// PostgreSQL, which supposes a tenth of all rows where it does not know it, would
// make a plan for each request instead of keeping one. Clients use few of them.
func (b *builder) limit(n *plan.Node) {
	if n.Range.IsAll() {
		return
	}
	b.raw(" LIMIT ")
	limit, ok := n.Range.Limit()
	rows, err := strconv.ParseUint(limit, 10, 64)
	switch {
	case !ok:
		b.raw("ALL")
	case err == nil && rows <= usualLimit:
		b.raw(strconv.FormatUint(rows, 10))
	default:
		b.param(limit)
	}
	if offset := n.Range.Offset(); offset != "0" {
		b.raw(" OFFSET ")
		b.param(offset)
	}
}

// count writes a query with one row per root row, whatever limits say. Inner
// joins become EXISTS, as they would multiply the rows.
func (b *builder) count(n *plan.Node) {
	b.raw("SELECT 1")
	b.from(n)
	joined := 0
	and := func() {
		if joined == 0 {
			b.raw(" WHERE ")
		} else {
			b.raw(" AND ")
		}
		joined++
	}
	for i := range n.Where {
		and()
		b.logicCount(n, &n.Where[i])
	}
	for _, c := range n.On {
		and()
		b.condition(c)
	}
	for _, child := range n.Children {
		if child.Join == queryparams.JoinInner {
			and()
			b.exists(child)
		}
	}
}

func (b *builder) exists(n *plan.Node) {
	b.raw("EXISTS (")
	b.count(n)
	b.raw(" )")
}

// logicCount is logic, but asks for an embed's rows by EXISTS: the count has no joins.
func (b *builder) logicCount(n *plan.Node, l *plan.Logic) {
	if l.Filter == nil {
		b.connect(l, func(child *plan.Logic) { b.logicCount(n, child) })
		return
	}
	if l.Filter.NullEmbed == "" {
		b.filter(table(n), l.Filter)
		return
	}
	for _, child := range n.Children {
		if child.AggAlias == l.Filter.NullEmbed {
			if !l.Filter.Negated {
				b.raw("NOT ")
			}
			b.exists(child)
			return
		}
	}
	b.raw("TRUE")
}
