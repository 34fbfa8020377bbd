package app_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/devdb/pgtest"
)

// Behind a pooler in transaction mode the log tells once that changes are not
// noticed, and with which setting they are; the sidecar is ready all the same,
// and loads them when it is told to.
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
		if err := r.Stop(); err == nil || !strings.Contains(err.Error(), "db-uri holds a parameter") {
			t.Errorf("%s: %v", parameter, err)
		}
	}
}

// In statement mode nothing can be loaded: the start ends and says what to set.
func TestStatementPooler(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	r := start(t, pgtest.PoolerIn(t, "statement", api, 2), map[string]string{"romashka-statements": "unnamed"})
	eventually(t, "it gives up", func() bool { return strings.Contains(r.Log.String(), "stopped") })
	if err := r.Stop(); err == nil || !strings.Contains(err.Error(), "db-uri leads through a pooler in statement mode") {
		t.Errorf("%v", err)
	}
}
