package postgrest_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/postgrest"
)

// ordinary is a request that clients send all day, and its permitted cost.
type ordinary struct {
	name     string
	status   int
	allocs   float64 // at most, the engine and its way to PostgreSQL together
	requests []postgrest.Request
}

// ordinaryRequests are those whose allocations are limited. They leave no more
// rows than they found.
func ordinaryRequests() []ordinary {
	return []ordinary{
		{"row by key", 200, 20, one("GET", "/films", "select=id,title,year&id=eq.3", "")},
		{"rows", 200, 20, one("GET", "/films", "select=id,title,year,rating&year=gte.2000&order=year.desc&limit=25", "")},
		{"rows with embed", 200, 20, one("GET", "/reviews", "select=*,films(title)&order=id&limit=25", "")},
		{"total", 206, 20, one("GET", "/reviews", "select=id&order=id&limit=2", "", "prefer", "count=exact")},
		{"insert", 201, 20, []postgrest.Request{
			request("POST", "/reviews", "", `{"id":100,"film_id":3,"author":"ida","stars":4,"body":"new"}`, "prefer", "return=minimal"),
		}},
		{"upsert", 200, 20, one("POST", "/reviews", "on_conflict=id", `{"id":5,"film_id":4,"author":"eve","stars":3}`,
			"prefer", "resolution=merge-duplicates,return=minimal")},
		{"update", 204, 20, one("PATCH", "/reviews", "id=eq.5", `{"stars":3}`, "prefer", "return=minimal")},
		{"call without arguments", 204, 20, one("POST", "/rpc/nothing", "", `{}`)},
		{"call with arguments", 200, 20, one("POST", "/rpc/add", "", `{"a":1,"b":2}`)},
		{"no such table", 404, 40, one("GET", "/no_such_table", "select=*", "")},
		{"no such operator", 400, 65, one("GET", "/films", "select=*&year=nope.high", "")},
	}
}

func one(method, path, query, body string, headers ...string) []postgrest.Request {
	return []postgrest.Request{request(method, path, query, body, headers...)}
}

// request is one as the server hands it on, with the headers of a browser.
func request(method, path, query, body string, headers ...string) postgrest.Request {
	r := postgrest.Request{
		Method: method, Path: path, RawQuery: query, Body: []byte(body), Role: "authenticated", Claims: []byte(`{"role":"authenticated","sub":"eve"}`),
		Header: []postgrest.Field{
			{Name: "host", Value: "127.0.0.1:54399"}, {Name: "accept", Value: "*/*"}, {Name: "accept-profile", Value: "cinema"},
			{Name: "x-client-info", Value: "supabase-js-web/2.50.3"}, {Name: "origin", Value: "http://localhost:5173"},
			{Name: "user-agent", Value: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"},
		},
	}
	if body != "" {
		r.Header = append(r.Header, postgrest.Field{Name: "content-type", Value: "application/json"}, postgrest.Field{Name: "content-profile", Value: "cinema"})
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header = append(r.Header, postgrest.Field{Name: headers[i], Value: headers[i+1]})
	}
	return r
}

func ordinaryEngine(t testing.TB) *postgrest.Engine {
	t.Helper()
	s := goldenSettings()
	s.Timeouts = patient()
	dbURL := database(t, "golden", "fixture.sql")
	return newEngine(t, newRunner(t, dbURL, false), schemaCache(t, dbURL, s, slog.New(slog.DiscardHandler)), s, slog.New(slog.DiscardHandler))
}

func (o *ordinary) serve(t testing.TB, e *postgrest.Engine) {
	for i := range o.requests {
		if got := e.Serve(context.Background(), &o.requests[i]); got.Status != o.status {
			t.Fatalf("%s: %d %s", o.name, got.Status, got.Body)
		}
	}
}

// BenchmarkServe measures a request's cost on this side, and how long PostgreSQL
// takes.
func BenchmarkServe(b *testing.B) {
	e := ordinaryEngine(b)
	for _, o := range ordinaryRequests() {
		b.Run(strings.ReplaceAll(o.name, " ", "_"), func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					o.serve(b, e)
				}
			})
		})
	}
}

// TestAllocations limits the allocations of a request. Time would depend on the
// machine, this does not; it grows if work is done twice, or for each row, that
// was done once.
func TestAllocations(t *testing.T) {
	e := ordinaryEngine(t)
	for _, o := range ordinaryRequests() {
		for range 5 { // statements are prepared, entries made
			o.serve(t, e)
		}
		if got := testing.AllocsPerRun(50, func() { o.serve(t, e) }); got > o.allocs+raceAllocs {
			t.Errorf("%s: %.0f allocations, at most %.0f", o.name, got, o.allocs)
		}
	}
}
