package postgrest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/response"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// Runner runs one request's statements in one transaction; exec.Executor satisfies it.
type Runner interface {
	Run(ctx context.Context, s *query.Script, judge exec.Judge) ([]exec.Result, error)
	Open(ctx context.Context, s *query.Script) (*exec.Cursor, error)
}

// Deps are what an Engine works with.
type Deps struct {
	// Cache returns the picture in force, nil before the first is loaded.
	Cache  func() *schemacache.Cache
	Runner Runner
	// Stale is told of errors that a picture older than the database would
	// explain; nil to ignore them. It must not block.
	Stale  func()
	Logger *slog.Logger
}

// Engine answers requests. It is safe for concurrent use.
type Engine struct {
	deps     Deps
	settings atomic.Pointer[Settings]
}

// New returns an engine with the settings s.
func New(d Deps, s *Settings) (*Engine, error) {
	if d.Cache == nil || d.Runner == nil || d.Logger == nil {
		return nil, errors.New("postgrest: Cache, Runner and Logger are required")
	}
	if s == nil || len(s.Schemas) == 0 {
		return nil, errors.New("postgrest: a schema is required")
	}
	e := &Engine{deps: d}
	e.Configure(s)
	return e, nil
}

// Configure replaces the settings; requests under way keep theirs.
func (e *Engine) Configure(s *Settings) { e.settings.Store(s) }

// Serve answers req. It never returns nil; an error is already a response.
func (e *Engine) Serve(ctx context.Context, req *Request) *Response {
	s := e.settings.Load()
	clock := stopwatch(req.AuthTime)
	r, err := e.serve(ctx, s, req, &clock)
	if err != nil {
		r = e.failed(ctx, s, err)
	}
	r.Taken = clock.taken
	return r
}

// serve is the way of one request, stage by stage.
func (e *Engine) serve(ctx context.Context, s *Settings, raw *Request, clock *laps) (*Response, error) {
	cache := e.deps.Cache()
	if cache == nil {
		return nil, apierr.NoSchemaCache()
	}
	req, err := apirequest.Parse(apirequest.Raw{
		Method: raw.Method, Path: raw.Path, RawQuery: raw.RawQuery, Header: raw.Header, Body: raw.Body,
	}, s.requestOptions())
	if err != nil {
		return nil, err
	}
	clock.lap(StageParse)
	p, err := plan.Build(s.planOptions(), req, cache)
	if err != nil {
		return nil, err
	}
	clock.lap(StagePlan)
	answer, send, err := e.carryOut(ctx, s, raw, req, p, cache, clock)
	if err != nil {
		clock.lap(StageTransaction)
		return nil, blame(err, raw)
	}
	out := s.finish(answer, p, clock)
	out.Stream = send
	return out, nil
}

// carryOut runs the plan and makes the response of its result. send is not nil
// when the body is to be streamed.
func (e *Engine) carryOut(ctx context.Context, s *Settings, raw *Request, req *apirequest.Request, p *plan.Plan, cache *schemacache.Cache, clock *laps) (answer *response.Response, send func(io.Writer) error, err error) {
	switch p.Kind {
	case plan.InfoRelation, plan.InfoRoutine, plan.InfoSchema:
		clock.lap(StageTransaction)
		return response.Info(p), nil, nil
	default:
	}
	role := cache.Role(raw.Role)
	caller := query.Caller{
		Role: raw.Role, Claims: raw.Claims, Authenticated: raw.Role != s.AnonRole,
		Settings: s.roleSettings(raw.Role, role.Settings), Isolation: role.Isolation,
	}
	options := s.queryOptions()
	options.Assemble = true
	script := query.Build(options, caller, req, p)
	if script.Assembled() {
		answer, err = e.assembled(ctx, s, script, req, p, clock)
		if !errors.Is(err, exec.ErrNotAssembled) {
			return answer, nil, err
		}
		script = query.Build(s.queryOptions(), caller, req, p)
	}
	switch {
	case p.Kind == plan.Describe:
		answer, err = e.describe(ctx, s, script, req, p, cache, clock)
	case script.Streams:
		return e.stream(ctx, s, script, req, p, clock)
	default:
		answer, err = e.crud(ctx, s, script, req, p, clock)
	}
	return answer, nil, err
}

// assembled runs a read whose rows are made JSON on this side.
// Errors: exec.ErrNotAssembled where that cannot be.
func (e *Engine) assembled(ctx context.Context, s *Settings, script *query.Script, req *apirequest.Request, p *plan.Plan, clock *laps) (*response.Response, error) {
	results, err := e.deps.Runner.Run(ctx, script, nil)
	if err != nil {
		return nil, err
	}
	clock.lap(StageTransaction)
	rows := response.Assembled(results[0].JSON, results[0].Count, results[1].Rows[0])
	if p.Handler.Kind == plan.JSONObject {
		if err := singular(p, rows); err != nil {
			return nil, err
		}
		rows.Body = rows.Body[1 : len(rows.Body)-1] // the one element
	}
	return response.Build(s.responseOptions(), req, p, rows)
}

// crud runs a read, write or call whose body PostgreSQL makes whole.
func (e *Engine) crud(ctx context.Context, s *Settings, script *query.Script, req *apirequest.Request, p *plan.Plan, clock *laps) (*response.Response, error) {
	results, err := e.deps.Runner.Run(ctx, script, judgeOf(req, p))
	if err != nil {
		return nil, err
	}
	clock.lap(StageTransaction)
	if p.Explain() {
		return response.Explained(req, p, results[0].Rows), nil
	}
	rows, err := response.ReadRows(results[0].Rows)
	if err != nil {
		return nil, err
	}
	if req.Preferences.Count.Explain() && len(results) > 1 {
		rows.Total = estimated(s, req, rows.Total, response.Estimate(results[1].Rows))
	}
	if err := singular(p, rows); p.ReadOnly && err != nil {
		return nil, err
	}
	return response.Build(s.responseOptions(), req, p, rows)
}

// estimated is the total to show: the planner's, or for count=estimated the
// exact one as long as it is no larger than a page may be.
func estimated(s *Settings, req *apirequest.Request, exact, planned *int64) *int64 {
	if req.Preferences.Count == apirequest.CountPlanned {
		return planned
	}
	if exact == nil || planned == nil || s.HasMaxRows && *exact <= s.MaxRows {
		return exact
	}
	if *planned > *exact {
		return planned
	}
	return exact
}

// finish adds what every successful answer carries.
func (s *Settings) finish(r *response.Response, p *plan.Plan, clock *laps) *Response {
	clock.lap(StageResponse)
	if s.ServerTiming {
		r.Header = append(r.Header, Field{Name: "Server-Timing", Value: clock.header()})
	}
	if warning := legacyWarning(s, p); warning != "" {
		r.Header = append(r.Header, Field{Name: "Warning", Value: warning})
	}
	if !r.Has("Vary") {
		r.Header = append(r.Header, Field{Name: "Vary", Value: "Accept, Prefer, Range"})
	}
	return &Response{Status: r.Status, Reason: r.Reason, Header: r.Header, Body: r.Body, Rows: r.Rows}
}

// failed is the response to an error. One that is no client's error is a fault
// of ours: its text goes to the log alone.
func (e *Engine) failed(ctx context.Context, s *Settings, err error) *Response {
	known, ok := errors.AsType[*apierr.Error](err)
	if !ok {
		e.deps.Logger.LogAttrs(ctx, slog.LevelError, "request failed", slog.String("error", err.Error()))
		known = apierr.Internal()
	}
	if e.deps.Stale != nil && suggestsStale(known.Code) {
		e.deps.Stale()
	}
	r := response.Error(known, s.Verbosity)
	return &Response{Status: r.Status, Reason: r.Reason, Header: r.Header, Body: r.Body, Code: known.Code}
}

// suggestsStale: the database and the picture disagree, or a name that was
// just made is not yet in the picture.
func suggestsStale(code string) bool {
	switch code {
	case "42P01", "42703", "42883", "PGRST200", "PGRST202", "PGRST204", "PGRST205":
		return true
	default:
		return false
	}
}
