package query

import (
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/plan"
)

// stream writes the statements of an answer that is sent row by row: the total
// if it is wanted, the rows, and the settings by which functions shape the response.
func stream(s *Script, o Options, req *apirequest.Request, p *plan.Plan) {
	if req.Preferences.Count.Exact() {
		s.Main = append(s.Main, streamTotal(o, req, p))
	}
	s.Main = append(s.Main, estimates(o, req, p)...)
	s.Streams, s.Streamed = true, len(s.Main)
	s.Main = append(s.Main, rowStatement(p), gucStatement())
}

// streamTotal counts ahead of the rows: the headers go out before the last of
// them is seen.
func streamTotal(o Options, req *apirequest.Request, p *plan.Plan) Statement {
	b := &builder{}
	b.rowSource(p)
	b.raw("SELECT pg_catalog.count(*) FROM (")
	b.count(p.Tree)
	if o.HasMaxRows && p.Kind == plan.Read && req.Preferences.Count == apirequest.CountEstimated {
		b.limitRows(o.MaxRows + 1)
	}
	b.raw(") _postgrest_t")
	return b.statement(1, -1)
}

// rowSource opens a statement over a call with the call's rows.
func (b *builder) rowSource(p *plan.Plan) {
	if p.Kind == plan.Call {
		b.source(func() { b.call(p.Routine, p.Call) })
		b.raw(" ")
	}
}

// rowStatement selects the rows: their columns for CSV, else a JSON text each.
func rowStatement(p *plan.Plan) Statement {
	b := &builder{}
	b.rowSource(p)
	if p.Handler.Kind == plan.CSV {
		b.read(p.Tree)
		return b.statement(0, -1)
	}
	scalar := p.Routine != nil && (p.Routine.Scalar() || p.Routine.SetOfScalar())
	b.raw("SELECT to_json(", rowOf(scalar), ") FROM (")
	b.read(p.Tree)
	b.raw(") _postgrest_t")
	return b.statement(1, -1)
}

// releaseLocks gives back the advisory locks that functions left to the session; its
// value is the empty text.
const releaseLocks = "pg_catalog.pg_advisory_unlock_all()"

// gucStatement is the last of its script: advisory locks that functions left to
// the session are released with it, which costs less than a statement more.
func gucStatement() Statement {
	return Statement{
		SQL: "SELECT nullif(current_setting('response.headers', true), ''), " +
			"nullif(current_setting('response.status', true), ''), " + releaseLocks,
		Columns: 3, BinaryColumn: -1,
	}
}
