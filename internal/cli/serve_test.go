package cli_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/cli"
	"github.com/romashka/sidecar/internal/dev/devdb/freeport"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
)

func TestDumpConfig(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "postgrest.conf")
	if err := os.WriteFile(file, []byte("db-config = false\ndb-pool = 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := run(t, nil, "serve", file, "--dump-config", "--port", "81", "--set", "db-anon-role=web")
	for _, line := range []string{"db-pool = 3\n", "server-port = 81\n", "db-anon-role = \"web\"\n"} {
		if got.code != 0 || !strings.Contains(got.out, line) {
			t.Errorf("no %q in %+v", line, got)
		}
	}
	got = run(t, []string{"PGRST_DB_URI=postgres://127.0.0.1:1/none"}, "serve", "--dump-config")
	if got.code != 0 || !strings.Contains(got.errOut, "warning: without the settings of the database") || !strings.Contains(got.out, "db-pool = 10\n") {
		t.Errorf("without a database: %+v", got)
	}
	if got = run(t, nil, "serve", "no-such.conf"); got.code != 1 {
		t.Errorf("without the file: %+v", got)
	}
}

func TestDumpConfigOfDatabase(t *testing.T) {
	t.Parallel()
	db := pgtest.Database(t)
	admin := pgtest.Conn(t, db)
	for _, statement := range []string{
		"CREATE SCHEMA cli", "CREATE FUNCTION cli.pre_config() RETURNS void LANGUAGE sql AS $$ SELECT set_config('pgrst.db_max_rows', '77', true) $$",
	} {
		if _, err := admin.Exec(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	got := run(t, []string{"PGRST_DB_URI=" + db, "PGRST_DB_PRE_CONFIG=cli.pre_config"}, "serve", "--dump-config")
	if got.code != 0 || !strings.Contains(got.out, "db-max-rows = 77\n") {
		t.Errorf("%+v", got)
	}
}

func TestExample(t *testing.T) {
	t.Parallel()
	if got := run(t, nil, "serve", "-e"); got.code != 0 || !strings.Contains(got.out, "# db-pool = 10\n") {
		t.Errorf("%+v", got)
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	admin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	defer admin.Close()
	at, err := url.Parse(admin.URL)
	if err != nil {
		t.Fatal(err)
	}
	environ := []string{"PGRST_SERVER_HOST=127.0.0.1", "PGRST_ADMIN_SERVER_PORT=" + at.Port()}
	if got := run(t, environ, "serve", "--ready"); got.code != 0 || got.out != "OK: "+admin.URL+"/ready\n" {
		t.Errorf("%+v", got)
	}
	status = http.StatusServiceUnavailable
	if got := run(t, environ, "serve", "--ready"); got.code != 1 || got.errOut != "romashka: ERROR: "+admin.URL+"/ready\n" {
		t.Errorf("%+v", got)
	}
	for want, environ := range map[string][]string{
		"Admin server is not running":          nil,
		`server-host is configured as "*4"`:    {"PGRST_SERVER_HOST=*4", "PGRST_ADMIN_SERVER_PORT=1"},
		"connection refused to http://[::1]:1": {"PGRST_SERVER_HOST=::1", "PGRST_ADMIN_SERVER_PORT=1"},
	} {
		if got := run(t, environ, "serve", "--ready"); got.code != 1 || !strings.Contains(got.errOut, want) {
			t.Errorf("want %s: %+v", want, got)
		}
	}
}

// buffer takes the log of a running command.
type buffer = servicetest.Log

// TestServe runs the command as a process would, with signals.
func TestServe(t *testing.T) {
	t.Parallel()
	db := pgtest.Database(t)
	conn := pgtest.Conn(t, db)
	exec := func(statement string) {
		t.Helper()
		if _, err := conn.Exec(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	exec("CREATE TABLE public.thing (id int PRIMARY KEY); INSERT INTO thing VALUES (1)")

	port := freePort(t)
	signals := make(chan cli.Signal)
	ctx, stop := context.WithCancel(context.Background())
	var log buffer
	done := make(chan int, 1)
	go func() {
		done <- cli.Main(ctx, cli.Process{
			Version: "1.2.3", Stdout: io.Discard, Stderr: &log, Signals: signals, Args: []string{"serve", "--port", port},
			Environ: []string{
				"PGRST_DB_URI=" + db, "PGRST_DB_ANON_ROLE=supabase_admin", "PGRST_SERVER_HOST=127.0.0.1",
				"PGRST_DB_CHANNEL_ENABLED=false", "PGRST_LOG_LEVEL=info",
			},
		})
	}()
	defer stop()
	address := "http://127.0.0.1:" + port
	await(t, address+"/thing", `[{"id":1}]`, &log)

	exec("CREATE TABLE public.later (id int PRIMARY KEY)")
	signals <- cli.Hangup // does nothing
	signals <- cli.ReloadSchema
	await(t, address+"/later", `[]`, &log)
	signals <- cli.ReloadConfig
	await(t, address+"/thing", `[{"id":1}]`, &log)

	stop()
	if code := <-done; code != 0 {
		t.Errorf("exit code %d\n%s", code, log.String())
	}
	if strings.Contains(log.String(), conn.Config().Password) {
		t.Error("the log holds the password")
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	port, err := freeport.Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// await asks until the answer is 200 and body; a server starts in its own time.
func await(t *testing.T, address, body string, log fmt.Stringer) {
	t.Helper()
	until(t, log, func() (last string, ok bool) {
		resp, err := http.Get(address)
		if err != nil {
			return err.Error(), false
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return resp.Status + " " + string(text), resp.StatusCode == http.StatusOK && string(text) == body
	})
}

// until calls try until it works, for some time; last is its last result for the
// failure's message.
func until(t *testing.T, log fmt.Stringer, try func() (last string, ok bool)) {
	t.Helper()
	const patience = 30 * time.Second
	deadline := time.After(patience)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		last, ok := try()
		if ok {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("%s\n%s", last, log)
		case <-again.C:
		}
	}
}
