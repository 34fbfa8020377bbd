package postgrest

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/romashka/sidecar/internal/postgrest/answer"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/plancache"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/replica"
	"github.com/romashka/sidecar/internal/postgrest/response"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
	"github.com/romashka/sidecar/internal/postgrest/stage"
	"github.com/romashka/sidecar/internal/postgrest/stream"
)

// Runner runs one request's statements in one transaction; exec.Executor satisfies it.
type Runner interface {
	Run(ctx context.Context, s *query.Script, check query.Check) ([]query.Result, error)
	Open(ctx context.Context, s *query.Script) (*exec.Cursor, error)
}

// Deps are the parts that an Engine works with.
type Deps struct {
	// Cache returns the schema cache in force, nil before the first is loaded.
	Cache  func() *schemacache.Cache
	Runner Runner
	// For returns what stands in for Runner for one client, as by reads on
	// replicas; nil = Runner serves all alike.
	For func(replica.Client) Runner
	// Answers is the budget that Runner takes memory of, and streams; nil = no
	// limits.
	Answers *answer.Memory
	// Stale is called on errors that a schema cache older than the database would
	// explain; nil to ignore them. It must not block.
	Stale  func()
	Logger *slog.Logger
}

// Engine answers requests. It is safe for concurrent use.
type Engine struct {
	deps  Deps
	state atomic.Pointer[state]
}

// state is replaced by Configure: plans are made with settings, and kept as
// long as these.
type state struct {
	*Settings
	plans plancache.Cache
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
func (e *Engine) Configure(s *Settings) { e.state.Store(&state{Settings: s}) }

// Serve answers req. It never returns nil; an error is already a response.
func (e *Engine) Serve(ctx context.Context, req *Request) *Response {
	j := &job{state: e.state.Load(), cache: e.deps.Cache(), raw: req, clock: stage.Start(req.AuthTime), assemble: true, runner: e.deps.Runner}
	if e.deps.For != nil {
		j.runner = e.deps.For(req.Client)
	}
	defer func() { e.deps.Answers.Give(j.held) }() // of an answer that there will not be
	out, err := e.answer(ctx, j)
	if err != nil {
		out = e.failed(ctx, j, err)
	}
	out.Taken = j.clock.Taken
	return out
}

// answer takes a request through the stages: parse, plan, query, exec, respond.
func (e *Engine) answer(ctx context.Context, j *job) (_ *Response, err error) {
	if j.cache == nil {
		return nil, apierr.NoSchemaCache()
	}
	if !j.recall() {
		raw := j.input(ctx)
		if j.Request, err = apirequest.Parse(raw, j.requestOptions()); err != nil {
			return nil, err
		}
		j.clock.Lap(stage.Parse)
		if j.Plan, err = plan.Build(j.planOptions(), j.Request, j.cache); err != nil {
			return nil, err
		}
		err = j.Request.Payload.Rows.Read(raw.Budget)
		j.clock.Lap(stage.Plan)
		if err != nil {
			return nil, err
		}
	}
	if j.Plan.IsInfo() {
		return j.finish(response.Info(j.Plan)), nil
	}

	if !j.cached {
		j.Script = query.Build(j.queryOptions(j.assemble), j.caller(), j.Request, j.Plan)
	}
	j.clock.Lap(stage.Query)
	if err := j.raw.take(j.Script.Size()); err != nil { // values take that once more when they are sent
		return nil, err
	}
	if j.Script.Streams {
		return e.stream(ctx, j)
	}

	results, err := j.runner.Run(ctx, j.Script, response.Check(j.Request, j.Plan))
	if errors.Is(err, exec.ErrNotAssembled) {
		results, err = e.runWhole(ctx, j)
	}
	j.clock.Lap(stage.Database)
	if err != nil {
		return nil, err
	}
	j.held = results[0].Held

	built, err := j.respond(results)
	if err != nil {
		return nil, err
	}
	j.remember()
	out := j.finish(built)
	out.Held, j.held = j.held, 0
	return out, nil
}

// runWhole runs the script anew, with the JSON made by PostgreSQL.
func (e *Engine) runWhole(ctx context.Context, j *job) ([]query.Result, error) {
	var err error
	if j.assemble = false; j.cached { // its plan has the values of another request
		j.cached = false
		j.Built, err = j.build(j.input(ctx))
	} else {
		j.Script = query.Build(j.queryOptions(false), j.caller(), j.Request, j.Plan)
	}
	if err != nil {
		return nil, err
	}
	return j.runner.Run(ctx, j.Script, response.Check(j.Request, j.Plan))
}

// stream is the end of answer for rows that are sent as they come.
func (e *Engine) stream(ctx context.Context, j *job) (*Response, error) {
	rows, err := stream.Open(ctx, j.runner, j.Script, j.Plan)
	j.clock.Lap(stage.Database)
	if err != nil {
		return nil, err
	}
	built, err := rows.Answer(j.responseOptions(), j.Request, j.Plan, e.deps.Answers)
	if err != nil {
		return nil, err
	}
	j.remember()
	out := j.finish(built.Response)
	out.Stream, out.Holds, out.Held = built.Send, built.Holds, built.Held
	return out, nil
}

// failed is the response to an error. One that is no client's error is a fault
// of ours: its text goes to the log alone.
func (e *Engine) failed(ctx context.Context, j *job, err error) *Response {
	known, ok := errors.AsType[*apierr.Error](err)
	if !ok {
		e.deps.Logger.LogAttrs(ctx, slog.LevelError, "request failed", slog.String("error", err.Error()))
		known = apierr.Internal()
	}
	if e.deps.Stale != nil && known.SuggestsStaleCache() {
		e.deps.Stale()
	}
	if j.ClientErrors {
		known = known.BlameClient(j.raw.RawQuery != "" || len(j.raw.Body) > 0)
	}
	known = j.Names.Apply(j.nameTimeout(known, j))
	r := response.Error(known, j.Verbosity)
	return &Response{Status: r.Status, Reason: r.Reason, Header: r.Header, Body: r.Body, Code: known.Code}
}
