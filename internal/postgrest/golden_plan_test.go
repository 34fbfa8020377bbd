package postgrest_test

import (
	"fmt"
	"strings"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/queryparams"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// planText shows a plan: a line for each fact that is not the usual one,
// embeds indented below their parents.
func planText(p *plan.Plan) string {
	w := &planWriter{}
	w.line("%s %s%s%s", kindWord(p.Kind), p.Target, when(p.ReadOnly, ", read only"), when(p.HeadersOnly, ", headers only"))
	if p.Kind == plan.InfoRelation || p.Kind == plan.InfoRoutine || p.Kind == plan.InfoSchema {
		return w.String()
	}
	w.line("answer: %s by %s", p.Media, handlerText(p.Handler))
	if p.Mutation != nil {
		w.mutation(p.Mutation)
	}
	if p.Call != nil {
		w.call(p)
	}
	if p.Tree != nil {
		w.node(p.Tree)
	}
	return w.String()
}

func kindWord(k plan.Kind) string {
	return [...]string{
		plan.Read: "read", plan.Write: "write", plan.Call: "call", plan.Describe: "describe",
		plan.InfoRelation: "methods of relation", plan.InfoRoutine: "methods of routine", plan.InfoSchema: "methods of schema",
	}[k]
}

func when(on bool, text string) string {
	if on {
		return text
	}
	return ""
}

func handlerText(h plan.Handler) string {
	text := [...]string{
		plan.NoBody: "nothing", plan.JSONArray: "JSON", plan.JSONObject: "one JSON object", plan.CSV: "CSV",
		plan.GeoJSON: "GeoJSON", plan.NDJSON: "JSON lines", plan.Custom: "function ",
	}[h.Kind]
	if h.Kind == plan.Custom {
		text += h.Function.String() + "(" + shownName(h.Target) + ")"
	}
	return text + when(h.NullsStripped, " without nulls")
}

func shownName(q ident.Qualified) string {
	if q == (ident.Qualified{}) {
		return "any"
	}
	return q.String()
}

// planWriter writes lines below one another.
type planWriter struct {
	strings.Builder
	indent string
}

func (w *planWriter) line(format string, args ...any) {
	w.WriteString(w.indent + fmt.Sprintf(format, args...) + "\n")
}

// list writes a line "name: a | b", unless there is nothing to list.
func (w *planWriter) list(name string, items []string) {
	if len(items) > 0 {
		w.line("%s: %s", name, strings.Join(items, " | "))
	}
}

func (w *planWriter) mutation(m *plan.Mutation) {
	word := [...]string{plan.Insert: "insert", plan.Update: "update", plan.Delete: "delete"}[m.Kind]
	if m.Action.Kind == apirequest.UpsertRow {
		word = "put"
	}
	w.line("%s %s%s", word, m.Target, when(m.ApplyDefaults, ", missing values by default"))
	w.list("  columns", each(m.Columns, fieldText))
	w.list("  where", each(m.Where, logicText))
	if m.Conflict != nil {
		word := "leave"
		if m.Conflict.Merge {
			word = "merge"
		}
		w.line("  on conflict (%s): %s", strings.Join(m.Conflict.Columns, ", "), word)
	}
	w.list("  returning", m.Returning)
	w.list("  location by", m.PrimaryKey)
}

func (w *planWriter) call(p *plan.Plan) {
	c, r := p.Call, p.Routine
	w.line("call %s: %s returning %s%s", c.Name, volatilityWord(r.Volatility), when(r.Returns.SetOf, "set of "), r.Returns.Type)
	if c.Unnamed != nil {
		w.line("  whole body as %s", c.Unnamed.Type)
	}
	w.list("  parameters", each(c.Params, func(p *schemacache.Param) string { return p.Name + " " + p.Type + when(p.Variadic, " variadic") }))
	w.list("  arguments of the URL or form", each(c.Direct, func(a *plan.Argument) string {
		if a.Variadic {
			return fmt.Sprintf("%s = %q", a.Name, a.Values)
		}
		return fmt.Sprintf("%s = %q", a.Name, a.Value)
	}))
	w.list("  returning", c.Returning)
}

func volatilityWord(v schemacache.Volatility) string {
	return [...]string{schemacache.Volatile: "volatile", schemacache.Stable: "stable", schemacache.Immutable: "immutable"}[v]
}

func (w *planWriter) node(n *plan.Node) {
	if n.Relation == nil {
		w.line("from %s", n.From)
	} else {
		w.embed(n)
	}
	w.indent += "  "
	w.list("select", each(n.Select, selectText))
	w.list("order by only", each(n.SpreadExtra, func(s *plan.SpreadExtra) string { return when(s.Table != "", s.Table+".") + selectText(&s.Field) }))
	w.list("where", each(n.Where, logicText))
	w.list("on", each(n.On, func(c *plan.JoinCondition) string { return columnText(c.Left) + " = " + columnText(c.Right) }))
	w.list("order", each(n.Order, orderText))
	w.list("order of arrays", each(n.SpreadOrder, orderText))
	if !n.Range.IsAll() {
		w.line("rows: %s", n.Range)
	}
	w.list("row gains", each(n.RelSelect, relSelectText))
	for _, child := range n.Children {
		w.node(child)
	}
	w.indent = w.indent[2:]
}

func (w *planWriter) embed(n *plan.Node) {
	r := n.Relation
	by := r.Constraint
	switch {
	case r.Junction != nil:
		by = fmt.Sprintf("%s (%s, %s)", r.Junction.Table, r.Junction.SourceConstraint, r.Junction.TargetConstraint)
	case r.Cardinality == schemacache.Computed:
		by = r.Function.String()
	}
	cardinality := [...]string{
		schemacache.OneToMany: "one-to-many", schemacache.ManyToOne: "many-to-one", schemacache.OneToOne: "one-to-one",
		schemacache.ManyToMany: "many-to-many", schemacache.Computed: "computed",
	}[r.Cardinality]
	spread := [...]string{plan.NoSpread: "embed", plan.SpreadToOne: "spread one", plan.SpreadToMany: "spread many"}[n.Spread]
	join := [...]string{queryparams.JoinDefault: "", queryparams.JoinLeft: ", left", queryparams.JoinInner: ", inner"}[n.Join]
	w.line("%s %s from %s%s: %s by %s%s%s", spread, n.OutName(), n.From, when(n.Alias != "", " as "+n.Alias), cardinality, by,
		join, when(n.ByLegacyName, ", by its legacy name"))
}
