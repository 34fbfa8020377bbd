package e2e_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// served is a running `romashka serve` over a private database.
type served struct {
	*process
	caller  // as service_role
	pg      *pgtest.PrivateServer
	state   devdb.State
	secrets *secrets
}

// serve starts `romashka migrate up` and then `romashka serve`, with the
// settings that a Supabase project gives and all that may be switched on.
func serve(t *testing.T, binary string) *served {
	t.Helper()
	const secret = "a-secret-of-at-least-thirty-two-characters"
	s := &served{pg: pgtest.Server(t), secrets: new(secrets)}
	says := func(env string, args ...string) string {
		t.Helper()
		p := run(t, binary, []string{env}, args...)
		if err := p.wait(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, p.log)
		}
		return strings.TrimSpace(p.out.String())
	}
	says("SUPABASE_DB_URL="+s.pg.URL("postgres"), "migrate", "up")
	if _, err := pgtest.Conn(t, s.pg.URL("postgres")).Exec(context.Background(), fixture); err != nil {
		t.Fatalf("load the fixture: %v", err)
	}
	key := func(role string) string { return says("SUPABASE_JWT_SECRET="+secret, "token", "--role", role) }
	s.process = run(t, binary, []string{
		"SUPABASE_DB_URL=" + s.pg.URL("authenticator"), "SUPABASE_JWT_SECRET=" + secret,
		"PGRST_SERVER_HOST=127.0.0.1", "PGRST_SERVER_PORT=0", "PGRST_LOG_LEVEL=info", "PGRST_DB_SCHEMAS=public,e2e",
		"PGRST_DB_PLAN_ENABLED=true", "PGRST_DB_AGGREGATES_ENABLED=true", "PGRST_DB_TX_END=commit-allow-override",
	}, "serve")
	s.state = devdb.State{{Name: "ANON_KEY", Value: key("anon")}, {Name: "SERVICE_ROLE_KEY", Value: key("service_role")}, {Name: "API_URL", Value: s.listening()}}
	s.caller = caller{url: s.state.Get("API_URL"), key: s.state.Get("SERVICE_ROLE_KEY")}
	s.secrets.add(secret, s.state.Get("ANON_KEY"), s.key, passwordIn(t, s.pg.URL("authenticator")))
	return s
}

// testServe kills the database under load, lets a client try all features, and
// ends the process while requests are under way.
func testServe(t *testing.T, binary string) {
	s := serve(t, binary)
	t.Run("kill the database", func(t *testing.T) { testKilledDatabase(t, s) })
	t.Run("js", func(t *testing.T) { testJS(t, s.state, s.pg.URL("supabase_admin"), s.secrets, "features.test.mjs") })
	t.Run("leave", func(t *testing.T) { testLeave(t, s) })
	t.Run("terminate", func(t *testing.T) { testTerminate(t, s) })
	s.secrets.check(t, s.log.String())
}

// asleep is sleeping for a test.
func asleep(t *testing.T, db *pgx.Conn) int {
	t.Helper()
	n, err := sleeping(context.Background(), db)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// testLeave: a client that leaves ends its query.
func testLeave(t *testing.T, s *served) {
	db := pgtest.Conn(t, s.pg.URL("supabase_admin"))
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "GET /rpc/e2e_wait?seconds=60 HTTP/1.1\r\nHost: h\r\nApikey: "+s.key+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the query runs", func() bool { return asleep(t, db) == 1 })
	left := time.Now()
	c.Close()
	eventually(t, "the query is gone", func() bool { return asleep(t, db) == 0 })
	const soon = 2 * time.Second
	if took := time.Since(left); took > soon {
		t.Errorf("the query was canceled only after %v", took)
	}
}

// testTerminate: requests under way at a SIGTERM are finished, and no more
// begun.
func testTerminate(t *testing.T, s *served) {
	db := pgtest.Conn(t, s.pg.URL("supabase_admin"))
	const requests = 5
	type outcome struct {
		answer
		err error
	}
	outcomes := make(chan outcome, requests)
	for range requests {
		c := s.caller
		c.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		go func() {
			a, err := c.try("POST", "/rest/v1/rpc/e2e_wait", `{"seconds": 1.5}`)
			outcomes <- outcome{a, err}
		}()
	}
	eventually(t, "they are under way", func() bool { return asleep(t, db) == requests })
	s.kill(syscall.SIGTERM)
	for range requests {
		if o := <-outcomes; o.err != nil || o.Status != 200 || o.Body != `"waited"` {
			t.Errorf("%d %s %v", o.Status, o.Body, o.err)
		}
	}
	if err := s.wait(); err != nil {
		t.Errorf("exit: %v\n%s", err, s.log)
	}
	if _, err := s.try("GET", "/live", ""); err == nil {
		t.Error("it still serves")
	}
}
