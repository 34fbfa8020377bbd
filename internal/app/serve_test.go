package app_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

func TestServesADatabase(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	r := start(t, api, map[string]string{"admin-server-port": freePort(t)}).ready(t)
	for _, tt := range []struct {
		method, path, body string
		headers            []string
		status             int
		want               string
	}{
		{"GET", "/items?select=id&id=lt.3&order=id", "", nil, 200, `[{"id":1}, {"id":2}]`},
		{"GET", "/nothing", "", nil, 404, "PGRST205"},
		{"GET", "/rpc/setting?name=role", "", nil, 200, `"anon"`},
		{"GET", "/rpc/setting?name=role", "", []string{"Authorization: Bearer " + token(t, "authenticated")}, 200, `"authenticated"`},
		{"GET", "/rpc/setting?name=role", "", []string{"apikey: " + token(t, "authenticated")}, 200, `"anon"`},
		{"GET", "/items", "", []string{"Authorization: Bearer x.y.z"}, 401, "PGRST301"},
		{"POST", "/items", `{"id":4,"name":"four"}`, []string{"Content-Type: application/json", "Prefer: return=representation"}, 201, `"four"`},
		{"DELETE", "/items?id=eq.4", "", nil, 204, ""},
		{"FOO", "/items", "", nil, 405, "PGRST117"},
		{"GET", "/live", "", nil, 404, "PGRST205"}, // health is on the admin port, a table may have the name
		{"GET", "/rest/v1/items", "", nil, 404, "PGRST125"},
		{"GET", "/", "", nil, 200, `"host":"` + strings.TrimPrefix(r.URL, "http://") + `"`},
	} {
		status, body, header := ask(t, tt.method, r.URL+tt.path, tt.body, tt.headers...)
		if status != tt.status || !strings.Contains(strings.ReplaceAll(body, "\n ", ""), tt.want) {
			t.Errorf("%s %s: %d %s, want %d %s", tt.method, tt.path, status, body, tt.status, tt.want)
		}
		if header.Get("Server") != "romashka/test" || header.Get("X-Request-Id") != "" {
			t.Errorf("%s: Server %q, X-Request-Id %q", tt.path, header.Get("Server"), header.Get("X-Request-Id"))
		}
	}
	for path, want := range map[string]string{
		"/live": "", "/ready": "", "/schema_cache": `"Tables":`, "/metrics": "pgrst_db_pool_max 10\n",
	} {
		status, body, _ := ask(t, "GET", r.Admin+path, "")
		if status != 200 || !strings.Contains(body, want) {
			t.Errorf("admin %s: %d %s", path, status, body)
		}
	}
	if err := r.Stop(); err != nil {
		t.Errorf("Run = %v", err)
	}
	for _, word := range []string{secret, "authenticator:", token(t, "authenticated")} {
		if strings.Contains(r.Log.String(), word) {
			t.Errorf("the log holds %q", word)
		}
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(r.Admin, "http://")); err == nil {
		t.Error("the admin server is still there")
	}
}

// TestIdleConnectionsAreClosed holds that a connection that nobody uses is
// closed after db-pool-max-idletime, a third of it more or less.
func TestIdleConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	owner, api := database(t)
	r := start(t, api, map[string]string{"db-pool-max-idletime": "1"}).ready(t)
	if status, body, _ := ask(t, "GET", r.URL+"/items?limit=1", ""); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	conn := pgtest.Conn(t, owner)
	eventually(t, "the pool's connection is closed", func() bool {
		var n int
		err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND usename = 'authenticator' AND query NOT LIKE '%LISTEN%'`).Scan(&n)
		return err == nil && n == 0
	})
}

// TestLittleMemory holds that in a small cgroup bodies have the share of memory
// that the metrics and the log report, one of them and all.
func TestLittleMemory(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	const most = 64 << 20 / 100 * 40
	r := startWith(t, api, map[string]string{"admin-server-port": freePort(t)}, app.Options{Memory: 64 << 20}).ready(t)
	_, metrics, _ := ask(t, "GET", r.Admin+"/metrics", "")
	if !strings.Contains(metrics, fmt.Sprintf("romashka_body_memory_max_bytes %g\n", float64(most))) || !strings.Contains(r.Log.String(), fmt.Sprintf("used=%d", most)) {
		t.Errorf("the metrics or the log tell otherwise:\n%s", r.Log)
	}
	body := `[{"id":9,"name":"` + strings.Repeat("x", most-most/8) + `"}]`
	status, answer, _ := ask(t, "POST", r.URL+"/items", body, "Content-Type: application/json")
	if status != 413 || code(answer) != "ROM413" {
		t.Errorf("%d %s", status, answer)
	}
	if status, answer, _ := ask(t, "GET", r.URL+"/items?limit=1", ""); status != 200 {
		t.Errorf("%d %s", status, answer)
	}
}

func TestSupabaseModeHasItsPaths(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	r := start(t, api, map[string]string{"supabase-anon-key": token(t, "anon")}).ready(t)
	for path, want := range map[string]int{"/rest/v1/items": 200, "/items": 200, "/live": 200, "/ready": 200, "/-/ready": 200, "/rest/v1/live": 404} {
		if status, body, _ := ask(t, "GET", r.URL+path, ""); status != want {
			t.Errorf("%s: %d %s, want %d", path, status, body, want)
		}
	}
	_, body, header := ask(t, "GET", r.URL+"/rest/v1/rpc/setting?name=role", "", "apikey: "+token(t, "service_role"))
	if body != `"service_role"` || header.Get("X-Request-Id") == "" {
		t.Errorf("apikey alone: %s, request id %q", body, header.Get("X-Request-Id"))
	}
}

func TestServesOverSockets(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	dir := t.TempDir()
	r := start(t, api, map[string]string{
		"server-unix-socket": filepath.Join(dir, "api"), "admin-server-unix-socket": filepath.Join(dir, "admin"),
	}).ready(t)
	for socket, url := range map[string]string{"api": "http://x/items?id=eq.1", "admin": "http://x/ready"} {
		client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(dir, socket))
		}}}
		res, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		client.CloseIdleConnections()
		if res.StatusCode != 200 {
			t.Errorf("%s: %d %s", socket, res.StatusCode, body)
		}
	}
	if err := r.Stop(); err != nil {
		t.Error(err)
	}
}

// A client that leaves ends its query.
func TestLeavingCancelsTheQuery(t *testing.T) {
	t.Parallel()
	owner, api := database(t)
	r := start(t, api, nil).ready(t)
	admin := pgtest.Conn(t, pgtest.As(t, owner, "supabase_admin"))
	waiting := func() (n int) {
		err := admin.QueryRow(context.Background(),
			"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'").Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	c, err := net.Dial("tcp", strings.TrimPrefix(r.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "GET /rpc/wait?seconds=60 HTTP/1.1\r\nHost: h\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the query runs", func() bool { return waiting() == 1 })
	left := time.Now()
	c.Close()
	eventually(t, "the query ends", func() bool { return waiting() == 0 })
	if took := time.Since(left); took > 2*time.Second {
		t.Errorf("canceled only after %v", took)
	}
	if status, body, _ := ask(t, "GET", r.URL+"/items", ""); status != 200 {
		t.Errorf("afterwards: %d %s", status, body)
	}
}

func TestStopFinishesRequests(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	for name, tt := range map[string]struct {
		patience, seconds string
		status            int
	}{"in time": {"20s", "0.7", 200}, "too late": {"200ms", "60", 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, api, map[string]string{"romashka-shutdown-timeout": tt.patience}).ready(t)
			type answer struct {
				status int
				body   string
			}
			got := make(chan answer, 1)
			go func() {
				status, body, _, _ := try("GET", r.URL+"/rpc/wait?seconds="+tt.seconds, "")
				got <- answer{status, body}
			}()
			eventually(t, "it is under way", func() bool { return r.InFlight() == 1 })
			began := time.Now()
			if err := r.Stop(); err != nil {
				t.Errorf("Run = %v", err)
			}
			a := <-got
			if tt.status == 200 && (a.status != 200 || a.body != `"waited"`) || tt.status == 0 && a.status == 200 {
				t.Errorf("%d %s", a.status, a.body)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("stopping took %v", took)
			}
		})
	}
}

// Between the signal and the end of listening load balancers see that it is
// leaving, and those that have not yet are served.
func TestStopIsAnnounced(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	const delay = time.Second
	r := start(t, api, map[string]string{"romashka-shutdown-delay": delay.String(), "admin-server-port": freePort(t)}).ready(t)
	same(t, "ready before", statusOf(t, r.Admin+"/ready"), 200)
	began, stopped := time.Now(), make(chan error, 1)
	go func() { stopped <- r.Stop() }()
	eventually(t, "not ready", func() bool { return statusOf(t, r.Admin+"/ready") == 503 })
	same(t, "live", statusOf(t, r.Admin+"/live"), 200)
	same(t, "a new connection", statusOf(t, r.URL+"/items"), 200)
	if err := <-stopped; err != nil {
		t.Errorf("Run = %v", err)
	}
	if took := time.Since(began); took < delay {
		t.Errorf("stopped after %v", took)
	}
	if _, _, _, err := try("GET", r.URL+"/items", ""); err == nil {
		t.Error("still served")
	}
}

func statusOf(t testing.TB, url string) int {
	t.Helper()
	status, _, _ := ask(t, "GET", url, "")
	return status
}

func TestNoFreeConnection(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	r := start(t, api, map[string]string{"db-pool": "1", "db-pool-acquisition-timeout": "1"}).ready(t)
	busy := make(chan int, 1)
	go func() {
		status, _, _, _ := try("GET", r.URL+"/rpc/wait?seconds=2.5", "")
		busy <- status
	}()
	eventually(t, "the connection is taken", func() bool { return r.InFlight() == 1 })
	status, body, _ := ask(t, "GET", r.URL+"/items", "")
	if status != 504 || code(body) != "PGRST003" {
		t.Errorf("%d %s", status, body)
	}
	if status := <-busy; status != 200 {
		t.Errorf("the one that had it: %d", status)
	}
}

func TestRefusesBadSettings(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string]map[string]string{
		"unreadable uri": {"db-uri": "postgres://u:hidden-password@h:port/d"},
		"path of a role": {"db-uri": "postgres://h/d", "jwt-role-claim-key": "$["},
	} {
		cfg, err := config.Load(config.Sources{Flags: flags})
		if err == nil {
			_, err = app.New(cfg, app.Options{LogTo: io.Discard})
		}
		if err == nil || strings.Contains(err.Error(), "hidden-password") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
