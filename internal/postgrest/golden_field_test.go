package postgrest_test

import (
	"fmt"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// Texts of the small parts of a plan; they are close to the URL's own.

func each[T any](items []T, text func(*T) string) []string {
	texts := make([]string, len(items))
	for i := range items {
		texts[i] = text(&items[i])
	}
	return texts
}

func fieldText(f *plan.Field) string {
	text := f.Name
	if f.FullRow {
		text = "whole row"
	}
	for _, s := range f.Path {
		arrow := "->"
		if s.AsText {
			arrow = "->>"
		}
		text += arrow + s.Operand
	}
	if f.TSVector != nil {
		text = "document(" + when(f.TSVector.Language != "", f.TSVector.Language+", ") + text + ")"
	}
	if f.Transform != "" {
		text = f.Transform + "(" + text + ")"
	}
	if f.Type != "" {
		text += " " + f.Type
	}
	return text
}

func selectText(s *plan.SelectField) string {
	text := fieldText(&s.Field)
	if s.Cast != "" {
		text += "::" + s.Cast
	}
	if s.Aggregate != queryparams.AggregateNone {
		text = s.Aggregate.String() + "(" + text + ")" + when(s.AggregateCast != "", "::"+s.AggregateCast)
	}
	return text + when(s.As != "", " as "+s.As)
}

func logicText(l *plan.Logic) string {
	if l.Filter != nil {
		return filterText(l.Filter)
	}
	word := [...]string{queryparams.And: " and ", queryparams.Or: " or "}[l.Op]
	return when(l.Negated, "not ") + "(" + strings.Join(each(l.Children, logicText), word) + ")"
}

func filterText(f *plan.Filter) string {
	o := f.Operation
	var operand string
	switch o.Op {
	case queryparams.In:
		operand = fmt.Sprintf("%q", o.Values)
	case queryparams.IsOp:
		operand = o.Is.String()
	default:
		operand = fmt.Sprintf("%q", o.Value)
	}
	quantifier := [...]string{queryparams.QuantifierNone: "", queryparams.Any: "(any)", queryparams.All: "(all)"}[o.Quantifier]
	field := fieldText(&f.Field)
	if f.NullEmbed != "" {
		field = "embed " + f.NullEmbed
	}
	return field + when(f.Negated, " not") + " " + o.Op.String() + quantifier + when(o.Language != "", "("+o.Language+")") + " " + operand
}

func orderText(o *plan.OrderTerm) string {
	direction := [...]string{queryparams.DirectionDefault: "", queryparams.Asc: " asc", queryparams.Desc: " desc"}[o.Direction]
	nulls := [...]string{queryparams.NullsDefault: "", queryparams.NullsFirst: " nulls first", queryparams.NullsLast: " nulls last"}[o.Nulls]
	return when(o.Relation != "", o.Relation+".") + fieldText(&o.Field) + direction + nulls
}

func relSelectText(r *plan.RelSelect) string {
	if !r.IsSpread {
		return r.Name + when(r.ToMany, " list") + when(r.Empty, " (not shown)") + " of " + r.AggAlias
	}
	return strings.Join(each(r.Spread, func(s *plan.SpreadField) string {
		text := s.Name
		if s.Aggregate != queryparams.AggregateNone {
			text = s.Aggregate.String() + "(" + text + ")" + when(s.AggregateCast != "", "::"+s.AggregateCast)
		}
		return text + when(s.As != "", " as "+s.As)
	}), ", ") + " of " + r.AggAlias
}

func columnText(c plan.Column) string {
	if c.Table == (ident.Qualified{}) {
		return c.Name
	}
	return c.Table.String() + "." + c.Name
}
