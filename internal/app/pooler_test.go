package app_test

import (
	"io"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// TestReadyBehindAPooler: with one session for everything it becomes ready,
// serves, and explains at every log level, once, the effects of a pooler.
func TestReadyBehindAPooler(t *testing.T) {
	t.Parallel()
	owner, _ := database(t)
	pooled := withQuery(pgtest.Pooler(t, owner, 1), "pgbouncer=true&connection_limit=1")
	for name, tt := range map[string]struct {
		settings map[string]string
		uri      string
		evidence string
		want     string
	}{
		"seen":    {uri: withQuery(pooled, ""), evidence: "process ids", want: "unnamed, at a third"},
		"told":    {uri: pooled, evidence: "pgbouncer=true", want: "unnamed, at a third"},
		"named":   {settings: map[string]string{"db-prepared-statements": "true"}, uri: withQuery(pooled, ""), evidence: "process ids", want: "named, as"},
		"unnamed": {settings: map[string]string{"romashka-statements": "unnamed"}, uri: withQuery(pooled, ""), evidence: "process ids", want: `statements=unnamed`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := map[string]string{"log-level": "crit"}
			for k, v := range tt.settings {
				settings[k] = v
			}
			r := start(t, tt.uri, settings).ready(t)
			for range 5 {
				if status, body, _ := ask(t, "GET", r.URL+"/items?select=id&id=eq.2", ""); status != 200 || body != `[{"id":2}]` {
					t.Errorf("%d %s", status, body)
				}
			}
			log := r.Log.String()
			if strings.Count(log, "leads to a connection pooler") != 1 || !strings.Contains(log, tt.evidence) || !strings.Contains(log, tt.want) {
				t.Errorf("the log says:\n%s", log)
			}
			if told := strings.Contains(log, "connection_limit pgbouncer"); told != (tt.uri == pooled) {
				t.Errorf("ignored parameters are named: %t\n%s", told, log)
			}
		})
	}
}

func withQuery(uri, query string) string {
	uri, _, _ = strings.Cut(uri, "?")
	if query == "" {
		return uri
	}
	return uri + "?" + query
}

// A parameter that the server does not know now stays unknown: the start ends.
func TestUnknownParameterStopsTheStart(t *testing.T) {
	t.Parallel()
	owner, api := database(t)
	for name, uri := range map[string]string{"server": api, "pooler": pgtest.Pooler(t, owner, 1)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u, err := url.Parse(withQuery(uri, "sslmode=disable&sslaccept=strict"))
			if err != nil {
				t.Fatal(err)
			}
			cfg, err := config.Load(config.Sources{Flags: map[string]string{"db-uri": u.String(), "server-host": "127.0.0.1", "server-port": "0"}})
			if err != nil {
				t.Fatal(err)
			}
			a, err := app.New(cfg, app.Options{LogTo: io.Discard})
			if err != nil {
				t.Fatal(err)
			}
			password, _ := u.User.Password()
			err = a.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), "sslaccept") || strings.Contains(err.Error(), "\n") || password != "" && strings.Contains(err.Error(), password) {
				t.Errorf("Run = %v", err)
			}
		})
	}
}

// Behind a pooler in transaction mode the log says once that changes are not
// noticed, and which setting helps; the sidecar is ready all the same, and loads
// them at a reload.
func TestListeningOverPooler(t *testing.T) {
	t.Parallel()
	for _, sessions := range []int{2, 3} {
		t.Run(strconv.Itoa(sessions), func(t *testing.T) {
			t.Parallel()
			owner, api := database(t)
			r := start(t, pgtest.Pooler(t, api, sessions), map[string]string{
				"romashka-statements": "unnamed", "admin-server-port": freePort(t), "admin-server-host": "127.0.0.1",
			}).ready(t)
			eventually(t, "it is ready", func() bool { return statusOf(t, r.Admin+"/ready") == 200 })
			eventually(t, "it is told", func() bool { return strings.Contains(r.Log.String(), "not listening for schema changes") })
			run(t, pgtest.Conn(t, owner), "CREATE TABLE later (); GRANT SELECT ON later TO anon; NOTIFY pgrst")
			r.ReloadSchema()
			eventually(t, "the table", func() bool { return statusOf(t, r.URL+"/later") == 200 })
			if n := strings.Count(r.Log.String(), "romashka-db-direct-uri"); n != 1 || !strings.Contains(r.Log.String(), "5432") {
				t.Errorf("the setting is named %d times:\n%s", n, r.Log)
			}
			if n := strings.Count(r.Log.String(), "listening for schema changes"); n != 1 {
				t.Errorf("%d attempts to listen:\n%s", n, r.Log)
			}
		})
	}
}

// With a direct connection, of whichever role, changes are noticed.
func TestListeningPastPooler(t *testing.T) {
	t.Parallel()
	owner, api := database(t)
	for name, direct := range map[string]string{"same": api, "owner": owner} {
		r := start(t, pgtest.Pooler(t, api, 3), map[string]string{"romashka-statements": "unnamed", "romashka-db-direct-uri": direct}).ready(t)
		eventually(t, "it listens", func() bool { return strings.Contains(r.Log.String(), "listening for schema changes") })
		run(t, pgtest.Conn(t, owner), "CREATE TABLE "+name+" (); GRANT SELECT ON "+name+" TO anon; NOTIFY pgrst")
		eventually(t, "the table", func() bool { return statusOf(t, r.URL+"/"+name) == 200 })
	}
}

// Parameters of other tools are no reason to fail, and one that nobody knows
// ends the start with one line, without the string.
func TestParametersOfConnectionString(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	r := start(t, api+"&pgbouncer=true&connection_limit=1&pool_timeout=0&schema=public", nil).ready(t)
	if status := statusOf(t, r.URL+"/items"); status != 200 {
		t.Errorf("status %d\n%s", status, r.Log)
	}
	for _, parameter := range []string{"sidecar_piece=1", "statement_timeout=piece"} {
		r := start(t, api+"&"+parameter, nil)
		eventually(t, "it gives up: "+parameter, func() bool { return strings.Contains(r.Log.String(), "stopped") })
		if err := r.Stop(); err == nil || !strings.Contains(err.Error(), "holds a parameter") {
			t.Errorf("%s: %v", parameter, err)
		}
	}
}

// In statement mode nothing can be loaded: the start ends with an error that
// names the setting.
func TestStatementPooler(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	r := start(t, pgtest.PoolerIn(t, "statement", api, 2), map[string]string{"romashka-statements": "unnamed"})
	eventually(t, "it gives up", func() bool { return strings.Contains(r.Log.String(), "stopped") })
	if err := r.Stop(); err == nil || !strings.Contains(err.Error(), "db-uri leads through a pooler in statement mode") {
		t.Errorf("%v", err)
	}
}
