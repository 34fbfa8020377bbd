package catalog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
	"github.com/romashka/sidecar/internal/postgrest/catalog"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
	"github.com/romashka/sidecar/internal/proof/faultproxy"
)

// patience is how long a test waits for an event that must happen.
const patience = 30 * time.Second

// watched is a started Reloader whose schema caches come through a channel.
type watched struct {
	*catalog.Reloader
	loop  service.Loop
	t     *testing.T
	loads chan *schemacache.Cache
}

func start(t *testing.T, s catalog.Settings) *watched {
	t.Helper()
	w := &watched{t: t, loads: make(chan *schemacache.Cache, 100)}
	s.OnLoad = func(c *schemacache.Cache) { w.loads <- c }
	if s.Logger == nil {
		s.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	r, err := catalog.NewReloader(s)
	if err != nil {
		t.Fatal(err)
	}
	w.Reloader = r
	if err := w.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return w
}

// Start and Stop are those of the app.
func (w *watched) Start(ctx context.Context) error { return w.loop.Start(ctx, w.Run) }
func (w *watched) Stop()                           { w.loop.Stop() }

// until waits for a schema cache that has the table.
func (w *watched) until(table string) *schemacache.Cache {
	w.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case c := <-w.loads:
			if _, ok := c.Table(api(table)); ok {
				return c
			}
		case <-deadline:
			w.t.Fatalf("no schema cache with table %s", table)
		}
	}
}

func settings(url string) catalog.Settings {
	return catalog.Settings{Connect: pgtest.Connector(url), Channel: "pgrst", Options: catalog.Options{Schemas: []string{"api"}}}
}

func TestReloadOnNotification(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{"reload schema", ""} {
		url := database(t, "CREATE TABLE one ()")
		w := start(t, settings(url))
		old := w.until("one")
		exec(t, url, "CREATE TABLE api.two (); NOTIFY pgrst, '"+payload+"'")
		if got := w.until("two"); got == old || w.Cache() != got || !w.Loaded() {
			t.Errorf("payload %q: the new schema cache is not the current one", payload)
		}
		if _, ok := old.Table(api("two")); ok {
			t.Errorf("payload %q: the old schema cache changed", payload)
		}
	}
}

func TestReloadIgnoresOtherPayloadsAndDebounces(t *testing.T) {
	t.Parallel()
	url := database(t, "CREATE TABLE one ()")
	w := start(t, settings(url))
	w.until("one")
	conn := pgtest.Conn(t, url)
	for range 50 {
		for _, payload := range []string{"nonsense", "reload schema"} {
			if _, err := conn.Exec(context.Background(), "SELECT pg_notify('pgrst', $1)", payload); err != nil {
				t.Fatal(err)
			}
		}
	}
	exec(t, url, "CREATE TABLE api.last (); NOTIFY pgrst")
	loads := 0
	for done := false; !done; loads++ {
		_, done = (<-w.loads).Table(api("last"))
	}
	if loads > 20 {
		t.Errorf("%d loads for 51 requests", loads)
	}
}

func TestReloadWithoutChannel(t *testing.T) {
	t.Parallel()
	url := database(t, "CREATE TABLE one ()")
	s := settings(url)
	s.Channel = ""
	w := start(t, s)
	w.until("one")
	if !w.Loaded() {
		t.Error("not loaded")
	}
	exec(t, url, "CREATE TABLE api.two ()")
	w.Reload()
	w.until("two")
}

func TestNoticeStale(t *testing.T) {
	t.Parallel()
	url := database(t, "CREATE TABLE one ()")
	s := settings(url)
	s.StaleInterval = time.Millisecond
	w := start(t, s)
	w.until("one")
	exec(t, url, "CREATE TABLE api.two ()")
	w.NoticeStale()
	w.until("two")
}

func TestNoticeStaleIsRateLimited(t *testing.T) {
	t.Parallel()
	url := database(t, "CREATE TABLE one ()")
	s := settings(url)
	s.StaleInterval = time.Hour
	w := start(t, s)
	w.until("one")
	for range 1000 {
		w.NoticeStale()
	}
	exec(t, url, "CREATE TABLE api.two ()")
	w.Reload() // is not held up by the stale one that waits
	w.until("two")
	if n := len(w.loads); n > 0 {
		t.Errorf("%d more loads", n)
	}
}

func TestConfigure(t *testing.T) {
	t.Parallel()
	url := database(t, "CREATE TABLE one (); CREATE TABLE hidden.one (); CREATE TABLE hidden.two ()")
	var mu sync.Mutex
	schemas, failure := []string{"api"}, error(nil)
	set := func(s []string, err error) {
		mu.Lock()
		defer mu.Unlock()
		schemas, failure = s, err
	}
	s := settings(url)
	s.Configure = func(context.Context) (catalog.Options, error) {
		mu.Lock()
		defer mu.Unlock()
		return catalog.Options{Schemas: schemas}, failure
	}
	w := start(t, s)
	w.until("one")
	set([]string{"api", "hidden"}, nil)
	exec(t, url, "NOTIFY pgrst, 'reload config'")
	if c := w.until("one"); len(c.Schemas()) != 2 {
		t.Errorf("schemas = %q", c.Schemas())
	}
	set(nil, errors.New("settings are broken"))
	w.Reload()
	if c := w.until("one"); len(c.Schemas()) != 2 {
		t.Errorf("after an error: schemas = %q", c.Schemas())
	}
}

// A load that hangs on a dead network holds up neither settings nor, for long,
// the next load.
func TestConfigureWhileALoadHangs(t *testing.T) {
	t.Parallel()
	dbURL := database(t, "CREATE TABLE one ()")
	u, err := url.Parse(dbURL)
	if err != nil {
		t.Fatal(err)
	}
	w, err := faultproxy.Open(t.Context(), u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	u.Host = w.Address()
	s := settings(u.String())
	var configured atomic.Int64
	s.Configure = func(context.Context) (catalog.Options, error) {
		configured.Add(1)
		return s.Options, nil
	}
	r := start(t, s)
	r.until("one")
	w.Cut()
	r.Reload()
	deadline := time.Now().Add(patience)
	for range 5 { // the last of them while the load hangs
		before := configured.Load()
		r.ReloadConfig()
		for configured.Load() == before {
			if runtime.Gosched(); time.Now().After(deadline) {
				t.Fatal("the settings are not read")
			}
		}
	}
	w.Mend()
	exec(t, dbURL, "CREATE TABLE api.two ()")
	r.Reload()
	r.until("two")
}

// Until the schema is there, each attempt fails; the schema cache comes by itself after that.
func TestFirstLoadIsRetried(t *testing.T) {
	t.Parallel()
	url := database(t, "DROP SCHEMA api")
	w := start(t, settings(url))
	if w.Cache() != nil || w.Loaded() {
		t.Error("loaded from nothing")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if err := w.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait: %v", err)
	}
	exec(t, url, "CREATE SCHEMA api; CREATE TABLE api.one ()")
	w.until("one")
	if err := w.Wait(context.Background()); err != nil {
		t.Errorf("Wait: %v", err)
	}
}

// failureSignal is a log that signals failed loads only.
type failureSignal chan struct{}

func (f failureSignal) Enabled(context.Context, slog.Level) bool { return true }
func (f failureSignal) WithAttrs([]slog.Attr) slog.Handler       { return f }
func (f failureSignal) WithGroup(string) slog.Handler            { return f }

func (f failureSignal) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "schema cache not loaded" {
		f <- struct{}{}
	}
	return nil
}

func TestOldSchemaCacheServesWhileLoadsFail(t *testing.T) {
	t.Parallel()
	url := database(t, "CREATE TABLE one ()")
	s := settings(url)
	failures := make(failureSignal, 100)
	s.Logger = slog.New(failures)
	w := start(t, s)
	old := w.until("one")
	exec(t, url, "ALTER SCHEMA api RENAME TO gone; NOTIFY pgrst")
	select {
	case <-failures:
	case <-time.After(patience):
		t.Fatal("no load failed")
	}
	if w.Loaded() {
		t.Error("the failure does not show")
	}
	if w.Cache() != old {
		t.Error("the old schema cache is gone")
	}
	exec(t, url, "ALTER SCHEMA gone RENAME TO api; CREATE TABLE api.two ()")
	w.until("two")
	if !w.Loaded() {
		t.Error("not loaded")
	}
}

func TestReloadAfterLostConnection(t *testing.T) {
	t.Parallel()
	url := database(t, "CREATE TABLE one ()")
	w := start(t, settings(url))
	w.until("one")
	exec(t, url, `CREATE TABLE api.two ();
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	w.until("two")
}

// A killed server is found again within five seconds of its return, and the
// changes in between are seen.
func TestReloadAfterServerRestart(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	url := server.URL("supabase_admin")
	exec(t, url, "CREATE SCHEMA api; CREATE TABLE api.one ()")
	w := start(t, settings(url))
	old := w.until("one")
	server.Kill()
	if w.Cache() != old {
		t.Error("the old schema cache is gone")
	}
	server.Start()
	back := time.Now()
	exec(t, url, "CREATE TABLE api.two ()")
	if _, ok := w.until("one").Table(api("two")); !ok { // loaded before the table was made
		exec(t, url, "NOTIFY pgrst")
		w.until("two")
	}
	if took := time.Since(back); took > 5*time.Second {
		t.Errorf("reloaded %s after the server's return", took)
	}
}

func TestStartAndStopTwice(t *testing.T) {
	t.Parallel()
	url := database(t, "CREATE TABLE one ()")
	w := start(t, settings(url))
	if err := w.Start(context.Background()); err != nil {
		t.Errorf("second start: %v", err)
	}
	w.until("one")
	w.Stop()
	w.Stop()
	if w.Cache() == nil {
		t.Error("the schema cache went with the service")
	}
	if w.Loaded() {
		t.Error("a stopped reloader cannot know whether its schema cache is true")
	}
	if err := w.Start(context.Background()); err != nil {
		t.Errorf("start again: %v", err)
	}
	w.until("one")
}

func TestLifeUnderStress(t *testing.T) {
	t.Parallel()
	url := database(t, "CREATE TABLE one ()")
	servicetest.Stress(t, func() servicetest.Service {
		s := settings(url)
		s.Logger = slog.New(slog.DiscardHandler)
		r, err := catalog.NewReloader(s)
		if err != nil {
			t.Fatal(err)
		}
		return &watched{Reloader: r}
	}, func(s servicetest.Service) {
		s.(*watched).Reload()
		s.(*watched).Loaded()
	})
}

func TestLogHasFiguresAndNoSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	url := database(t, "CREATE TABLE one ()")
	s := settings(url)
	s.Logger = slog.New(slog.NewTextHandler(&log, nil))
	w := start(t, s)
	w.until("one")
	w.Stop() // no more writes
	for _, want := range []string{"schema cache loaded", "dur_ms=", "relations=1", "routines=0"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in %s", want, log.String())
		}
	}
	if strings.Contains(log.String(), "postgres://") || strings.Contains(log.String(), "postgresql://") {
		t.Errorf("connection string in %s", log.String())
	}
}

func TestNewReloaderNeedsSettings(t *testing.T) {
	t.Parallel()
	if _, err := catalog.NewReloader(catalog.Settings{Connect: pgtest.Connector("x")}); err == nil {
		t.Error("accepted without a logger")
	}
}

// If no notification can arrive, the log says so once; the schema cache is
// trusted all the same, and loaded on request. When the connection leads past
// the pooler, notifications are heard again.
func TestDeaf(t *testing.T) {
	t.Parallel()
	url := database(t, "CREATE TABLE one ()")
	s := settings(url)
	s.LookAgain = 10 * time.Millisecond
	listen, past := s.Connect, make(chan struct{})
	var attempts atomic.Int32
	s.Listen = func(ctx context.Context) (*pgx.Conn, error) {
		attempts.Add(1)
		select {
		case <-past:
			return listen(ctx)
		default:
			return nil, fmt.Errorf("%w: set romashka-db-direct-uri", catalog.ErrDeaf)
		}
	}
	var log bytes.Buffer
	s.Logger = slog.New(slog.NewTextHandler(&log, nil))
	w := start(t, s)
	w.until("one")
	if !w.Loaded() {
		t.Error("it is not ready")
	}
	exec(t, url, "CREATE TABLE api.two ()")
	w.Reload()
	w.until("two")
	exec(t, url, "CREATE TABLE api.three ()")
	close(past)
	w.until("three") // notifications from before are lost, so that it looks
	w.Stop()
	if n := strings.Count(log.String(), "romashka-db-direct-uri"); n != 1 || attempts.Load() < 2 {
		t.Errorf("%d attempts, told %d times:\n%s", attempts.Load(), n, &log)
	}
}
