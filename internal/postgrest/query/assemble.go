package query

import (
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/plan"
)

// assembles reports whether the body is the rows as an array of JSON objects,
// or the one row there is, and nothing that only PostgreSQL can make of them.
// A total must come from the snapshot that the rows come from, so from the
// same statement.
func assembles(req *apirequest.Request, p *plan.Plan) bool {
	object := p.Handler.Kind == plan.JSONArray || p.Handler.Kind == plan.JSONObject
	return object && !p.Handler.NullsStripped && !p.Explain() && req.Preferences.Count == apirequest.CountNone
}

// assembledStatement selects the rows as they are. Settings that functions
// make for the response are read behind them, by gucStatement.
func assembledStatement(p *plan.Plan) Statement {
	b := newBuilder(p)
	b.read(p.Tree)
	s := b.statement(0, -1)
	s.Assemble = true
	return s
}

// Assembled reports whether the first of the main statements is to be assembled.
func (s *Script) Assembled() bool { return len(s.Main) > 0 && s.Main[0].Assemble }
