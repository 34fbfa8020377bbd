package postgrest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest"
)

// TestRecordedAnswersAgain: the answer to a request does not depend on whether
// others of its key came before.
func TestRecordedAnswersAgain(t *testing.T) {
	t.Parallel()
	dbURL := database(t, "oracle", "fixture.sql")
	services := map[string]*service{}
	for name, d := range oracleDeployments() {
		services[name] = serve(t, dbURL, d)
	}
	diverges := readDiverges(t, dbURL)
	all := readRecorded(t)
	for pass := range 3 {
		for _, c := range all {
			if _, differs := diverges[c.ID]; differs || c.Request.mayWrite() {
				continue
			}
			got, err := services[c.Config].send(c.Request.message())
			if err != nil {
				t.Fatal(err)
			}
			if faults := c.differences(got); len(faults) > 0 {
				t.Errorf("pass %d, %s: %s %s (%s)\n%s", pass, c.ID, c.Request.Method, c.Request.Path, c.Config, strings.Join(faults, "\n"))
			}
		}
	}
	if n := services["main"].engine.Remembered(); n < 300 {
		t.Errorf("%d keys are remembered, want most of the reads", n)
	}
}

const cachedSchema = `
	CREATE SCHEMA api;
	CREATE TABLE api.t (id int PRIMARY KEY, name text);
	INSERT INTO api.t SELECT i, 'name ' || i FROM generate_series(1, 100) AS i;
	INSERT INTO api.t VALUES (1000, 'it''s "a", (b) + %41 & c');
	GRANT USAGE ON SCHEMA api TO anon, authenticated;
	GRANT SELECT ON api.t TO anon, authenticated;`

func cachedService(t *testing.T, schema ...string) (_ *service, owner string) {
	t.Helper()
	owner = pgtest.Database(t)
	if _, err := pgtest.Conn(t, owner).Exec(t.Context(), strings.Join(schema, "\n")); err != nil {
		t.Fatal(err)
	}
	d := deployment{engine: postgrest.Settings{Schemas: []string{"api"}, AnonRole: "anon", Timeouts: patient()}}
	d.auth.AnonRole = "anon"
	return serve(t, pgtest.As(t, owner, "authenticator"), d), owner
}

// TestPlanCacheTakesValues: each request is answered with its own values, however
// many others of its key there were.
func TestPlanCacheTakesValues(t *testing.T) {
	t.Parallel()
	s, _ := cachedService(t, cachedSchema)
	for i := 1; i <= 20; i++ {
		want := fmt.Sprintf(`[{"id":%d}]`, i)
		expect(t, s, fmt.Sprintf("/t?select=id&id=eq.%d", i), 200, want)
		expect(t, s, fmt.Sprintf("/t?select=id&id=gte.%d&id=lt.%d&id=not.eq.%d", i, i+2, i+1), 200, want)
		expect(t, s, fmt.Sprintf("/t?select=id&name=eq.name%%20%d", i), 200, want)
		expect(t, s, fmt.Sprintf("/t?select=id&name=eq.name+%d&limit=%d", i, i), 200, want)
		expect(t, s, fmt.Sprintf("/t?select=id&or=(id.eq.%d,id.eq.0)", i), 200, want)
		expect(t, s, "/t?select=id&name=eq.it%27s%20%22a%22,%20(b)%20%2B%20%2541%20%26%20c", 200, `[{"id":1000}]`)
		expect(t, s, "/t?select=id&id=eq.x", 400, "22P02")
		expect(t, s, "/t?select=id&name=eq.%ff", 400, "PGRST100")
		expect(t, s, "/t?select=id&name=eq.a%00b", 400, "")
	}
	if n := s.engine.Remembered(); n < 3 {
		t.Errorf("%d keys are remembered, want 3", n)
	}
}

func expect(t *testing.T, s *service, target string, status int, body string) {
	t.Helper()
	expectOf(t, s, message{method: http.MethodGet, target: target}, status, body)
}

func expectOf(t *testing.T, s *service, m message, status int, body string) {
	t.Helper()
	got, err := s.send(m)
	if err != nil {
		t.Fatal(err)
	}
	if got.status != status || !strings.Contains(string(got.body), body) {
		t.Errorf("%s %s %s: %d %s, want %d %s", m.method, m.target, m.body, got.status, got.body, status, body)
	}
}

// TestPlanCacheKeepsApart: everything that a plan or an answer depends on is part
// of the key.
func TestPlanCacheKeepsApart(t *testing.T) {
	t.Parallel()
	s, _ := cachedService(t, cachedSchema)
	base := postgrest.Request{Method: "GET", Path: "/t", RawQuery: "select=id&id=eq.1", Role: "anon", Claims: []byte("{}")}
	for range 2 {
		if got := s.engine.Serve(t.Context(), &base); got.Status != 200 {
			t.Fatalf("status %d: %s", got.Status, got.Body)
		}
	}
	same := base
	same.RawQuery = "select=id&id=eq.77"
	same.Header = []postgrest.Field{{Name: "host", Value: "x"}, {Name: "authorization", Value: "y"}}
	if !s.engine.Recalls(&base) || !s.engine.Recalls(&same) {
		t.Fatal("the key is not remembered")
	}
	for name, change := range map[string]func(*postgrest.Request){
		"method":   func(r *postgrest.Request) { r.Method = "HEAD" },
		"post":     func(r *postgrest.Request) { r.Method = "POST" },
		"path":     func(r *postgrest.Request) { r.Path = "/t2" },
		"role":     func(r *postgrest.Request) { r.Role = "authenticated" },
		"select":   func(r *postgrest.Request) { r.RawQuery = "select=name&id=eq.1" },
		"operator": func(r *postgrest.Request) { r.RawQuery = "select=id&id=gt.1" },
		"negation": func(r *postgrest.Request) { r.RawQuery = "select=id&id=not.eq.1" },
		"column":   func(r *postgrest.Request) { r.RawQuery = "select=id&name=eq.1" },
		"order":    func(r *postgrest.Request) { r.RawQuery = "id=eq.1&select=id" },
		"more":     func(r *postgrest.Request) { r.RawQuery = "select=id&id=eq.1&id=eq.1" },
		"limit":    func(r *postgrest.Request) { r.RawQuery = "select=id&id=eq.1&limit=1" },
		"bad text": func(r *postgrest.Request) { r.RawQuery = "select=id&id=eq.%ff" },
		"pieces":   func(r *postgrest.Request) { r.RawQuery = "select=id&id=eq.1;limit=0" },
		"body":     func(r *postgrest.Request) { r.Body = []byte("{}") },
		"accept":   func(r *postgrest.Request) { r.Header = []postgrest.Field{{Name: "accept", Value: "text/csv"}} },
		"prefer":   func(r *postgrest.Request) { r.Header = []postgrest.Field{{Name: "prefer", Value: "count=exact"}} },
		"range":    func(r *postgrest.Request) { r.Header = []postgrest.Field{{Name: "range", Value: "0-1"}} },
		"profile":  func(r *postgrest.Request) { r.Header = []postgrest.Field{{Name: "accept-profile", Value: "api"}} },
	} {
		other := base
		change(&other)
		if s.engine.Recalls(&other) {
			t.Errorf("another %s is taken for the same key", name)
		}
	}
}

// TestPlanCacheGoesWithTheSchemaCache: after DDL, and after a change of the settings,
// no older entry is used.
func TestPlanCacheGoesWithTheSchemaCache(t *testing.T) {
	t.Parallel()
	s, owner := cachedService(t, cachedSchema)
	for range 3 {
		expect(t, s, "/t?select=*&select=id&id=eq.1", 200, `[{"id":1,"name":"name 1"}]`)
	}
	if _, err := pgtest.Conn(t, owner).Exec(t.Context(), `CREATE TYPE api.mood AS ENUM ('glad'); ALTER TABLE api.t ADD COLUMN mood api.mood DEFAULT 'glad'`); err != nil {
		t.Fatal(err)
	}
	for range 4 { // rows of this type are PostgreSQL's to write
		expect(t, s, "/t?select=*&select=id&id=eq.2", 200, `[{"id":2,"name":"name 2","mood":"glad"}]`)
	}
	s.engine.Configure(&postgrest.Settings{Schemas: []string{"api"}, AnonRole: "anon", HasMaxRows: true, MaxRows: 0, Timeouts: patient()})
	expect(t, s, "/t?select=*&select=id&id=eq.2", 200, `[]`)
	if n := s.engine.Remembered(); n > 1 {
		t.Errorf("%d entries of other settings are remembered", n)
	}
}
