package postgrest_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest"
)

// told is the view that TestClaimSettings reads, and a function that says the same.
const told = `
	CREATE SCHEMA api;
	CREATE VIEW api.told AS SELECT current_setting('request.jwt.claim.sub', true) AS sub,
		current_setting('request.jwt.claim.role', true) AS role, current_setting('request.jwt.claims', true)::jsonb ->> 'sub' AS claim;
	CREATE FUNCTION api.say() RETURNS SETOF api.told STABLE LANGUAGE sql AS 'SELECT * FROM api.told';
	GRANT USAGE ON SCHEMA api TO anon, authenticated;
	GRANT SELECT ON api.told TO anon, authenticated;`

// TestClaimSettings: a read of a relation sees its own caller's claims as settings,
// however many others of its key came before; where a claim is no text, or a
// function runs, which may set claims itself, the settings are empty.
func TestClaimSettings(t *testing.T) {
	t.Parallel()
	owner := pgtest.Database(t)
	if _, err := pgtest.Conn(t, owner).Exec(t.Context(), told); err != nil {
		t.Fatal(err)
	}
	s := postgrest.Settings{Schemas: []string{"api"}, AnonRole: "anon", Timeouts: patient(), ClaimSettings: true}
	dbURL := pgtest.As(t, owner, "authenticator")
	log := slog.New(slog.DiscardHandler)
	e := newEngine(t, newRunner(t, dbURL, false), schemaCache(t, dbURL, s, log), s, log)
	type row struct{ Sub, Role, Claim *string }
	ask := func(path, role, claims, subject string) (got [1]row) {
		t.Helper()
		res := e.Serve(context.Background(), &postgrest.Request{Method: "GET", Path: path, RawQuery: "select=*", Role: role, Claims: []byte(claims), Subject: subject})
		if err := json.Unmarshal(res.Body, &got); err != nil || res.Status != 200 {
			t.Fatalf("%d %s", res.Status, res.Body)
		}
		return got
	}
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	for _, subject := range []string{"ada", "eve", "", "ada", "a'b \"ä\"", "eve"} {
		claims, err := json.Marshal(map[string]string{"role": "authenticated", "sub": subject})
		if err != nil {
			t.Fatal(err)
		}
		got := ask("/told", "authenticated", string(claims), subject)[0]
		if text(got.Sub) != subject || text(got.Claim) != subject || text(got.Role) != "authenticated" {
			t.Errorf("%q: %q %q %q", subject, text(got.Sub), text(got.Claim), text(got.Role))
		}
		if got := ask("/rpc/say", "authenticated", string(claims), subject)[0]; text(got.Sub) != "" || text(got.Role) != "" || text(got.Claim) != subject {
			t.Errorf("function for %q: %q %q %q", subject, text(got.Sub), text(got.Role), text(got.Claim))
		}
	}
	if got := ask("/told", "anon", `{"role":"anon","sub":7}`, "")[0]; text(got.Sub) != "" || text(got.Role) != "anon" || text(got.Claim) != "7" {
		t.Errorf("a number: %q %q %q", text(got.Sub), text(got.Role), text(got.Claim))
	}
	res := e.Serve(context.Background(), &postgrest.Request{Method: "GET", Path: "/told", RawQuery: "select=sub", Role: "anon", Claims: []byte(`{"role":"anon"}`), Subject: "a\x00b"})
	if res.Status != 200 {
		t.Errorf("NUL: %d %s", res.Status, res.Body)
	}
}
