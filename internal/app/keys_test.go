package app_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

const (
	publishable = "sb_publishable_abcdefghijklmnopqrstuv_12345678"
	secretKey   = "sb_secret_abcdefghijklmnopqrstuv_12345678"
)

// signed is a token with claims of its own.
func signed(t testing.TB, claims map[string]any) string {
	t.Helper()
	claims["exp"] = time.Now().Add(time.Hour).Unix()
	text, err := auth.Sign([]byte(secret), claims)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Keys count in every place and under every name, and no answer repeats one.
func TestKeysInEveryPlace(t *testing.T) {
	t.Parallel()
	owner, api := database(t)
	run(t, pgtest.Conn(t, owner), "ALTER TABLE items ADD apikey text; UPDATE items SET apikey = 'x' WHERE id = 1")
	anon, service := signed(t, map[string]any{"iss": "supabase", "ref": "abcdefghijklmnopqrst", "role": "anon"}), signed(t, map[string]any{"iss": "supabase", "role": "service_role"})
	r := start(t, api, map[string]string{
		"supabase-anon-key": publishable + ", " + anon, "supabase-service-role-key": secretKey, "supabase-secret-keys": `{"next":"` + secretKey + `2"}`,
	}).ready(t)
	for key, role := range map[string]string{publishable: "anon", anon: "anon", secretKey: "service_role", secretKey + "2": "service_role", service: "service_role"} {
		for _, tt := range []struct {
			path    string
			headers []string
		}{
			{"", []string{"apikey: " + key}}, {"", []string{"Authorization: Bearer " + key}}, {"", []string{"Authorization: Bearer " + key, "apikey: " + key}},
			{"&apikey=" + key, nil}, {"&apikey=" + key, []string{"apikey: " + key}},
		} {
			for _, method := range []string{"GET", "POST"} {
				path := "/rest/v1/rpc/setting?name=role" + tt.path
				body := ""
				if method == "POST" {
					path, body = "/rest/v1/rpc/setting?"+strings.TrimPrefix(tt.path, "&"), `{"name":"role"}`
				}
				status, got, _ := ask(t, method, r.URL+path, body, append(tt.headers, "Content-Type: application/json")...)
				if status != 200 || got != `"`+role+`"` {
					t.Errorf("%s with %s of %s: %d %s", method, tt, role, status, got)
				}
			}
		}
		for _, path := range []string{"/rest/v1/?apikey=" + key, "/rest/v1/items?select=id&limit=1&apikey=" + key, "/items?apikey=" + key + "&id=eq.1"} {
			status, body, header := ask(t, "GET", r.URL+path, "")
			if status != 200 || strings.Contains(body+header.Get("Content-Location"), key) {
				t.Errorf("%s: %d %s %s", role, status, header.Get("Content-Location"), body)
			}
		}
	}
	for query, want := range map[string]string{"apikey=eq.x&select=id": `[{"id":1}]`, "apikey=is.null&select=id": `[{"id":2},{"id":3}]`, "apikey=eq.x&select=id&apikey=" + publishable: `[{"id":1}]`} {
		if status, body, _ := ask(t, "GET", r.URL+"/items?order=id&"+query, ""); status != 200 || strings.NewReplacer("\n", "", " ", "").Replace(body) != want {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
	for _, key := range []string{publishable + "3", secretKey + "3", anon[:len(anon)-9], anon[:20], service + "AAAA"} {
		for _, headers := range [][]string{{"apikey: " + key}, {"Authorization: Bearer " + key}, {"X-None: 1"}} {
			status, body, header := ask(t, "GET", r.URL+"/items?apikey="+key, "", headers...)
			if status != 401 || strings.Contains(body+header.Get("WWW-Authenticate"), key[:16]) {
				t.Errorf("unknown key: %d %s", status, body)
			}
			if strings.HasPrefix(key, "sb_secret_") && !strings.Contains(body, "SUPABASE_SECRET_KEY ") {
				t.Errorf("the answer does not say what to set: %s", body)
			}
		}
	}
	if err := r.Stop(); err != nil {
		t.Error(err)
	}
	for _, key := range []string{publishable, secretKey, anon, service} {
		if strings.Contains(r.Log.String(), key) {
			t.Error("the log holds a key")
		}
	}
}

// A setting that holds another key than its own stops the start.
func TestKeysOfAnotherKindStopTheStart(t *testing.T) {
	t.Parallel()
	anon, service := token(t, "anon"), token(t, "service_role")
	for name, value := range map[string]string{
		"SUPABASE_ANON_KEY": service, "SUPABASE_PUBLISHABLE_KEY": secretKey, "SUPABASE_SERVICE_ROLE_KEY": anon, "SUPABASE_SECRET_KEY": publishable,
		"SUPABASE_PUBLISHABLE_KEYS": `{"default":"` + service + `"}`, "SUPABASE_SECRET_KEYS": `["` + secretKey + `","` + anon + `"]`,
	} {
		cfg, err := config.Load(config.Sources{Environ: []string{name + "=" + value, "SUPABASE_JWT_SECRET=" + secret, "PGRST_DB_URI=postgres://127.0.0.1:1/none"}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = app.New(cfg, app.Options{LogTo: new(buffer)})
		if err == nil || !strings.Contains(err.Error(), "("+name+"): holds a ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, key := range []string{anon, service, secretKey, publishable} {
			if strings.Contains(err.Error(), key) {
				t.Errorf("%s: the message shows the key", name)
			}
		}
	}
}

// The caller is in the API log, by whatever credential, with a profile or not.
func TestWhoAskedIsRecorded(t *testing.T) {
	t.Parallel()
	p := newProject(t, map[string]string{"supabase-publishable-key": publishable, "supabase-secret-key": secretKey})
	const nobody = "9d3c1f66-0000-4000-8000-00000000beef"
	user := signed(t, map[string]any{"role": "authenticated", "sub": nobody})
	service := token(t, "service_role")
	for i, tt := range []struct{ query, header string }{
		{"", "X-None: 1"}, {"", "apikey: " + secretKey}, {"?apikey=" + secretKey, "X-None: 1"}, {"", "Authorization: Bearer " + secretKey},
		{"", "apikey: " + service}, {"", "Authorization: Bearer " + user}, {"", "apikey: " + publishable}, {"", "apikey: sb_secret_unknown"},
	} {
		ask(t, "GET", p.URL+"/rest/v1/items/"+string(rune('a'+i))+tt.query, "", tt.header)
	}
	p.rows(8)
	found, err := p.owner.Query(context.Background(), `SELECT concat_ws(' ', right(endpoint, 1), response_code, coalesce(request_headers->>'role', '-'),
		coalesce(request_headers->>'sub', '-'), request_headers ? 'token_hash', user_id IS NULL) FROM public.api_security_logs`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	same(t, "rows", strings.Join(got, "\n"), strings.Join([]string{
		"a 404 anon - f t", "b 404 service_role - t t", "c 404 service_role - t t", "d 404 service_role - t t",
		"e 404 service_role - t t", "f 404 authenticated " + nobody + " t t", "g 404 anon - t t", "h 401 - - t t",
	}, "\n"))
	var hashes int
	err = p.owner.QueryRow(context.Background(), "SELECT count(DISTINCT request_headers->>'token_hash') FROM public.api_security_logs WHERE right(endpoint, 1) IN ('b', 'c', 'd')").Scan(&hashes)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "hashes of one key", hashes, 1)
}
