package app_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/dev/devdb/freeport"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
)

const secret = "a-secret-of-at-least-thirty-two-characters"

// schema is the database under test. Waiting shows itself in pg_stat_activity.
const schema = `
	CREATE TABLE items (id int PRIMARY KEY, name text);
	INSERT INTO items SELECT n, 'item ' || n FROM generate_series(1, 3) n;
	GRANT ALL ON items TO anon, authenticated, service_role;
	CREATE FUNCTION wait(seconds float) RETURNS text LANGUAGE sql AS $$ SELECT 'waited' FROM pg_sleep(seconds) $$;
	CREATE FUNCTION setting(name text) RETURNS text STABLE LANGUAGE sql AS $$ SELECT current_setting(name, true) $$;`

// database is a fresh one with schema, as its owner and as the API logs in.
func database(t testing.TB) (owner, api string) {
	t.Helper()
	owner = pgtest.Bootstrapped(t)
	run(t, pgtest.Conn(t, owner), schema)
	return owner, pgtest.As(t, owner, "authenticator")
}

func run(t testing.TB, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
}

// buffer is a log that may be read while it is written.
type buffer = servicetest.Log

var eventually = servicetest.Eventually

// running is an App on ports of its own.
type running struct {
	*app.App
	URL, Admin string
	Log        *buffer
	Stop       func() error // asks it to end, waits, and returns Run's error
}

// start runs an App over the database at uri until the test ends. settings are
// by file key and win.
func start(t testing.TB, uri string, settings map[string]string) *running {
	t.Helper()
	return startWith(t, uri, settings, app.Options{})
}

// startWith is start with other parts than settings.
func startWith(t testing.TB, uri string, settings map[string]string, o app.Options) *running {
	t.Helper()
	flags := map[string]string{
		"db-uri": uri, "db-anon-role": "anon", "jwt-secret": secret, "server-host": "127.0.0.1", "server-port": "0", "log-level": "info",
		"romashka-shutdown-delay": "0",
	}
	maps.Copy(flags, settings)
	cfg, err := config.Load(config.Sources{Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	r := &running{Log: new(buffer)}
	at := make(chan app.Addresses, 1)
	o.Version, o.LogTo, o.Listening = "test", r.Log, func(a app.Addresses) { at <- a }
	r.App, err = app.New(cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	r.Stop = sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = r.Stop() })
	select {
	case addresses := <-at:
		r.URL = "http://" + addresses.API.String()
		if addresses.Admin != nil {
			r.Admin = "http://" + addresses.Admin.String()
		}
	case err := <-ended:
		ended <- err
		t.Fatalf("Run = %v\n%s", err, r.Log)
	}
	return r
}

// ready waits until requests are served.
func (r *running) ready(t testing.TB) *running {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := r.Wait(ctx); err != nil {
		t.Fatalf("not ready: %v\n%s", err, r.Log)
	}
	return r
}

// ask sends one request; headers are "Name: value".
func ask(t testing.TB, method, url, body string, headers ...string) (int, string, http.Header) {
	t.Helper()
	status, text, header, err := try(method, url, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return status, text, header
}

func try(method, url, body string, headers ...string) (int, string, http.Header, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", nil, err
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Add(name, value)
	}
	client := http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), res.Header, err
}

func token(t testing.TB, role string) string {
	t.Helper()
	signed, err := auth.Sign([]byte(secret), map[string]any{"role": role, "exp": time.Now().Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// code is the error code in a body.
func code(body string) string {
	var e struct{ Code string }
	_ = json.Unmarshal([]byte(body), &e)
	return e.Code
}

// freePort is one that was free a moment ago.
func freePort(t testing.TB) string {
	t.Helper()
	port, err := freeport.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
