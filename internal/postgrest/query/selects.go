package query

import (
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// selectItem writes AGG(CAST(transform(field))) AS alias, as far as asked.
func (b *builder) selectItem(owner ident.Qualified, s *plan.SelectField) {
	b.aggregate(s.Aggregate, s.AggregateCast, func() {
		b.cast(s.Cast, func() { b.transformed(owner, &s.Field) })
	})
	b.as(s.As)
}

func (b *builder) spreadItem(alias string, s *plan.SpreadField) {
	b.aggregate(s.Aggregate, s.AggregateCast, func() {
		b.column(ident.Qualified{Name: alias}, s.Name)
	})
	b.as(s.As)
}

// spreadArray gathers one column of a to-many spread into an array.
func (b *builder) spreadArray(r *plan.RelSelect, s *plan.SpreadField) {
	owner := ident.Qualified{Name: r.AggAlias}
	b.raw("COALESCE(json_agg(")
	b.column(owner, s.Name)
	b.raw(" ")
	b.orderBy(owner, r.Child.SpreadOrder)
	b.raw("),'[]')::jsonb AS ")
	name := s.As
	if name == "" {
		name = s.Name
	}
	b.ident(name)
}

func (b *builder) as(alias string) {
	if alias != "" {
		b.raw(" AS ")
		b.ident(alias)
	}
}

func (b *builder) aggregate(function queryparams.Aggregate, cast string, operand func()) {
	if function == queryparams.AggregateNone {
		operand()
		return
	}
	b.cast(cast, func() {
		b.raw(strings.ToUpper(function.String()), "(")
		operand()
		b.raw(")")
	})
}

// cast writes the type as the client gave it: quoting would take its meaning
// from names such as int. The grammar lets no SQL through.
func (b *builder) cast(typ string, operand func()) {
	if typ == "" {
		operand()
		return
	}
	b.raw("CAST( ")
	operand()
	b.raw(" AS ", typ, " )")
}

// transformed writes the field through its representation, if it has one.
func (b *builder) transformed(owner ident.Qualified, f *plan.Field) {
	if f.Transform == "" {
		b.field(owner, f)
		return
	}
	b.raw(f.Transform, "(")
	b.field(owner, f)
	b.raw(")")
}

func (b *builder) field(owner ident.Qualified, f *plan.Field) {
	if f.TSVector == nil {
		b.path(owner, f)
		return
	}
	b.raw("to_tsvector(")
	b.language(f.TSVector.Language)
	b.path(owner, f)
	b.raw(")")
}

func (b *builder) language(name string) {
	if name != "" {
		b.param(name)
		b.raw(", ")
	}
}

func (b *builder) path(owner ident.Qualified, f *plan.Field) {
	switch {
	case f.FullRow:
		b.ident(owner.Name)
		return
	case len(f.Path) == 0:
		b.column(owner, f.Name)
		return
	case f.ToJSON:
		b.raw("to_jsonb(")
		b.column(owner, f.Name)
		b.raw(")")
	default:
		b.column(owner, f.Name)
	}
	for _, step := range f.Path {
		b.step(step)
	}
}

func (b *builder) step(s queryparams.JSONStep) {
	if s.AsText {
		b.raw("->>")
	} else {
		b.raw("->")
	}
	b.param(s.Operand)
	if s.Index {
		b.raw("::int")
	}
}

// groupBy writes the terms that stand beside aggregates, if there are any.
func (b *builder) groupBy(n *plan.Node) {
	if !aggregates(n) {
		return
	}
	first := true
	term := func() {
		if first {
			b.raw(" GROUP BY ")
		} else {
			b.raw(", ")
		}
		first = false
	}
	for i := range n.Select {
		s := &n.Select[i]
		switch {
		case s.Aggregate != queryparams.AggregateNone:
		case s.As != "":
			term()
			b.ident(s.As)
		default:
			term()
			b.field(table(n), &s.Field)
		}
	}
	for i := range n.RelSelect {
		b.groupRelation(&n.RelSelect[i], term)
	}
}

func (b *builder) groupRelation(r *plan.RelSelect, term func()) {
	if !r.IsSpread {
		if !r.Empty {
			term()
			b.ident(r.Name)
		}
		return
	}
	for i := range r.Spread {
		s := &r.Spread[i]
		if s.Aggregate != queryparams.AggregateNone {
			continue
		}
		term()
		name := s.As
		if name == "" {
			name = s.Name
		}
		b.column(ident.Qualified{Name: r.AggAlias}, name)
	}
}

func aggregates(n *plan.Node) bool {
	for i := range n.Select {
		if n.Select[i].Aggregate != queryparams.AggregateNone {
			return true
		}
	}
	for i := range n.RelSelect {
		for j := range n.RelSelect[i].Spread {
			if n.RelSelect[i].Spread[j].Aggregate != queryparams.AggregateNone {
				return true
			}
		}
	}
	return false
}

func (b *builder) orderBy(owner ident.Qualified, terms []plan.OrderTerm) {
	if len(terms) == 0 {
		return
	}
	b.raw(" ORDER BY ")
	b.list(len(terms), ", ", func(i int) { b.orderTerm(owner, &terms[i]) })
}

func (b *builder) orderTerm(owner ident.Qualified, t *plan.OrderTerm) {
	if t.Relation != "" {
		owner = ident.Qualified{Name: t.Relation}
	}
	b.field(owner, &t.Field)
	switch t.Direction {
	case queryparams.Asc:
		b.raw(" ASC")
	case queryparams.Desc:
		b.raw(" DESC")
	case queryparams.DirectionDefault:
	}
	switch t.Nulls {
	case queryparams.NullsFirst:
		b.raw(" NULLS FIRST")
	case queryparams.NullsLast:
		b.raw(" NULLS LAST")
	case queryparams.NullsDefault:
	}
}
