package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/dashboard"
	"github.com/romashka/sidecar/internal/edge/apilog"
	"github.com/romashka/sidecar/internal/edge/gateway"
	"github.com/romashka/sidecar/internal/edge/limit"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/edge/welcome"
	"github.com/romashka/sidecar/internal/platform/jobs"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/platform/otlp"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/answer"
	"github.com/romashka/sidecar/internal/postgrest/catalog"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/stage"
	"github.com/romashka/sidecar/internal/security/respond"
	"github.com/romashka/sidecar/internal/security/session"
)

// Options are the parts of an App beside its settings.
type Options struct {
	Version string
	LogTo   io.Writer // os.Stderr when nil
	Memory  int64     // bytes that the process may have, see [LimitMemory]; 0 = not known
	// Listening is called once, as soon as the servers listen, before the first
	// request is served.
	Listening func(Addresses)
	Mounts    []server.Mount // other prefixes of the API port, such as the development sign-in
	SignIn    http.Handler   // of /auth/v1, in place of the project's
	Unserved  string         // what helps where nothing serves a path of the project; "" = to name the project
	Welcome   *welcome.Dev   // shown to every browser at the API's root
}

// Addresses are where the servers listen; Admin is nil without an admin server.
type Addresses struct {
	API, Admin net.Addr
}

// App is one sidecar.
type App struct {
	o        Options
	log      *slog.Logger
	level    *slog.LevelVar
	settings atomic.Pointer[config.Config] // in force

	pool      *pgxpool.Pool
	ignored   []string // parameters of other programs in db-uri, by name
	pooled    bool     // db-uri says that it leads to a pooler
	auth      *auth.Authenticator
	engine    *postgrest.Engine
	executor  *exec.Executor
	replicas  replicas
	answers   *answer.Memory
	reloader  *catalog.Reloader
	loading   service.Loop // of reloader
	telling   service.Loop // of the schema's release
	gateway   *gateway.Gateway
	server    *server.Server
	metrics   *observe.Metrics
	apiLog    *apilog.Writer  // nil when none is written
	logExport *otlp.Exporter  // nil when none is sent
	logSalt   []byte          // of the hashes that both write
	sessions  *session.Watch  // nil when they cannot be written down
	blocks    *respond.List   // nil when it cannot be read
	jobs      *jobs.Runner    // nil when no jobs are run
	limiter   *limit.Limiter  // nil without limits
	shared    *limit.Shared   // nil where limits count in this process alone
	tracer    *observe.Tracer // nil without traces
	factors   secondFactors
	realtime  live
	dashboard *dashboard.Dashboard // nil without pages
	welcome   *welcome.Page        // nil without Supabase
	port      atomic.Int64         // that the API listens on; 0 = none, or not yet

	served     atomic.Bool // a first schema cache was there
	configured bool        // settings of the database were read; of the reloader's goroutine alone
	failed     chan error  // capacity 1: why the App cannot go on
}

// New builds the parts. It does no I/O: nothing runs and nothing is connected
// before [App.Run]. Its errors are one line each and hold no secret.
func New(cfg config.Config, o Options) (*App, error) {
	a := &App{o: o, level: new(slog.LevelVar), metrics: observe.NewMetrics(stage.Names()...), failed: make(chan error, 1)}
	a.settings.Store(&cfg)
	a.level.Set(observe.ParseLevel(string(cfg.Log.Level)))
	a.log = observe.NewLogger(observe.LogOptions{
		Writer: cmp.Or[io.Writer](o.LogTo, os.Stderr), Level: a.level, JSON: cfg.Log.Format == config.LogJSON,
	})
	if err := a.build(cfg); err != nil {
		if a.pool != nil {
			a.pool.Close()
		}
		a.replicas.close()
		a.factors.close()
		a.realtime.close()
		return nil, err
	}
	return a, nil
}

func (a *App) build(cfg config.Config) error {
	var err error
	if a.pool, err = a.newPool(cfg); err != nil {
		return err
	}
	if a.auth, err = auth.New(authOptions(cfg, a.log)); err != nil {
		return err
	}
	if a.reloader, err = a.newReloader(cfg); err != nil {
		return err
	}
	a.answers = answerMemory(cfg)
	a.executor, err = exec.New(a.pool, exec.Options{
		Unprepared: cfg.DB.Statements == config.Unnamed, Prepared: cfg.DB.Statements == config.Prepared, Pooled: a.pooled,
		OnPooler:       func() { a.tellPooler(cfg, "process ids of the database differ from those that connections were given") },
		AcquireTimeout: cfg.DB.PoolTimeout, Answers: a.answers,
	})
	if err != nil {
		return err
	}
	if err := a.buildReplicas(cfg); err != nil {
		return err
	}
	a.engine, err = postgrest.New(postgrest.Deps{
		Cache: a.reloader.Cache, Runner: a.executor, For: a.runnerFor(), Answers: a.answers, Stale: a.reloader.NoticeStale, Logger: a.log,
	}, a.engineSettings(cfg))
	if err != nil {
		return err
	}
	if err := a.buildBackground(cfg); err != nil {
		return err
	}
	if a.gateway, err = a.newGateway(cfg); err != nil {
		return err
	}
	if err := a.buildTwoFactor(cfg); err != nil {
		return err
	}
	if err := a.buildDashboard(cfg); err != nil {
		return err
	}
	if err := a.buildWelcome(cfg); err != nil {
		return err
	}
	if err := a.buildRealtime(cfg); err != nil {
		return err
	}
	if a.server, err = server.New(a.serverOptions(cfg)); err != nil {
		return err
	}
	return a.metrics.Add(a.samples)
}

// Run serves until ctx ends, and then finishes the work under way. It returns
// nil after a clean stop. It may be called once.
func (a *App) Run(ctx context.Context) error {
	defer a.pool.Close()
	defer a.replicas.close()
	defer a.factors.close()
	defer a.realtime.close()
	cfg := *a.settings.Load()
	api, err := server.Listen(ctx, apiAddress(cfg))
	if err != nil {
		return err
	}
	admin, err := listenAdmin(ctx, cfg)
	if err != nil {
		return errors.Join(err, api.Close())
	}
	a.tellConnection(ctx, cfg)
	a.listening(api, admin)
	closeAdmin := a.serveAdmin(admin)

	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	if err := a.start(work); err != nil {
		return errors.Join(err, api.Close(), closeAdmin())
	}
	served := make(chan error, 1)
	go func() { served <- a.server.Serve(api) }()
	err = a.wait(ctx, served)
	err = errors.Join(err, a.stop(work, cfg), closeAdmin())
	a.log.Log(work, observe.LevelNotice, "stopped")
	return err
}

// start starts the services that requests need.
func (a *App) start(ctx context.Context) error {
	if err := a.auth.Start(ctx); err != nil {
		return fmt.Errorf("start key refresh: %w", err)
	}
	if err := a.loading.Start(ctx, a.reloader.Run); err != nil {
		a.auth.Stop()
		return fmt.Errorf("start schema cache: %w", err)
	}
	if err := a.telling.Start(ctx, a.tellRelease); err != nil {
		return fmt.Errorf("start the look at the schema's release: %w", err)
	}
	if err := a.replicas.start(ctx); err != nil {
		return err
	}
	if err := a.factors.start(ctx); err != nil {
		return err
	}
	if err := a.realtime.start(ctx); err != nil {
		return err
	}
	return a.startBackground(ctx)
}

// wait waits for the end: asked for, or forced.
func (a *App) wait(ctx context.Context, served <-chan error) error {
	select {
	case <-ctx.Done():
		a.log.Log(ctx, observe.LevelNotice, "stopping", slog.Int64("in_flight", a.metrics.InFlight()))
		return a.drain(served)
	case err := <-served:
		return err
	case err := <-a.failed:
		return err
	}
}

// drain serves on for a while, not ready any more: until load balancers have
// seen that, they send new connections, which must not be refused.
func (a *App) drain(served <-chan error) error {
	a.server.Drain()
	delay := time.NewTimer(a.settings.Load().Server.ShutdownDelay)
	defer delay.Stop()
	select {
	case <-delay.C:
		return nil
	case err := <-served:
		return err
	case err := <-a.failed:
		return err
	}
}

// stop stops in reverse: first who asks, then who answers.
func (a *App) stop(ctx context.Context, cfg config.Config) error {
	a.server.Drain()
	if a.dashboard != nil {
		a.dashboard.Stop() // its streams would last as long as browsers
	}
	finish, cancel := context.WithTimeout(ctx, cfg.Server.ShutdownTimeout)
	defer cancel()
	err := a.server.Shutdown(finish)
	a.gateway.Close()
	a.realtime.stop()
	a.stopBackground(ctx)
	a.factors.stop()
	a.telling.Stop()
	a.loading.Stop()
	a.auth.Stop()
	if errors.Is(err, context.DeadlineExceeded) {
		a.log.Log(ctx, observe.LevelNotice, "requests were canceled: they took longer than romashka-shutdown-timeout")
		return nil
	}
	return err
}

// fail ends Run with err.
func (a *App) fail(err error) {
	select {
	case a.failed <- err:
	default: // it is failing already
	}
}

func (a *App) listening(api, admin net.Listener) {
	at := Addresses{API: api.Addr()}
	if tcp, ok := at.API.(*net.TCPAddr); ok {
		a.port.Store(int64(tcp.Port))
		a.engine.Configure(a.engineSettings(*a.settings.Load()))
	}
	attrs := []any{slog.String("version", a.o.Version), slog.String("api", at.API.String())}
	if admin != nil {
		at.Admin = admin.Addr()
		attrs = append(attrs, slog.String("admin", at.Admin.String()))
	}
	a.log.Log(context.Background(), observe.LevelNotice, "listening", attrs...)
	if a.o.Listening != nil {
		a.o.Listening(at)
	}
}

// Wait returns when the first requests can be served, or with ctx's error.
func (a *App) Wait(ctx context.Context) error { return a.reloader.Wait(ctx) }

// ReloadSchema asks for a new schema cache (PostgREST's SIGUSR1).
func (a *App) ReloadSchema() { a.reloader.Reload() }

// ReloadConfig reads file and database settings again (PostgREST's SIGUSR2).
func (a *App) ReloadConfig() { a.reloader.ReloadConfig() }

// InFlight is the number of requests under way.
func (a *App) InFlight() int64 { return a.metrics.InFlight() }

// Loads counts the schema caches that were loaded.
func (a *App) Loads() int64 { return a.reloader.Stats().Loads }
