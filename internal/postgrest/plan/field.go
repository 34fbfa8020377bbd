package plan

import (
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// columnField is a column as the schema cache knows it.
func columnField(c *schemacache.Column) Field {
	return Field{Name: c.Name, Type: c.NominalType, BaseType: c.Type, Default: c.Default}
}

// known resolves a field; a name that is no column of t (a computed column,
// or t is unknown) keeps an empty type and is left to PostgreSQL.
func known(t *schemacache.Table, f queryparams.Field) Field {
	field := Field{Name: f.Name}
	if t != nil {
		if column, ok := t.Column(f.Name); ok {
			field = columnField(column)
		}
	}
	field.Path = f.Path
	// -> on a json column directly, so that an index on the expression serves.
	field.ToJSON = field.Type != "json" && field.Type != "jsonb"
	return field
}

// through sets the representation from source to target, if there is one.
func (b *builder) through(f Field, source, target string) Field {
	if r, ok := b.cache.Transform(source, target); ok {
		f.Type = source
		f.Transform = r.Function
	}
	return f
}

// output is a field as it is shown.
func (b *builder) output(t *schemacache.Table, f queryparams.Field) Field {
	field := known(t, f)
	return b.through(field, field.Type, "json")
}

// input is a field that a filter compares with a value of the client's.
func (b *builder) input(t *schemacache.Table, f *queryparams.Filter) Field {
	field := known(t, f.Field)
	// A computed column, whose type is not known, may be a document already.
	if isFTS(f.Operation.Op) && field.Type != "" && field.BaseType != "tsvector" {
		field.TSVector = &TSVector{Language: f.Operation.Language}
	}
	return b.through(field, "text", field.Type)
}

func isFTS(o queryparams.Operator) bool {
	switch o {
	case queryparams.FTS, queryparams.FTSPlain, queryparams.FTSPhrase, queryparams.FTSWeb:
		return true
	default:
		return false
	}
}

func (b *builder) filter(t *schemacache.Table, f *queryparams.Filter) *Filter {
	return &Filter{Field: b.input(t, f), Operation: f.Operation, Negated: f.Not}
}

func (b *builder) logic(t *schemacache.Table, l *queryparams.LogicTree) Logic {
	if l.Filter != nil {
		return Logic{Filter: b.filter(t, l.Filter)}
	}
	out := Logic{Negated: l.Not, Op: l.Op, Children: make([]Logic, len(l.Children))}
	for i := range l.Children {
		out.Children[i] = b.logic(t, &l.Children[i])
	}
	return out
}

func (b *builder) orderTerm(t *schemacache.Table, o queryparams.OrderTerm) OrderTerm {
	term := OrderTerm{Relation: o.Relation, Direction: o.Direction, Nulls: o.Nulls}
	if o.Relation != "" {
		term.Field = known(nil, o.Field)
	} else {
		term.Field = known(t, o.Field)
	}
	return term
}
