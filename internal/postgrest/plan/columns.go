package plan

import (
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/queryparams"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// expandStars writes "*" out as columns where PostgreSQL's own star would not
// do: a column has a representation, rows are grouped by an aggregate, or each
// column of a to-many spread becomes an array.
func expandStars(b *builder) func(*Node) error {
	return func(root *Node) error {
		b.expand(root, false)
		return nil
	}
}

func (b *builder) expand(n *Node, aggregated bool) {
	aggregated = aggregated || n.Spread == SpreadToMany || n.selectsAggregate()
	if n.selectsStar() && (aggregated || b.hasRepresentation(n.table)) {
		var expanded []SelectField
		for _, s := range n.Select {
			expanded = append(expanded, b.expandField(n, s)...)
		}
		n.Select = expanded
	}
	for _, child := range n.Children {
		b.expand(child, aggregated)
	}
}

func isStar(s *SelectField) bool { return s.Field.Name == "*" && len(s.Field.Path) == 0 }

// selectsStar reports whether n selects "*", or a count(*) within a spread, where
// it must not count the parent's rows.
func (n *Node) selectsStar() bool {
	for i := range n.Select {
		s := &n.Select[i]
		counts := n.Spread != NoSpread && s.Aggregate == queryparams.Count
		if s.Field.Name == "*" && (s.Aggregate == queryparams.AggregateNone || counts) {
			return true
		}
	}
	return false
}

func (n *Node) selectsAggregate() bool {
	for i := range n.Select {
		if n.Select[i].Aggregate != queryparams.AggregateNone {
			return true
		}
	}
	return false
}

func (b *builder) hasRepresentation(t *schemacache.Table) bool {
	if t == nil {
		return false
	}
	for i := range t.Columns {
		if _, ok := b.cache.Transform(t.Columns[i].NominalType, "json"); ok {
			return true
		}
	}
	return false
}

func (b *builder) expandField(n *Node, s SelectField) []SelectField {
	switch {
	case !isStar(&s):
		return []SelectField{s}
	case s.Aggregate == queryparams.AggregateNone:
		if n.table == nil {
			return nil
		}
		out := make([]SelectField, len(n.table.Columns))
		for i := range n.table.Columns {
			out[i] = s
			field := columnField(&n.table.Columns[i])
			out[i].Field = b.through(field, field.Type, "json")
		}
		return out
	case s.Aggregate == queryparams.Count && n.Spread != NoSpread:
		s.Field.FullRow = true
	}
	return []SelectField{s}
}

// nameColumns names the columns that PostgreSQL would name by their last function
// or operator: JSON paths, represented columns, aggregates of spreads.
func nameColumns(root *Node) error {
	root.Walk(func(n *Node) {
		for i := range n.Select {
			if s := &n.Select[i]; s.As == "" {
				s.As = columnName(s, n.Spread != NoSpread)
			}
		}
	})
	return nil
}

func columnName(s *SelectField, spread bool) string {
	switch {
	case s.Aggregate != queryparams.AggregateNone:
		if spread {
			return strings.ToLower(s.Aggregate.String())
		}
		return ""
	case len(s.Field.Path) > 0:
		return lastKey(s.Field)
	case s.Field.Transform != "":
		return s.Field.Name
	default:
		return ""
	}
}

// lastKey is the last key of a JSON path, or the column's name when the path
// is all indexes.
func lastKey(f Field) string {
	for i := len(f.Path) - 1; i >= 0; i-- {
		if !f.Path[i].Index {
			return f.Path[i].Operand
		}
	}
	return f.Name
}
