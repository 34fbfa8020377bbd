package plan

import (
	"fmt"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

// contribute writes down the columns that each embed adds to its parent's row.
func contribute(n *Node) error {
	for _, child := range n.Children {
		if err := contribute(child); err != nil {
			return err
		}
		r := RelSelect{AggAlias: child.AggAlias, ToMany: !child.Relation.ToOne(), Child: child}
		if child.Spread != NoSpread {
			r.IsSpread = true
			r.Spread = child.spreadFields()
		} else {
			r.Name = child.OutName()
			r.Empty = child.selectsNothing()
		}
		n.RelSelect = append(n.RelSelect, r)
	}
	return nil
}

func (n *Node) selectsNothing() bool {
	if len(n.Select) > 0 {
		return false
	}
	for _, child := range n.Children {
		if !child.selectsNothing() {
			return false
		}
	}
	return true
}

// spreadFields are the output names of n: its columns, then its embeds'.
func (n *Node) spreadFields() []SpreadField {
	var fields []SpreadField
	for i := range n.Select {
		fields = append(fields, SpreadField{Name: outputName(&n.Select[i])})
	}
	for _, r := range n.RelSelect {
		switch {
		case r.IsSpread:
			fields = append(fields, r.Spread...)
		case !r.Empty:
			fields = append(fields, SpreadField{Name: r.Name})
		}
	}
	return fields
}

func outputName(s *SelectField) string {
	if s.As != "" {
		return s.As
	}
	return s.Field.Name
}

// allowAggregates returns PGRST123 when the setting is off.
func (b *builder) allowAggregates(root *Node) error {
	if b.options.Aggregates {
		return nil
	}
	var used bool
	root.Walk(func(n *Node) { used = used || n.selectsAggregate() })
	if used {
		return apierr.AggregatesNotAllowed()
	}
	return nil
}

// hoisted is an aggregate taken out of a to-one spread.
type hoisted struct {
	aggAlias, name string // the column to aggregate
	field          SpreadField
}

// hoistAggregates moves the aggregates of to-one spreads up to the first row
// that is shown as such: within the spread's subquery each would aggregate the
// one row of its parent.
func hoistAggregates(root *Node) error {
	root.hoist()
	return nil
}

func (n *Node) hoist() []hoisted {
	var below []hoisted
	for _, child := range n.Children {
		below = append(below, child.hoist()...)
	}
	if n.Spread != SpreadToOne {
		for i := range n.RelSelect {
			n.RelSelect[i].receive(below)
		}
		return nil
	}
	out := n.giveUp()
	for _, h := range below {
		h.aggAlias = n.AggAlias
		out = append(out, h)
	}
	return out
}

// giveUp strips n's columns of their aggregates.
func (n *Node) giveUp() []hoisted {
	var out []hoisted
	for i := range n.Select {
		s := &n.Select[i]
		if s.Aggregate == queryparams.AggregateNone {
			continue
		}
		out = append(out, hoisted{
			aggAlias: n.AggAlias,
			name:     outputName(s),
			field:    SpreadField{Aggregate: s.Aggregate, AggregateCast: s.AggregateCast, As: s.As},
		})
		s.Aggregate, s.AggregateCast = queryparams.AggregateNone, ""
	}
	return out
}

func (r *RelSelect) receive(below []hoisted) {
	for i := range r.Spread {
		for _, h := range below {
			if h.aggAlias == r.AggAlias && h.name == r.Spread[i].Name {
				name := r.Spread[i].Name
				r.Spread[i] = h.field
				r.Spread[i].Name = name
				break
			}
		}
	}
}

// orderSpreads moves the order of a to-many spread into its arrays; the columns it
// orders by are selected under names of their own.
// Errors: PGRST127 for aggregates in such a spread.
func orderSpreads(root *Node) error {
	var failed error
	root.Walk(func(n *Node) {
		if n.Spread != SpreadToMany {
			return
		}
		if n.selectsAggregate() || n.spreadsAggregate() {
			failed = apierr.NotImplemented("Aggregates are not implemented for one-to-many or many-to-many spreads.")
			return
		}
		for i, term := range n.Order {
			name := fmt.Sprintf("%s_%s_%d", n.AggAlias, term.Field.Name, i+1)
			n.SpreadExtra = append(n.SpreadExtra, SpreadExtra{
				Table: term.Relation,
				Field: SelectField{Field: term.Field, As: name},
			})
			n.SpreadOrder = append(n.SpreadOrder, OrderTerm{
				Field: Field{Name: name}, Direction: term.Direction, Nulls: term.Nulls,
			})
		}
		n.Order = nil
	})
	return failed
}

func (n *Node) spreadsAggregate() bool {
	for _, r := range n.RelSelect {
		for _, s := range r.Spread {
			if s.Aggregate != queryparams.AggregateNone {
				return true
			}
		}
	}
	return false
}
