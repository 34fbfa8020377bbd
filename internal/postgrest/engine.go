package postgrest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"

	"github.com/romashka/sidecar/internal/postgrest/answer"
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
	// Answers is the budget that Runner takes memory of, and streams; nil = no
	// limits.
	Answers *answer.Memory
	// Stale is told of errors that a picture older than the database would
	// explain; nil to ignore them. It must not block.
	Stale  func()
	Logger *slog.Logger
}

// Engine answers requests. It is safe for concurrent use.
type Engine struct {
	deps     Deps
	settings atomic.Pointer[Settings]
	memory   memory
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

// job is one request on its way through the stages.
type job struct {
	settings *Settings
	cache    *schemacache.Cache
	raw      *Request
	clock    *laps

	shape    shape // its key is nil where it has none
	recalled bool  // what follows was made of a memo
	request  *apirequest.Request
	plan     *plan.Plan // of a recalled job: of its shape, but with another's values
	script   *query.Script

	held  int64       // bytes of the memory for answers that the results take
	holds func() bool // of a stream
}

// parts are the raw request as the stages take it.
func (r *Request) parts(ctx context.Context) apirequest.Raw {
	return apirequest.Raw{
		Method: r.Method, Path: r.Path, RawQuery: r.RawQuery, Header: r.Header, Body: r.Body,
		Budget: apirequest.Budget{Take: r.Take, Stopped: func() error { return stopped(ctx) }},
	}
}

// stopped says the end of ctx in the client's words.
func stopped(ctx context.Context) error {
	switch {
	case ctx.Err() == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return apierr.Timeout()
	default:
		return apierr.Canceled()
	}
}

// serve is the way of one request, stage by stage.
func (e *Engine) serve(ctx context.Context, s *Settings, raw *Request, clock *laps) (*Response, error) {
	j := &job{settings: s, cache: e.deps.Cache(), raw: raw, clock: clock}
	if j.cache == nil {
		return nil, apierr.NoSchemaCache()
	}
	defer func() { e.deps.Answers.Give(j.held) }() // of an answer that there will not be
	if !e.recall(j) {
		if err := j.prepare(ctx); err != nil {
			return nil, err
		}
	}
	built, send, err := e.carryOut(ctx, j)
	if err != nil {
		clock.lap(StageTransaction)
		return nil, s.nameTimeout(s.blame(err, raw), raw.Role)
	}
	out := s.finish(built, j.plan, clock)
	out.Stream, out.Holds, out.Held = send, j.holds, j.held
	j.held = 0
	return out, nil
}

// prepare parses and plans the request. A body of rows is read only where the
// plan has a place for them.
func (j *job) prepare(ctx context.Context) (err error) {
	raw := j.raw.parts(ctx)
	if j.request, err = apirequest.Parse(raw, j.settings.requestOptions()); err != nil {
		return err
	}
	j.clock.lap(StageParse)
	if j.plan, err = plan.Build(j.settings.planOptions(), j.request, j.cache); err != nil {
		return err
	}
	if rows := j.request.Payload.Rows; rows != nil {
		err = rows.Read(raw.Budget)
	}
	j.clock.lap(StagePlan)
	return err
}

// caller is who the request runs as.
func (j *job) caller() query.Caller {
	role := j.cache.Role(j.raw.Role)
	return query.Caller{
		Role: j.raw.Role, Claims: j.raw.Claims, Authenticated: j.raw.Role != j.settings.AnonRole,
		Settings: j.settings.roleSettings(j.raw.Role, role.Settings), Isolation: role.Isolation,
	}
}

// carryOut runs the plan and makes the response of its result. send is not nil
// when the body is to be streamed.
func (e *Engine) carryOut(ctx context.Context, j *job) (built *response.Response, send func(io.Writer) error, err error) {
	switch j.plan.Kind {
	case plan.InfoRelation, plan.InfoRoutine, plan.InfoSchema:
		j.clock.lap(StageTransaction)
		return response.Info(j.plan), nil, nil
	default:
	}
	options := j.settings.queryOptions()
	options.Assemble = true
	if j.script == nil {
		j.script = query.Build(options, j.caller(), j.request, j.plan)
	}
	j.clock.lap(StageQuery)
	if err := j.takeScript(); err != nil {
		return nil, nil, err
	}
	built, send, err = e.run(ctx, j)
	if errors.Is(err, exec.ErrNotAssembled) {
		options.Assemble = false
		if err := j.rebuild(ctx, options); err != nil {
			return nil, nil, err
		}
		built, send, err = e.run(ctx, j)
	}
	if err == nil {
		e.remember(j, options)
	}
	return built, send, err
}

// takeScript reserves what the script's values take once more when they are sent.
func (j *job) takeScript() error {
	if j.raw.Take == nil {
		return nil
	}
	size := 0
	for i := range j.script.Main {
		size += j.script.Main[i].Size()
	}
	return j.raw.Take(size)
}

// rebuild writes the script anew. What was recalled is of no use for that: its
// plan has the values of another request.
func (j *job) rebuild(ctx context.Context, o query.Options) error {
	if j.recalled {
		j.recalled = false
		if err := j.prepare(ctx); err != nil {
			return err
		}
	}
	j.script = query.Build(o, j.caller(), j.request, j.plan)
	return nil
}

// run runs the script in the way that its plan asks for.
func (e *Engine) run(ctx context.Context, j *job) (built *response.Response, send func(io.Writer) error, err error) {
	switch {
	case j.plan.Kind == plan.Describe:
		built, err = e.describe(ctx, j)
	case j.script.Streams:
		return e.stream(ctx, j)
	case j.script.Assembled():
		built, err = e.assembled(ctx, j)
	default:
		built, err = e.crud(ctx, j)
	}
	return built, nil, err
}

// results runs the script, and keeps account of the memory that its results take.
func (e *Engine) results(ctx context.Context, j *job, judge exec.Judge) ([]exec.Result, error) {
	results, err := e.deps.Runner.Run(ctx, j.script, judge)
	if err != nil {
		return nil, err
	}
	j.clock.lap(StageTransaction)
	if len(results) > 0 {
		j.held += results[0].Held
	}
	return results, nil
}

// assembled runs a read whose rows are made JSON on this side.
// Errors: exec.ErrNotAssembled where that cannot be.
func (e *Engine) assembled(ctx context.Context, j *job) (*response.Response, error) {
	results, err := e.results(ctx, j, nil)
	if err != nil {
		return nil, err
	}
	rows := response.Assembled(results[0].JSON, results[0].Count, results[1].Rows[0])
	rows.Rest = results[0].Rest
	if j.plan.Handler.Kind == plan.JSONObject {
		if err := singular(j.plan, rows); err != nil {
			return nil, err
		}
		rows.Element()
	}
	return response.Build(j.settings.responseOptions(), j.request, j.plan, rows)
}

// crud runs a read, write or call whose body PostgreSQL makes whole.
func (e *Engine) crud(ctx context.Context, j *job) (*response.Response, error) {
	s, req, p := j.settings, j.request, j.plan
	results, err := e.results(ctx, j, judgeOf(req, p))
	if err != nil {
		return nil, err
	}
	if p.Explain() {
		return response.Explained(req, p, results[0].Rows), nil
	}
	rows, err := response.ReadRows(results[0].Rows)
	if err != nil {
		return nil, err
	}
	rows.Rest = results[0].Rest
	if len(results) > 1 {
		rows.Total = estimated(s, req, rows.Total, results[1:])
	}
	if err := singular(p, rows); p.ReadOnly && err != nil {
		return nil, err
	}
	return response.Build(s.responseOptions(), req, p, rows)
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
	return &Response{Status: r.Status, Reason: r.Reason, Header: r.Header, Body: r.Body, Rest: r.Rest, Rows: r.Rows}
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
