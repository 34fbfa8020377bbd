package postgrest_test

import (
	"bytes"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest"
)

const keySchema = `
	CREATE SCHEMA api;
	CREATE TABLE api.users (id int PRIMARY KEY, name text);
	CREATE TABLE api.teams (id int PRIMARY KEY, name text, first_user int REFERENCES api.users, second_user int REFERENCES api.users);
	CREATE TABLE api.members (team int REFERENCES api.teams, person int REFERENCES api.users, PRIMARY KEY (team, person));
	CREATE FUNCTION api.title(api.teams) RETURNS text LANGUAGE sql STABLE AS $$ SELECT 'team ' || $1.name $$;
	CREATE FUNCTION api.captain(api.teams) RETURNS SETOF api.users ROWS 1 LANGUAGE sql STABLE AS $$ SELECT * FROM api.users WHERE id = $1.first_user $$;
	INSERT INTO api.users VALUES (1, 'Ann'), (2, 'Bob');
	INSERT INTO api.teams VALUES (1, 'red', 1, 2), (2, 'blue', 2, NULL);
	INSERT INTO api.members VALUES (1, 1), (1, 2), (2, 2);
	GRANT USAGE ON SCHEMA api TO anon;
	GRANT SELECT ON ALL TABLES IN SCHEMA api TO anon;`

// TestOneNameTwice holds that an answer does not depend on who makes the JSON,
// PostgreSQL or we, nor on how an embed is joined: with count=exact PostgreSQL
// makes it, in PostgREST's own words, and without a limit each embed is a join.
func TestOneNameTwice(t *testing.T) {
	t.Parallel()
	owner := pgtest.Database(t)
	if _, err := pgtest.Conn(t, owner).Exec(t.Context(), keySchema); err != nil {
		t.Fatal(err)
	}
	d := deployment{engine: postgrest.Settings{Schemas: []string{"api"}, AnonRole: "anon", Timeouts: patient()}}
	d.auth.AnonRole = "anon"
	s := serve(t, pgtest.As(t, owner, "authenticator"), d)
	for _, tt := range []struct {
		selects string
		code    string // "" for an answer
	}{
		{"users!first_user(*),users!second_user(*)", "42712"},
		{"id,users!first_user(id),users!second_user(name)", "42712"},
		{"users!first_user(*),users!members(*)", "42712"},
		{"users!members(*),users!second_user(*)", "42712"},
		{"a:users!first_user(id),a:users!second_user(id)", "42712"},
		{"members(person),members(team)", "42803"}, // PostgreSQL reports the aggregate first
		{"a:members(person),a:captain(id)", "42712"},
		{"captain(id),captain(name)", "42712"},
		{"users!first_user(),users!second_user(id)", "42712"},
		{"...users!first_user(a:id),...users!second_user(b:id)", "42712"},
		{"...users!first_user(a:id),users!second_user(id)", "42712"},
		{"users!first_user(id,teams!first_user(id),teams!first_user(name)),id", "42803"},
		{"a:users!first_user(id),b:users!second_user(id)", ""},
		{"users!first_user(id),b:users!second_user(id)", ""},
		{"id,id", ""},
		{"*,id", ""},
		{"id,id:name", ""},
		{"id,id::text", ""},
		{"name,name:title", ""},
		{"title,title", ""},
		{"id,...users!first_user(id)", ""},
		{"a:id,a:users!first_user(id)", ""},
		{"users!first_user(id,id:name)", ""},
		{"members(person,person:team)", ""},
		{"...members(person,person)", "42702"},
	} {
		t.Run(tt.selects, func(t *testing.T) {
			t.Parallel()
			var first []byte
			for _, page := range []string{"", "&limit=5", "&limit=5&order=id"} {
				for _, prefer := range []string{"count=none", "count=exact"} {
					got, err := s.send(get("/teams?select="+tt.selects+page, "Prefer: "+prefer))
					if err != nil {
						t.Fatal(err)
					}
					var code string
					if got.status >= 400 {
						code = refusalCode(t, got)
					}
					if code != tt.code {
						t.Errorf("%s, %s: status %d, code %q, want %q\n%s", page, prefer, got.status, code, tt.code, got.body)
					}
					if page == "" && tt.code == "" && first == nil {
						first = got.body
					}
					if code == "" && !bytes.Equal(compact(got.body), compact(first)) {
						t.Errorf("%s, %s:\n%s\nwant as without:\n%s", page, prefer, got.body, first)
					}
				}
			}
		})
	}
}

// compact drops line ends, which PostgreSQL writes between rows and we do too.
func compact(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\n"), nil) }
