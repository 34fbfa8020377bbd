package query

import (
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// estimates returns the statements behind a total that need not be exact: the
// planner's estimate and, with a CountLimit, the count that takes its place
// where row level security hides rows.
func estimates(o Options, req *apirequest.Request, p *plan.Plan) []Statement {
	if p.Kind != plan.Read || p.Explain() || !req.Preferences.Count.Explain() {
		return nil
	}
	statements := []Statement{estimate(p.Tree)}
	if o.CountLimit > 0 {
		statements = append(statements, visible(o.CountLimit, p.Tree))
	}
	return statements
}

// estimate asks the planner for the number of root rows.
func estimate(n *plan.Node) Statement {
	b := &builder{}
	b.raw("EXPLAIN (FORMAT JSON) ")
	b.count(n)
	return b.statement(1, -1)
}

// visible counts the root rows that the caller may see, up to one more than
// limit, where the planner knows of others: it looks at the statistics of whole
// tables. NULL where it does not. A view may do the same by its own condition, a
// function by the tables it reads, and PostgreSQL does not say so.
func visible(limit int64, n *plan.Node) Statement {
	b := &builder{}
	b.raw("SELECT CASE WHEN ")
	tables, called := relations(n)
	if called {
		b.raw("true OR ")
	}
	b.raw("(SELECT pg_catalog.bool_or(pg_catalog.row_security_active(c.oid) OR c.relkind = 'v')" +
		" FROM pg_catalog.pg_class c WHERE c.oid = ANY (ARRAY[")
	b.list(len(tables), ", ", func(i int) { b.raw(ident.Literal(tables[i].String())) })
	b.raw("]::pg_catalog.regclass[])) THEN (SELECT pg_catalog.count(*) FROM (")
	b.count(n)
	b.limitRows(limit + 1)
	b.raw(") _postgrest_t) END")
	return b.statement(1, -1)
}

// relations lists the relations that a tree reads; called reports whether it
// calls functions for some of their rows.
func relations(root *plan.Node) (found []ident.Qualified, called bool) {
	root.Walk(func(n *plan.Node) {
		found = append(found, n.From)
		switch r := n.Relation; {
		case r == nil:
		case r.Cardinality == schemacache.ManyToMany:
			found = append(found, r.Junction.Table)
		case r.Cardinality == schemacache.Computed:
			called = true
		}
	})
	return found, called
}
