package query

import (
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
)

func (b *builder) logic(owner ident.Qualified, l *plan.Logic) {
	if l.Filter != nil {
		b.filter(owner, l.Filter)
		return
	}
	b.connect(l, func(child *plan.Logic) { b.logic(owner, child) })
}

// connect writes a group of conditions, each by write.
func (b *builder) connect(l *plan.Logic, write func(*plan.Logic)) {
	if l.Negated {
		b.raw("NOT")
	}
	b.raw(" (")
	separator := " AND "
	if l.Op == queryparams.Or {
		separator = " OR "
	}
	b.list(len(l.Children), separator, func(i int) { write(&l.Children[i]) })
	b.raw(")")
}

func (b *builder) filter(owner ident.Qualified, f *plan.Filter) {
	if f.NullEmbed != "" {
		// IS NULL would be true as well for a row of nothing but NULLs.
		b.ident(f.NullEmbed)
		if f.Negated {
			b.raw(" IS DISTINCT FROM NULL")
		} else {
			b.raw(" IS NOT DISTINCT FROM NULL")
		}
		return
	}
	if f.Negated {
		b.raw("NOT ")
	}
	b.field(owner, &f.Field)
	b.operation(&f.Field, &f.Operation)
}

func (b *builder) operation(field *plan.Field, o *queryparams.Operation) {
	switch o.Op {
	case queryparams.IsOp:
		b.raw(" IS ", isKeyword[o.Is])
	case queryparams.IsDistinct:
		b.raw(" IS DISTINCT FROM ")
		b.param(o.Value)
	case queryparams.In:
		b.in(field, o.Values)
	case queryparams.FTS, queryparams.FTSPlain, queryparams.FTSPhrase, queryparams.FTSWeb:
		b.raw(" @@ ", operators[o.Op], "(")
		b.language(o.Language)
		b.param(o.Value)
		b.raw(")")
	case queryparams.Like, queryparams.ILike:
		b.raw(" ", operators[o.Op], " ")
		b.quantified(o.Quantifier, func() { b.param(strings.ReplaceAll(o.Value, "*", "%")) })
	default:
		b.raw(" ", operators[o.Op], " ")
		b.quantified(o.Quantifier, func() { b.value(field, o.Value) })
	}
}

func (b *builder) quantified(q queryparams.Quantifier, operand func()) {
	switch q {
	case queryparams.Any:
		b.raw("ANY(")
		operand()
		b.raw(")")
	case queryparams.All:
		b.raw("ALL(")
		operand()
		b.raw(")")
	case queryparams.QuantifierNone:
		operand()
	}
}

// value binds the client's value, through the text representation of the
// field's type if it has one.
func (b *builder) value(field *plan.Field, value string) {
	if field.Transform == "" {
		b.param(value)
		return
	}
	b.raw(field.Transform, "(")
	b.param(value)
	b.raw(")")
}

// in writes = ANY with one array: the text stays the same however many values
// there are, and an empty list is allowed.
func (b *builder) in(field *plan.Field, values []string) {
	literal := arrayLiteral(values)
	if field.Transform == "" {
		b.raw(" = ANY (")
		b.nullable(literal)
		b.raw(")")
		return
	}
	b.raw(" = ANY ((SELECT ", field.Transform, "(unnest(")
	b.nullable(literal)
	b.raw("::text[]))))")
}

// arrayLiteral writes values as PostgreSQL's array input wants them. One empty
// value is the empty list.
func arrayLiteral(values []string) []byte {
	if len(values) == 1 && values[0] == "" {
		return []byte("{}")
	}
	size := len("{}")
	for _, value := range values {
		size += len(value) + strings.Count(value, `"`) + strings.Count(value, `\`) + len(`"",`)
	}
	out := append(make([]byte, 0, size), '{')
	for i, value := range values {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '"')
		for j := range len(value) {
			if value[j] == '"' || value[j] == '\\' {
				out = append(out, '\\')
			}
			out = append(out, value[j])
		}
		out = append(out, '"')
	}
	return append(out, '}')
}

// isKeyword holds the words that may stand behind IS, which takes no parameter; read only.
var isKeyword = [...]string{
	queryparams.IsNothing: "NULL",
	queryparams.IsNull:    "NULL",
	queryparams.IsNotNull: "NOT NULL",
	queryparams.IsTrue:    "TRUE",
	queryparams.IsFalse:   "FALSE",
	queryparams.IsUnknown: "UNKNOWN",
}

// operators holds the SQL of each operator, the function for full text search; read only.
var operators = [...]string{
	queryparams.Eq:             "=",
	queryparams.Gte:            ">=",
	queryparams.Gt:             ">",
	queryparams.Lte:            "<=",
	queryparams.Lt:             "<",
	queryparams.Like:           "like",
	queryparams.ILike:          "ilike",
	queryparams.Match:          "~",
	queryparams.IMatch:         "~*",
	queryparams.Neq:            "<>",
	queryparams.Contains:       "@>",
	queryparams.ContainedIn:    "<@",
	queryparams.Overlap:        "&&",
	queryparams.StrictlyLeft:   "<<",
	queryparams.StrictlyRight:  ">>",
	queryparams.NotExtendRight: "&<",
	queryparams.NotExtendLeft:  "&>",
	queryparams.Adjacent:       "-|-",
	queryparams.FTS:            "to_tsquery",
	queryparams.FTSPlain:       "plainto_tsquery",
	queryparams.FTSPhrase:      "phraseto_tsquery",
	queryparams.FTSWeb:         "websearch_to_tsquery",
}
