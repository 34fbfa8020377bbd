package query

import (
	"encoding/json"
	"slices"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// call writes the SELECT over a routine's result.
func (b *builder) call(r *schemacache.Routine, c *plan.CallPlan) {
	scalar := r.Scalar() || r.SetOfScalar()
	b.raw("SELECT ")
	if scalar {
		b.raw("pgrst_call.pgrst_scalar")
	} else {
		b.returnedColumns(c)
	}
	b.raw(" ")
	if c.Unnamed == nil && len(c.Params) > 0 && !c.IsDirect {
		b.payload(payload{body: c.Body, rows: c.Rows, fields: paramFields(c.Params), first: true})
		b.raw(", LATERAL ")
	} else {
		b.raw("FROM ")
	}
	if scalar {
		// A scalar is selected, not FROM'd: a domain or record keeps its type.
		b.raw("(SELECT ")
		b.invoke(c)
		b.raw(" pgrst_scalar) pgrst_call")
		return
	}
	b.invoke(c)
	b.raw(" pgrst_call")
}

func (b *builder) returnedColumns(c *plan.CallPlan) {
	if len(c.Returning) == 0 {
		b.raw("*")
		return
	}
	b.list(len(c.Returning), ", ", func(i int) {
		b.column(ident.Qualified{Name: "pgrst_call"}, c.Returning[i])
	})
}

func (b *builder) invoke(c *plan.CallPlan) {
	b.qualified(c.Name)
	b.raw("(")
	if c.Unnamed != nil {
		b.unnamed(c)
	} else {
		b.list(len(c.Params), ", ", func(i int) { b.argument(c, &c.Params[i]) })
	}
	b.raw(")")
}

// unnamed passes the whole body. Its bytes go as they are to bytea, whose text
// form would be read as escapes.
func (b *builder) unnamed(c *plan.CallPlan) {
	value := c.Body
	if c.IsDirect {
		value = directObject(c.Direct)
	}
	b.bind(Arg{Value: value, Binary: c.Unnamed.Type == "bytea"})
	b.raw("::", c.Unnamed.Type)
}

// directObject is the JSON object of arguments that came one by one.
func directObject(arguments []plan.Argument) []byte {
	object := make(map[string]any, len(arguments))
	for _, a := range arguments {
		if a.Variadic {
			object[a.Name] = a.Values
		} else {
			object[a.Name] = a.Value
		}
	}
	text, err := json.Marshal(object)
	if err != nil {
		panic("BUG: strings do not marshal: " + err.Error())
	}
	return text
}

func (b *builder) argument(c *plan.CallPlan, p *schemacache.Param) {
	if p.Variadic {
		b.raw("VARIADIC ")
	}
	b.ident(p.Name)
	b.raw(" := ")
	if !c.IsDirect {
		b.column(ident.Qualified{Name: body}, p.Name)
		return
	}
	i := slices.IndexFunc(c.Direct, func(a plan.Argument) bool { return a.Name == p.Name })
	switch {
	case i < 0:
		b.raw("NULL")
	case c.Direct[i].Variadic:
		// Elements are text first, so that each is cast on its own, and only
		// where the call is made at all.
		b.nullable(argumentArray(c.Direct[i].Values))
		b.raw("::text[]")
	default:
		b.param(c.Direct[i].Value)
	}
	b.raw("::", p.CastType)
}

// argumentArray keeps one empty value: an argument was given.
func argumentArray(values []string) []byte {
	if len(values) == 1 && values[0] == "" {
		return []byte(`{""}`)
	}
	return arrayLiteral(values)
}

func paramFields(params []schemacache.Param) []plan.Field {
	fields := make([]plan.Field, len(params))
	for i, p := range params {
		fields[i] = plan.Field{Name: p.Name, Type: p.CastType}
	}
	return fields
}
