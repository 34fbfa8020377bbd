package postgrest_test

import (
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest"
)

// totalSchema has 1,000 notes, of which anon may see 7 of his own; and kinds of
// relations that lead to them.
const totalSchema = `
	CREATE SCHEMA api;
	CREATE TABLE api.folders (id int PRIMARY KEY, name text);
	INSERT INTO api.folders SELECT i, 'folder ' || i FROM generate_series(1, 50) AS i;
	CREATE TABLE api.notes (id int PRIMARY KEY, owner text, folder int REFERENCES api.folders);
	INSERT INTO api.notes SELECT i, CASE WHEN i <= 7 THEN 'me' ELSE 'other' END, i % 50 + 1 FROM generate_series(1, 1000) AS i;
	ALTER TABLE api.notes ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own ON api.notes TO anon USING (owner = 'me');
	CREATE VIEW api.mine AS SELECT * FROM api.notes WHERE owner = 'me';
	CREATE VIEW api.asked WITH (security_invoker) AS SELECT * FROM api.notes;
	CREATE TABLE api.labels (id int PRIMARY KEY, owner text);
	CREATE FUNCTION api.labelled(api.folders) RETURNS SETOF api.labels ROWS 1 STABLE LANGUAGE sql AS
		'SELECT n.id, n.owner FROM api.notes n WHERE n.id = $1.id';
	GRANT USAGE ON SCHEMA api TO anon, service_role;
	GRANT SELECT ON ALL TABLES IN SCHEMA api TO anon, service_role;
	ANALYZE api.folders;
	ANALYZE api.notes;`

// TestEstimatedTotals holds that no total includes rows that row level security
// hides, and that the planner is asked if none is hidden.
func TestEstimatedTotals(t *testing.T) {
	t.Parallel()
	owner := pgtest.Database(t)
	if pgtest.Major(t, owner) < 15 {
		t.Skip("views with the caller's rights need PostgreSQL 15")
	}
	if _, err := pgtest.Conn(t, owner).Exec(t.Context(), totalSchema); err != nil {
		t.Fatal(err)
	}
	dbURL := pgtest.As(t, owner, "authenticator")
	as := func(role string, limit int64) *service {
		d := deployment{engine: postgrest.Settings{
			Schemas: []string{"api"}, AnonRole: role, Timeouts: patient(), HasMaxRows: true, MaxRows: 5, CountLimit: limit,
		}}
		d.auth.AnonRole = role
		return serve(t, dbURL, d)
	}
	anon, narrow, parity, keyholder := as("anon", 100), as("anon", 6), as("anon", 0), as("service_role", 100)
	for _, tt := range []struct {
		name, target string
		s            *service
		planned      string // Content-Range
		estimated    string
	}{
		{name: "own rows", target: "/notes?select=id&order=id", s: anon, planned: "0-4/7", estimated: "0-4/7"},
		{name: "a filter for another's rows", target: "/notes?owner=eq.other", s: anon, planned: "*/0", estimated: "*/0"},
		{name: "more than are counted", target: "/notes?select=id&order=id", s: narrow, planned: "0-4/*", estimated: "0-4/*"},
		{name: "another's rows behind an embed", target: "/folders?select=id,notes!inner(id)&notes.owner=eq.other", s: anon, planned: "*/0", estimated: "*/0"},
		{name: "another's rows behind a function", target: "/folders?select=id,labelled!inner(id)&labelled.owner=eq.other", s: anon, planned: "*/0", estimated: "*/0"},
		{name: "own rows behind a function", target: "/folders?select=id,labelled!inner(id)", s: anon, planned: "0-4/7", estimated: "0-4/7"},
		{name: "a view", target: "/mine?select=id", s: anon, planned: "0-4/7", estimated: "0-4/7"},
		{name: "a view with the caller's rights", target: "/asked?select=id", s: anon, planned: "0-4/7", estimated: "0-4/7"},
		{name: "a table without policies", target: "/folders?select=id", s: anon, planned: "0-4/50", estimated: "0-4/50"},
		{name: "a role that sees all", target: "/notes?select=id", s: keyholder, planned: "0-4/1000", estimated: "0-4/1000"},
		{name: "as PostgREST", target: "/notes?id=gt.500", s: parity, planned: "*/", estimated: "*/0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for count, want := range map[string]string{"planned": tt.planned, "estimated": tt.estimated} {
				for _, accept := range []string{"application/json", "text/csv", "application/x-ndjson"} {
					got, err := tt.s.send(get(tt.target, "Prefer: count="+count, "Accept: "+accept))
					if err != nil {
						t.Fatal(err)
					}
					if have := got.header.Get("Content-Range"); want == "*/" && (have == "*/*" || have == "*/0") || want != "*/" && have != want {
						t.Errorf("count=%s as %s: status %d, Content-Range = %q, want %q", count, accept, got.status, have, want)
					}
				}
			}
		})
	}
}
