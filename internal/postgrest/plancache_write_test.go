package postgrest_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

const memoWrites = `
	CREATE TABLE api.w (id int PRIMARY KEY, name text DEFAULT 'none', tags text[]);
	GRANT ALL ON api.w TO anon;
	CREATE FUNCTION api.is(n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'int ' || n $$;
	CREATE FUNCTION api.is(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'text ' || t $$;
	CREATE FUNCTION api.whole(json) RETURNS json LANGUAGE sql IMMUTABLE AS 'SELECT $1';
	CREATE FUNCTION api.from(n int) RETURNS SETOF api.t LANGUAGE sql STABLE AS 'SELECT * FROM api.t WHERE id >= n';
	CREATE FUNCTION api.who() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('request.headers')::json ->> 'x-who' $$;`

// TestPlanCacheTakesBodies: each write and call has the values of its own body and
// URL, and those that cannot be are refused as ever. "#" is the number of the
// round.
func TestPlanCacheTakesBodies(t *testing.T) {
	t.Parallel()
	s, owner := cachedService(t, cachedSchema, memoWrites)
	const whole, merged = "return=representation", "resolution=merge-duplicates,return=representation"
	requests := []struct {
		method, target, prefer, body string
		status                       int
		want                         string
	}{
		{"POST", "/w", whole, `{"id":#,"name":"n# \u00e9 \"q\" $1 ' \\"}`, 201, `[{"id":#,"name":"n# é \"q\" $1 ' \\","tags":null}]`},
		{"POST", "/w", whole, ` {"name":"#","id":#}`, 409, "23505"},
		{"POST", "/w", "", `[{"id":1000#,"tags":["a"]},{"id":2000#,"tags":null}]`, 201, ""},
		{"POST", "/w", "", `[{"id":3000#,"tags":["a"]},{"id":4000#}]`, 400, "PGRST102"},
		{"POST", "/w", "", `{"id":#`, 400, "PGRST102"},
		{"POST", "/w", "", `{"id":"no #","name":""}`, 400, "22P02"},
		{"POST", "/w", "", `{"id":5000#,"none":#}`, 400, "PGRST204"},
		{"POST", "/w?columns=id", whole, `{"id":6000#,"name":"not taken"}`, 201, `[{"id":6000#,"name":"none","tags":null}]`},
		{"POST", "/w?on_conflict=id", merged, `{"id":#,"name":"merged #"}`, 200, `[{"id":#,"name":"merged #","tags":null}]`},
		{"PATCH", "/w?id=eq.#", whole, `{"name":"again #"}`, 200, `[{"id":#,"name":"again #","tags":null}]`},
		{"PATCH", "/w?id=eq.#&name=eq.again+#&select=id", whole, `{"tags":["#","b"]}`, 200, `[{"id":#}]`},
		{"PATCH", "/w?id=eq.#&select=id", whole, `[{"tags":["#"]}]`, 200, `[{"id":#}]`},
		{"DELETE", "/w?id=eq.1000#&select=id", whole, "", 200, `[{"id":1000#}]`},
		{"POST", "/rpc/is", "", `{"n":#}`, 200, `"int #"`},
		{"POST", "/rpc/is", "", `{"t":"#"}`, 200, `"text #"`},
		{"POST", "/rpc/is", "", `{"x":#}`, 404, "PGRST202"},
		{"POST", "/rpc/whole", "", `{"any":[#, {"x":null}]}`, 200, `{"any":[#, {"x":null}]}`},
		{"POST", "/rpc/from?select=id&id=lte.#", "", `{"n":#}`, 200, `[{"id":#}]`},
		{"POST", "/rpc/who", "", "", 200, `"caller #"`},
		{"POST", "/rpc/who", "", "{}", 200, `"caller #"`},
		{"GET", "/rpc/is?n=#", "", "", 200, `"int #"`},
	}
	const rounds = 12
	for n := range rounds {
		of := func(text string) string { return strings.ReplaceAll(text, "#", strconv.Itoa(n+1)) }
		for _, r := range requests {
			m := message{method: r.method, target: of(r.target), body: []byte(of(r.body))}
			m.header = []string{of("X-Who: caller #")}
			if r.prefer != "" {
				m.header = append(m.header, "Prefer: "+r.prefer)
			}
			if r.body != "" {
				m.header = append(m.header, "Content-Type: application/json")
			}
			expectOf(t, s, m, r.status, of(r.want))
		}
	}
	// All but those that are refused, or ask a function by GET.
	if got := s.engine.Remembered(); got < 14 {
		t.Errorf("%d keys are remembered, want 14", got)
	}
	var rows string
	const all = "SELECT string_agg(concat_ws(' ', id, name, tags), ', ' ORDER BY id) FROM api.w WHERE id IN (2, 12, 20002, 200012)"
	if err := pgtest.Conn(t, owner).QueryRow(t.Context(), all).Scan(&rows); err != nil || rows != "2 again 2 {2}, 12 again 12 {12}, 20002 none, 200012 none" {
		t.Errorf("rows %q, %v", rows, err)
	}
}
