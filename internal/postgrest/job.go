package postgrest

import (
	"context"

	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/openapi"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/plancache"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/response"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
	"github.com/romashka/sidecar/internal/postgrest/stage"
)

// job is one request on its way through the stages.
type job struct {
	*state
	cache    *schemacache.Cache
	raw      *Request
	runner   Runner
	clock    stage.Clock
	assemble bool // rows are to be made JSON on this side, where that is the same

	key             plancache.Key
	cached          bool // Built comes from the plan cache
	plancache.Built      // the results of the stages so far

	held int64 // bytes of the memory for answers that the results take
}

// http is the request as the stages take it.
func (r *Request) http() apirequest.Raw {
	return apirequest.Raw{Method: r.Method, Path: r.Path, RawQuery: r.RawQuery, Header: r.Header, Body: r.Body}
}

// take reserves memory for the request's body once it is read.
func (r *Request) take(bytes int) error {
	if r.Take == nil {
		return nil
	}
	return r.Take(bytes)
}

// input is the request with the bounds for reading it.
func (j *job) input(ctx context.Context) apirequest.Raw {
	raw := j.raw.http()
	raw.Budget = apirequest.Budget{Take: j.raw.Take, Stopped: func() error { return exec.Stopped(ctx) }}
	return raw
}

// recall reports whether the plan cache had an entry; the job is then as far as SQL.
func (j *job) recall() bool {
	raw := j.raw.http()
	j.key = plancache.KeyOf(raw, j.raw.Role)
	entry := j.plans.Find(j.cache, &j.key)
	if entry == nil {
		return false
	}
	j.Built, j.cached = entry.Build(&j.key, raw, query.Caller{Claims: j.raw.Claims, Subject: j.raw.Subject}), true
	return true
}

// remember keeps the plan of a job that went well.
func (j *job) remember() {
	if !j.cached {
		j.plans.Add(j.cache, &j.key, j.raw.http(), j.Built, j.build)
	}
}

// build takes a request without a body of rows as far as SQL.
func (j *job) build(raw apirequest.Raw) (b plancache.Built, err error) {
	if b.Request, err = apirequest.Parse(raw, j.requestOptions()); err != nil {
		return b, err
	}
	if b.Plan, err = plan.Build(j.planOptions(), b.Request, j.cache); err != nil {
		return b, err
	}
	b.Script = query.Build(j.queryOptions(j.assemble), j.caller(), b.Request, b.Plan)
	return b, nil
}

// caller is the role that the request runs as, with its settings.
func (j *job) caller() query.Caller {
	role := j.cache.Role(j.raw.Role)
	return query.Caller{
		Role: j.raw.Role, Claims: j.raw.Claims, Subject: j.raw.Subject, Authenticated: j.raw.Role != j.AnonRole,
		Settings: j.roleSettings(j.raw.Role, role.Settings), Isolation: role.Isolation,
	}
}

// respond makes the response of the results.
func (j *job) respond(results []query.Result) (*response.Response, error) {
	switch {
	case j.Plan.Kind != plan.Describe:
		return response.Read(j.responseOptions(), j.Request, j.Plan, j.Script, results)
	case j.Plan.HeadersOnly:
		return response.Described(j.Request, j.Plan, nil), nil
	default:
		document, err := openapi.Describe(j.describeOptions(), j.cache, j.Plan.Schema, results)
		return response.Described(j.Request, j.Plan, document), err
	}
}

// finish adds the headers that every successful answer carries.
func (j *job) finish(r *response.Response) *Response {
	j.clock.Lap(stage.Render)
	timing := ""
	if j.ServerTiming {
		timing = j.clock.Taken.Header()
	}
	r.Finish(j.responseOptions(), j.Plan, timing)
	return &Response{Status: r.Status, Reason: r.Reason, Header: r.Header, Body: r.Body, Rest: r.Rest, Rows: r.Rows}
}
