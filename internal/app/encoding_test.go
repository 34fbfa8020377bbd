package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// encoded is a database that is not in UTF-8, or whose roles are not.
type encoded struct {
	name     string
	encoding string
	role     string // client_encoding that the API's role is set to
	word     string // that the encoding has
	lacks    string // a character that it has not; "" = none
}

func encodings() []encoded {
	return []encoded{
		{"LATIN1", "LATIN1", "SQL_ASCII", "Forlì", "Ł"},
		{"EUC_JP", "EUC_JP", "SQL_ASCII", "大阪", "ก"},
		{"WIN1251", "WIN1251", "ISO_8859_5", "Москва", "é"},
		{"SQL_ASCII", "SQL_ASCII", "LATIN1", "Forlì", ""},
		{"UTF8 with roles of LATIN1", "UTF8", "LATIN1", "Łódź", ""},
	}
}

// places makes a schema, a table and a column with the word in their names, and
// returns the database as its superuser and as the API logs in.
func places(t *testing.T, e encoded) (owner, api string) {
	t.Helper()
	owner = pgtest.Encoded(t, e.encoding)
	conn := pgtest.Conn(t, withUTF8(owner))
	run(t, conn, strings.ReplaceAll(strings.ReplaceAll(`
		CREATE SCHEMA "s WORD"; GRANT USAGE ON SCHEMA "s WORD" TO anon;
		CREATE TABLE "s WORD"."t WORD" (id int PRIMARY KEY, name text, "c WORD" text DEFAULT 'WORD');
		INSERT INTO "s WORD"."t WORD" VALUES (1, 'WORD');
		GRANT ALL ON "s WORD"."t WORD" TO anon;
		CREATE FUNCTION "s WORD".refuse() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no WORD' USING HINT = 'WORD', ERRCODE = 'P0001'; END $$;
		DO $$ BEGIN
			EXECUTE format('ALTER ROLE authenticator IN DATABASE %I SET client_encoding = ''ENCODING''', current_database());
			EXECUTE format('ALTER DATABASE %I SET client_encoding = ''SQL_ASCII''', current_database());
		END $$`, "WORD", e.word), "ENCODING", e.role))
	return owner, pgtest.As(t, owner, "authenticator")
}

func withUTF8(uri string) string {
	if strings.Contains(uri, "?") {
		return uri + "&client_encoding=UTF8"
	}
	return uri + "?client_encoding=UTF8"
}

// Text that is read, filtered, written, named or in an error is UTF-8 on both
// sides.
func TestEncodings(t *testing.T) {
	t.Parallel()
	for _, e := range encodings() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			owner, api := places(t, e)
			for way, uri := range map[string]string{"direct": api, "pooler": pgtest.Pooler(t, api, 2)} {
				r := start(t, uri, map[string]string{"db-schemas": "s " + e.word, "db-prepared-statements": "false", "romashka-db-direct-uri": api}).ready(t)
				e.try(t, way, r, owner)
			}
		})
	}
}

func (e encoded) try(t *testing.T, way string, r *running, owner string) {
	t.Helper()
	word := url.PathEscape(e.word)
	table := r.URL + "/t%20" + word
	representation := "Prefer: return=representation, tx=rollback"
	for _, tt := range []struct {
		method, target, body string
		headers              []string
		status               int
		want                 string
	}{
		{method: "GET", target: table, status: 200, want: fmt.Sprintf(`[{"id":1,"name":"%s","c %s":"%s"}]`, e.word, e.word, e.word)},
		{method: "GET", target: table + "?select=id&name=eq." + word, status: 200, want: `[{"id":1}]`},
		{method: "GET", target: table + "?select=id&name=in.(" + word + ")&c%20" + word + "=like.*" + word, status: 200, want: `[{"id":1}]`},
		{method: "GET", target: table + "?select=c%20" + word, headers: []string{"Accept: text/csv"}, status: 200, want: "c " + e.word + "\n" + e.word},
		{method: "POST", target: table, body: `{"id":2,"name":"` + e.word + `"}`, status: 201},
		{method: "GET", target: r.URL + "/rpc/refuse", status: 400, want: fmt.Sprintf(`"message":"no %s"`, e.word)},
		{method: "GET", target: table + "?select=nope" + word, status: 400, want: "nope" + e.word},
		{method: "DELETE", target: table + "?id=eq.2&name=eq." + word, headers: []string{"Prefer: return=representation"}, status: 200, want: e.word},
	} {
		status, body, _ := ask(t, tt.method, tt.target, tt.body, append(tt.headers, "Content-Type: application/json")...)
		if status != tt.status || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %s %s: %d %s, want %d with %s", way, tt.method, tt.target, status, body, tt.status, tt.want)
		}
	}
	e.tryLength(t, way, table, owner)
	if e.lacks == "" {
		return
	}
	lack := url.QueryEscape(e.lacks)
	for _, tt := range []struct{ method, target, body, contentType string }{
		{"GET", table + "?name=eq." + lack, "", ""},
		{"GET", table + "?name=in.(" + lack + ",x)", "", ""},
		{"GET", table + "?select=" + lack, "", ""},
		{"GET", table + "?select=x:name,y" + lack + ":id", "", ""},
		{"GET", table + "?order=" + lack, "", ""},
		{"POST", table, `{"id":3,"name":"` + e.lacks + `"}`, "application/json"},
		{"POST", table, "id,name\n3," + e.lacks, "text/csv"},
		{"PATCH", table + "?id=eq.1", `{"name":"` + e.lacks + `"}`, "application/json"},
		{"POST", table + "?columns=id,name", fmt.Sprintf(`{"id":3,"name":"\u%04x"}`, []rune(e.lacks)[0]), "application/json"},
	} {
		status, body, _ := ask(t, tt.method, tt.target, tt.body, "Content-Type: "+tt.contentType, representation)
		if status != http.StatusBadRequest || code(body) != "22P05" {
			t.Errorf("%s: %s %s %s: %d %s, want 400 22P05", way, tt.method, tt.target, tt.body, status, body)
		}
	}
	for target, want := range map[string]int{r.URL + "/" + lack: 404, r.URL + "/rpc/" + lack: 404} {
		if status, body, _ := ask(t, "GET", target, ""); status != want {
			t.Errorf("%s: %s: %d %s, want %d", way, target, status, body, want)
		}
	}
}

// tryLength holds that written text has as many characters as the client sent.
func (e encoded) tryLength(t *testing.T, way, table, owner string) {
	t.Helper()
	if status, body, _ := ask(t, "POST", table, `{"id":4,"name":"`+e.word+`"}`, "Content-Type: application/json"); status != 201 {
		t.Errorf("%s: %d %s", way, status, body)
	}
	conn := pgtest.Conn(t, withUTF8(owner))
	var got int
	statement := fmt.Sprintf(`DELETE FROM "s %s"."t %s" WHERE id = 4 RETURNING length(name)`, e.word, e.word)
	want := len([]rune(e.word))
	if e.encoding == "SQL_ASCII" { // it counts bytes
		want = len(e.word)
	}
	if err := conn.QueryRow(t.Context(), statement).Scan(&got); err != nil || got != want {
		t.Errorf("%s: %d characters were stored, want %d (%v)", way, got, want, err)
	}
}

// Names in a notification arrive, and so do the objects of that name in the
// schema cache.
func TestEncodingOfNotifications(t *testing.T) {
	t.Parallel()
	for _, e := range encodings() {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			owner, api := places(t, e)
			r := start(t, api, map[string]string{"db-schemas": "s " + e.word, "db-channel": "c " + e.word}).ready(t)
			eventually(t, "it listens", func() bool { return strings.Contains(r.Log.String(), "listening for schema changes") })
			loads := r.Loads()
			run(t, pgtest.Conn(t, withUTF8(owner)), fmt.Sprintf(`NOTIFY "c %s", '%s'; CREATE TABLE "s %s"."n %s" (); GRANT SELECT ON "s %s"."n %s" TO anon; NOTIFY "c %s", 'reload schema'`,
				e.word, e.word, e.word, e.word, e.word, e.word, e.word))
			eventually(t, "the reload", func() bool { return r.Loads() > loads })
			eventually(t, "the table", func() bool {
				status, _, _ := ask(t, "GET", r.URL+"/n%20"+url.PathEscape(e.word), "")
				return status == 200
			})
			told := strings.Count(r.Log.String(), "SQL_ASCII")
			if want := map[bool]int{true: 1}[e.encoding == "SQL_ASCII"]; told != want {
				t.Errorf("a database without encoding is told %d times, want %d:\n%s", told, want, r.Log)
			}
		})
	}
}

// A role that requests become may be set to another encoding, too; its other
// settings hold.
func TestEncodingOfRequestRole(t *testing.T) {
	t.Parallel()
	owner := pgtest.Database(t)
	conn := pgtest.Conn(t, owner)
	role := "latin_" + conn.Config().Database
	run(t, conn, `CREATE TABLE places (name text); INSERT INTO places VALUES ('Forlì');
		CREATE FUNCTION interval_style() RETURNS text STABLE LANGUAGE sql AS $$ SELECT current_setting('IntervalStyle') $$;
		CREATE ROLE `+role+`; GRANT `+role+` TO authenticator; GRANT ALL ON places TO `+role+`;
		ALTER ROLE `+role+` SET client_encoding = 'LATIN1'; ALTER ROLE `+role+` SET IntervalStyle = 'iso_8601'`)
	t.Cleanup(func() { run(t, pgtest.Conn(t, owner), "DROP OWNED BY "+role+"; DROP ROLE "+role) })
	r := start(t, pgtest.As(t, owner, "authenticator"), nil).ready(t)
	bearer := "Authorization: Bearer " + token(t, role)
	if status, body, _ := ask(t, "GET", r.URL+"/places?name=eq.Forl%C3%AC", "", bearer); status != 200 || body != `[{"name":"Forlì"}]` {
		t.Errorf("%d %q", status, body)
	}
	if _, body, _ := ask(t, "GET", r.URL+"/rpc/interval_style", "", bearer); body != `"iso_8601"` {
		t.Errorf("its other settings: %s", body)
	}
}
