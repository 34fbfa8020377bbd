package postgrest_test

import (
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest"
)

const blameSchema = `
	CREATE SCHEMA api;
	CREATE EXTENSION hstore SCHEMA public;
	CREATE TABLE api.things (id int PRIMARY KEY DEFAULT 1, attributes public.hstore, doc tsvector, settings jsonb, tags text[]);
	INSERT INTO api.things VALUES (1);
	CREATE FUNCTION api.broken(a text DEFAULT '') RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken' USING ERRCODE = 'XX000'; END $$;
	CREATE FUNCTION api.endless(a text DEFAULT '') RETURNS int LANGUAGE sql AS $$ SELECT api.endless2($1) $$;
	CREATE FUNCTION api.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'broken' USING ERRCODE = 'XX000'; END $$;
	CREATE TABLE api.guarded (id int);
	CREATE TRIGGER refuse BEFORE INSERT ON api.guarded FOR EACH ROW EXECUTE FUNCTION api.refuse();
	GRANT USAGE ON SCHEMA api TO anon;
	GRANT ALL ON api.things, api.guarded TO anon;`

// TestClientErrors holds that with the setting a 500 of PostgREST's that only
// the request can cause is a 400, and without it stays a 500.
func TestClientErrors(t *testing.T) {
	t.Parallel()
	owner := pgtest.Database(t)
	schema := strings.Replace(blameSchema, "CREATE FUNCTION api.endless(a", `CREATE FUNCTION api.endless2(a text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN api.endless2(a) + 1; END $$;
	CREATE FUNCTION api.endless(a`, 1)
	if _, err := pgtest.Conn(t, owner).Exec(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	serving := func(on bool) *service {
		d := deployment{engine: postgrest.Settings{
			Schemas: []string{"api"}, ExtraSearchPath: []string{"public"}, AnonRole: "anon", Timeouts: patient(), ClientErrors: on,
		}}
		d.auth.AnonRole = "anon"
		return serve(t, pgtest.As(t, owner, "authenticator"), d)
	}
	mended, parity := serving(true), serving(false)
	refused := "XX000"
	if pgtest.Major(t, owner) > 15 {
		refused = "42601" // hstore names the fault by now, other extensions do not
	}
	for _, tt := range []struct {
		name    string
		request message
		code    string
		status  int // with the setting; without it 500
	}{
		{"a value that an extension's type refuses, in a body", post("/things", `{"attributes": {"a": 1}}`), refused, 400},
		{"the same in CSV", post("/things", "attributes\n\"a=>\"\n", "Content-Type: text/csv"), refused, 400},
		{"the same in a filter", get("/things?attributes=eq.a%3D%3E"), refused, 400},
		{"the same in an update", patch("/things?id=eq.1", `{"attributes": "a=>"}`), refused, 400},
		{"a function that fails", post("/rpc/broken", `{"a": "x"}`), "XX000", 500},
		{"a function that fails, by GET", get("/rpc/broken?a=x"), "XX000", 500},
		{"a trigger that fails", post("/guarded", `{"id": 1}`), "XX000", 500},
		{"too many dimensions", get("/things?tags=cs.{{{{{{{a}}}}}}}"), "54000", 400},
		{"a document that nests too deep", post("/things", `{"settings": `+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+`}`), "54001", 400},
		{"a query of words that nests too deep", get("/things?doc=fts." + strings.Repeat("!", 30000) + "a"), "XX000", 400},
		{"steps without end", get("/things?select=settings" + strings.Repeat("->a", 15000)), "54001", 400},
		{"a function without end", post("/rpc/endless", `{"a": "x"}`), "54001", 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			unmended := 500
			if tt.code == "42601" {
				unmended = 400
			}
			for s, want := range map[*service]int{mended: tt.status, parity: unmended} {
				got, err := s.send(tt.request)
				if err != nil {
					t.Fatal(err)
				}
				if code := refusalCode(t, got); got.status != want || code != tt.code {
					t.Errorf("status, code = %d, %q, want %d, %q\n%.300s", got.status, code, want, tt.code, got.body)
				}
			}
		})
	}
}
