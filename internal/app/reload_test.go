package app_test

import (
	"context"
	"io"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

func TestNoticesNewTables(t *testing.T) {
	t.Parallel()
	owner, api := database(t)
	r := start(t, api, nil).ready(t)
	conn := pgtest.Conn(t, owner)
	run(t, conn, "CREATE TABLE later (id int); GRANT SELECT ON later TO anon; NOTIFY pgrst, 'reload schema'")
	eventually(t, "the table is served", func() bool {
		status, _, _ := ask(t, "GET", r.URL+"/later", "")
		return status == 200
	})
}

// Settings of the database count from the first request on, and again after a
// reload; a setting that needs a restart is named in the log and keeps its
// value.
func TestSettingsOfTheDatabase(t *testing.T) {
	t.Parallel()
	owner, api := database(t)
	admin := pgtest.Conn(t, pgtest.As(t, owner, "supabase_admin"))
	set := func(name, value string) {
		var statement string
		err := admin.QueryRow(context.Background(), "SELECT format('ALTER ROLE authenticator IN DATABASE %I SET %s = %L', current_database(), $1::text, $2::text)", name, value).Scan(&statement)
		if err != nil {
			t.Fatal(err)
		}
		run(t, admin, statement)
	}
	rows := func(r *running) int {
		_, body, _ := ask(t, "GET", r.URL+"/items?select=id", "")
		return strings.Count(body, "id")
	}
	set("pgrst.db_max_rows", "2")
	set("pgrst.server_cors_allowed_origins", "https://a.example")
	r := start(t, api, nil).ready(t)
	if n := rows(r); n != 2 {
		t.Errorf("%d rows with db-max-rows 2", n)
	}
	_, _, header := ask(t, "GET", r.URL+"/items", "", "Origin: https://a.example")
	if got := header.Get("Access-Control-Allow-Origin"); got != "https://a.example" {
		t.Errorf("allowed origin %q", got)
	}

	set("pgrst.db_max_rows", "1")
	set("pgrst.server_cors_allowed_origins", "https://b.example")
	r.ReloadConfig()
	eventually(t, "the limit is 1", func() bool { return rows(r) == 1 })
	if !strings.Contains(r.Log.String(), "settings=server-cors-allowed-origins") {
		t.Errorf("no word about the setting that needs a restart:\n%s", r.Log)
	}
}

// Reloads of schema and settings do not fail or delay a single request.
func TestReloadsUnderLoad(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	r := start(t, api, map[string]string{"log-level": "crit"}).ready(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var clients sync.WaitGroup
	count := make(chan int, 4)
	for range 4 {
		clients.Go(func() {
			n := 0
			for ; ctx.Err() == nil; n++ {
				status, body, _, err := try("GET", r.URL+"/items?id=eq.1", "", "Authorization: Bearer "+token(t, "authenticated"))
				if err != nil || status != 200 {
					t.Errorf("%v %d %s", err, status, body)
					break
				}
			}
			count <- n
		})
	}
	before := r.Loads()
	for range 4 {
		already := r.Loads()
		r.ReloadConfig()
		r.ReloadSchema()
		eventually(t, "the schema is reloaded", func() bool { return r.Loads() > already })
	}
	stop()
	clients.Wait()
	total := <-count + <-count + <-count + <-count
	t.Logf("%d requests during %d reloads", total, r.Loads()-before)
}

func TestStartsBeforeItsDatabase(t *testing.T) {
	t.Parallel()
	s := pgtest.Server(t)
	api := s.URL("authenticator")
	s.Stop()
	r := start(t, api, map[string]string{"admin-server-port": freePort(t)})

	status, body, header := ask(t, "GET", r.URL+"/profiles", "", "Authorization: Bearer "+token(t, "authenticated"))
	if status != 503 || code(body) != "PGRST002" || header.Get("Retry-After") == "" {
		t.Errorf("%d %s, Retry-After %q", status, body, header.Get("Retry-After"))
	}
	for path, want := range map[string]int{"/live": 200, "/ready": 503} {
		if status, _, _ := ask(t, "GET", r.Admin+path, ""); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	s.Start()
	r.ready(t)
	eventually(t, "it is served", func() bool {
		status, _, _ := ask(t, "GET", r.URL+"/profiles?select=id", "", "Authorization: Bearer "+token(t, "authenticated"))
		return status == 200
	})
}

// A database killed under load costs some 503, never another failure, and is
// found again by itself.
func TestSurvivesItsDatabase(t *testing.T) {
	t.Parallel()
	s := pgtest.Server(t)
	r := start(t, s.URL("authenticator"), map[string]string{"log-level": "crit"}).ready(t)
	bearer := "Authorization: Bearer " + token(t, "authenticated")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for ctx.Err() == nil {
				began := time.Now()
				status, body, _, err := try("GET", r.URL+"/profiles?select=id", "", bearer)
				if err != nil || status != 200 && status != 503 || time.Since(began) > 8*time.Second {
					t.Errorf("%v %d %s after %v", err, status, body, time.Since(began))
					return
				}
			}
		})
	}
	for range 2 {
		s.Kill()
		eventually(t, "the loss is seen", func() bool {
			status, _, _, _ := try("GET", r.URL+"/profiles?select=id", "", bearer)
			return status == 503
		})
		s.Start()
		back := time.Now()
		eventually(t, "it is served again", func() bool {
			status, _, _, _ := try("GET", r.URL+"/profiles?select=id", "", bearer)
			return status == 200
		})
		if took := time.Since(back); took > 5*time.Second {
			t.Errorf("recovered only after %v", took)
		}
	}
	stop()
	clients.Wait()
}

// Waiting is of no use if the database refuses the login.
func TestEndsOnARefusedLogin(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	u, err := url.Parse(api)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), "wrong-password")
	for _, inDatabase := range []string{"true", "false"} {
		cfg, err := config.Load(config.Sources{Flags: map[string]string{"db-uri": u.String(), "server-host": "127.0.0.1", "server-port": "0", "db-config": inDatabase}})
		if err != nil {
			t.Fatal(err)
		}
		a, err := app.New(cfg, app.Options{LogTo: io.Discard})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		err = a.Run(ctx)
		if ctx.Err() != nil || err == nil || !strings.Contains(err.Error(), "28P01") || strings.Contains(err.Error(), "wrong-password") {
			t.Errorf("Run = %v", err)
		}
		cancel()
	}
}

func TestEndsWithoutRecoveryWhereAsked(t *testing.T) {
	t.Parallel()
	cfg, err := config.Load(config.Sources{Flags: map[string]string{
		"db-uri": "postgres://nobody@127.0.0.1:1/none", "server-host": "127.0.0.1", "server-port": "0", "db-pool-automatic-recovery": "false",
	}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(cfg, app.Options{LogTo: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := a.Run(ctx); err == nil || ctx.Err() != nil || !strings.Contains(err.Error(), "db-pool-automatic-recovery") {
		t.Errorf("Run = %v", err)
	}
}
