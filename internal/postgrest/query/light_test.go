package query_test

import (
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/mediatype"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// TestLight: a script that is tidied by its own last statement says so in its SQL,
// and no other script is taken for one.
func TestLight(t *testing.T) {
	t.Parallel()
	read := func(count apirequest.Count, assemble bool) *query.Script {
		return build(plan.Plan{Kind: plan.Read, ReadOnly: true}, apirequest.Preferences{Count: count}, assemble)
	}
	call := func(v schemacache.Volatility, single bool, h plan.HandlerKind) *query.Script {
		r := &schemacache.Routine{Volatility: v, Returns: schemacache.ReturnType{SetOf: !single}}
		return build(plan.Plan{Kind: plan.Call, ReadOnly: true, Routine: r, Call: &plan.CallPlan{}, Handler: plan.Handler{Kind: h}}, apirequest.Preferences{}, false)
	}
	for name, tt := range map[string]struct {
		script *query.Script
		light  bool
	}{
		"assembled read":             {read(apirequest.CountNone, true), true},
		"read":                       {read(apirequest.CountNone, false), true},
		"read with its total":        {read(apirequest.CountExact, false), true},
		"read with an estimate":      {read(apirequest.CountPlanned, false), false},
		"stable call":                {call(schemacache.Stable, true, plan.JSONArray), true},
		"immutable call":             {call(schemacache.Immutable, false, plan.JSONArray), true},
		"volatile call by GET":       {call(schemacache.Volatile, true, plan.JSONArray), false},
		"stable call without a body": {call(schemacache.Stable, true, plan.NoBody), false},
		"stable rows without a body": {call(schemacache.Stable, false, plan.NoBody), true},
	} {
		last := tt.script.Main[len(tt.script.Main)-1]
		if tt.script.Light != tt.light {
			t.Errorf("%s: light %t", name, tt.script.Light)
		}
		if releases := strings.Contains(last.SQL, "pg_advisory_unlock_all()"); releases != tt.light {
			t.Errorf("%s: releases locks %t: %s", name, releases, last.SQL)
		}
	}
}

func build(p plan.Plan, preferences apirequest.Preferences, assemble bool) *query.Script {
	p.Media, p.Tree = mediatype.Type{Kind: mediatype.JSON}, &plan.Node{From: ident.Qualified{Schema: "api", Name: "items"}}
	if p.Kind == plan.Read {
		p.Handler.Kind = plan.JSONArray
	}
	return query.Build(query.Options{Assemble: assemble}, query.Caller{Role: "web"}, &apirequest.Request{Preferences: preferences}, &p)
}
