package postgrest_test

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/catalog"
	"github.com/romashka/sidecar/internal/postgrest/exec"
)

// patience bounds everything that a test waits for.
const patience = time.Minute

// deployment is the setup of a service.
type deployment struct {
	engine     postgrest.Settings
	auth       auth.Options
	server     server.Settings
	limits     server.Options // of it, the limits alone
	unprepared bool           // statements
	pooler     string         // URL that requests go to; "" is the database's
	log        io.Writer      // nil to drop
}

// service is the engine behind its edge on a real port, put together as the
// binary does it.
type service struct {
	address  string // host:port
	reloader *catalog.Reloader
	engine   *postgrest.Engine
}

// serve starts a service over the database; it ends with the test.
func serve(t testing.TB, dbURL string, d deployment) *service {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	if d.log != nil {
		log = slog.New(slog.NewTextHandler(d.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	ln, err := server.Listen(t.Context(), server.Address{Host: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	d.engine.OpenAPI.Host, d.engine.OpenAPI.Port = "127.0.0.1", ln.Addr().(*net.TCPAddr).Port
	reloader := schemaCache(t, dbURL, d.engine, log)
	engine := newEngine(t, newRunner(t, cmp.Or(d.pooler, dbURL), d.unprepared), reloader, d.engine, log)
	authenticator, err := auth.New(d.auth)
	if err != nil {
		t.Fatal(err)
	}
	o := d.limits
	o.Engine, o.Auth, o.Logger, o.Settings = engine, authenticator, log, d.server
	s, err := server.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shut down: %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return &service{address: ln.Addr().String(), reloader: reloader, engine: engine}
}

// patient lets the roles of a bootstrapped server wait for a busy machine; at
// Supabase, and there, anon has three seconds.
func patient() map[string]time.Duration {
	return map[string]time.Duration{"anon": patience, "authenticated": patience, "service_role": patience}
}

// schemaCache loads the schema cache; it is kept until the end of the test.
func schemaCache(t testing.TB, dbURL string, s postgrest.Settings, log *slog.Logger) *catalog.Reloader {
	t.Helper()
	r, err := catalog.NewReloader(catalog.Settings{Connect: pgtest.Connector(dbURL), Logger: log, Options: catalog.Options{
		Schemas: s.Schemas, ExtraSearchPath: s.ExtraSearchPath,
		HoistedSettings: []string{"statement_timeout", "plan_filter.statement_cost_limit", "default_transaction_isolation"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	loading, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { r.Run(loading) })
	t.Cleanup(func() { stop(); work.Wait() })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := r.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	return r
}

func newRunner(t testing.TB, dbURL string, unprepared bool) *exec.Executor {
	t.Helper()
	c, err := pgxpool.ParseConfig(dbURL)
	if err != nil {
		t.Fatal(err)
	}
	c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	c.ConnConfig.ConnectTimeout = 5 * time.Second
	exec.Guard(c)
	pool, err := pgxpool.NewWithConfig(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	e, err := exec.New(pool, exec.Options{Unprepared: unprepared, AcquireTimeout: patience})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func newEngine(t testing.TB, runner postgrest.Runner, r *catalog.Reloader, s postgrest.Settings, log *slog.Logger) *postgrest.Engine {
	t.Helper()
	s.Names = server.Names()
	e, err := postgrest.New(postgrest.Deps{Cache: r.Cache, Runner: runner, Logger: log}, &s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// loading is held while a fixture makes its roles: they are the server's, which
// refuses two who change one at a time.
var loading sync.Mutex

// database makes one of its own and runs the SQL of a file of testdata in it.
// It returns the URL of the role that serves. Lines for psql are left out.
func database(t testing.TB, file ...string) (dbURL string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{"testdata"}, file...)...))
	if err != nil {
		t.Fatal(err)
	}
	owner := pgtest.Database(t)
	var statements strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, `\`) {
			statements.WriteString(line)
		}
	}
	if pgtest.Major(t, owner) < 15 { // has no such views: they run as their owner
		text := strings.ReplaceAll(statements.String(), "with (security_invoker = true)", "")
		statements.Reset()
		statements.WriteString(text)
	}
	conn := pgtest.Conn(t, owner)
	loading.Lock()
	defer loading.Unlock()
	if _, err := conn.PgConn().Exec(t.Context(), statements.String()).ReadAll(); err != nil {
		t.Fatalf("load %v: %v", file, err)
	}
	return pgtest.As(t, owner, "authenticator")
}
