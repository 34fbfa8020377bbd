package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/app"
	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devauth"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/edge/server"
)

// project is a migrated database with users, served together with sign-in.
type project struct {
	*running
	t         *testing.T
	owner     *pgx.Conn
	api       string // how replicas log in
	passwords []string
	tokens    map[string]string // by user
	ids       map[string]string
}

func newProject(t *testing.T, settings map[string]string) *project {
	t.Helper()
	owner, api := database(t)
	admin := pgtest.As(t, owner, devdb.Superuser)
	m, err := migrator.New(admin, migrator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	p := &project{t: t, api: api, owner: pgtest.Conn(t, admin), tokens: map[string]string{}, ids: map[string]string{}}
	for _, u := range []devdb.User{
		{Email: "user@example.com", Password: "users-own-password", FullName: "U", Role: "user"},
		{Email: "other@example.com", Password: "others-own-password", FullName: "O", Role: "user"},
		{Email: "admin@example.com", Password: "admins-own-password", FullName: "A", Role: "admin"},
	} {
		name, _, _ := strings.Cut(u.Email, "@")
		if p.ids[name], err = devdb.AddUser(context.Background(), p.owner, u); err != nil {
			t.Fatal(err)
		}
		p.passwords = append(p.passwords, u.Password)
	}
	pool, err := pgxpool.New(context.Background(), owner)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	handler, err := devauth.New(devauth.Options{DB: pool, Secret: secret, Issuer: "http://api.test/auth/v1", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string]string{"romashka-db-background-uri": admin, "supabase-anon-key": token(t, "anon"), "log-level": "debug"}
	for key, value := range settings {
		flags[key] = value
	}
	var o app.Options
	if flags["supabase-url"] == "" { // which has a sign-in of its own
		o.Mounts = []server.Mount{{Prefix: devauth.Prefix, Handler: server.HTTP(handler)}}
	}
	p.running = startWith(t, api, flags, o).ready(t)
	return p
}

// signIn asks for a token as a user; the status is that of the answer.
func (p *project) signIn(name, password string) int {
	p.t.Helper()
	status, body, _ := ask(p.t, "POST", p.URL+"/auth/v1/token?grant_type=password", fmt.Sprintf(`{"email":"%s@example.com","password":%q}`, name, password),
		"Content-Type: application/json", "apikey: "+token(p.t, "anon"))
	var answer struct {
		Access string `json:"access_token"`
	}
	if json.Unmarshal([]byte(body), &answer) == nil && answer.Access != "" {
		p.tokens[name] = answer.Access
	}
	return status
}

// rows waits until the log has n rows and returns each as a line.
func (p *project) rows(n int) []string {
	p.t.Helper()
	var got []string
	eventually(p.t, fmt.Sprint(n, " rows"), func() bool {
		found, err := p.owner.Query(context.Background(), `SELECT concat_ws(' ', method, endpoint, response_code, coalesce(email, '-'), rate_limit_hit)
			FROM public.api_security_logs LEFT JOIN public.profiles p ON p.id = user_id`)
		if err != nil {
			p.t.Fatal(err)
		}
		got, err = pgx.CollectRows(found, pgx.RowTo[string])
		if err != nil {
			p.t.Fatal(err)
		}
		return len(got) >= n
	})
	slices.Sort(got)
	return got
}

// Each request becomes a row, and neither the rows nor the log hold a secret.
func TestEachRequestIsRecorded(t *testing.T) {
	t.Parallel()
	p := newProject(t, nil)
	same(t, "wrong password", p.signIn("user", "wrong-password-1"), 400)
	same(t, "right password", p.signIn("user", "users-own-password"), 200)
	same(t, "other's password", p.signIn("other", "others-own-password"), 200)
	user := p.tokens["user"]
	forged := user[:len(user)-6] + "AAAAAA"
	for _, tt := range []struct {
		path    string
		headers []string
	}{
		{"/rest/v1/items?name=eq.a-value", []string{"Authorization: Bearer " + user, "User-Agent: agent-of-test", "Cookie: session=a-cookie-value"}},
		{"/rest/v1/rpc/setting?name=role", []string{"apikey: " + token(t, "service_role")}},
		{"/rest/v1/items", []string{"Authorization: Bearer " + forged}},
		{"/rest/v1/nothing", nil},
		{"/auth/v1/user", []string{"Authorization: Bearer " + p.tokens["other"], "apikey: " + token(t, "anon")}},
		{"/live", nil},
	} {
		ask(t, "GET", p.URL+tt.path, "", append(tt.headers, "Referer: https://app.example.com/reset?code=a-reset-code")...)
	}
	want := []string{
		"GET /auth/v1/user 200 other@example.com f", "GET /rest/v1/items 200 user@example.com f", "GET /rest/v1/items 401 - f",
		"GET /rest/v1/nothing 404 - f", "GET /rest/v1/rpc/setting 200 - f",
		"POST /auth/v1/token 200 other@example.com f", "POST /auth/v1/token 200 user@example.com f", "POST /auth/v1/token 400 - f",
	}
	got := p.rows(len(want))
	same(t, "rows", strings.Join(got, "\n"), strings.Join(want, "\n"))
	var whole string
	err := p.owner.QueryRow(context.Background(), "SELECT string_agg(l::text, E'\n') FROM public.api_security_logs l").Scan(&whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{"agent-of-test", "app.example.com", "127.0.0.1", "token_hash"} {
		if !strings.Contains(whole, kept) {
			t.Errorf("no row holds %q:\n%s", kept, whole)
		}
	}
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	secrets := append([]string{secret, user, forged, p.tokens["other"], token(t, "anon"), token(t, "service_role"), "wrong-password-1", "a-value", "a-cookie-value", "a-reset-code", "authenticator:"}, p.passwords...)
	for _, word := range secrets {
		for _, part := range parts(word) {
			if strings.Contains(whole, part) {
				t.Errorf("the table holds %q", part)
			}
			if strings.Contains(p.Log.String(), part) {
				t.Errorf("the log holds %q", part)
			}
		}
	}
}

// Brute-force detection relies on this: each sign-in at the project is a row
// with its status and address, and without the password or token that was tried.
func TestSignInsAtTheProjectAreRecorded(t *testing.T) {
	t.Parallel()
	statuses := []int{400, 401, 403, 422, 429, 200}
	const tried, session = "password-that-was-tried", "refresh-token-of-a-session"
	var next atomic.Int64
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost { // its key set
			w.WriteHeader(http.StatusNotFound)
			return
		}
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Own", session)
		w.WriteHeader(statuses[int(next.Add(1)-1)%len(statuses)])
		_, _ = io.WriteString(w, `{"refresh_token":"`+session+`","tried":`+strconv.Quote(string(body))+`}`)
	}))
	defer upstream.Close()
	var spans buffer
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(&spans, r.Body) }))
	defer collector.Close()
	p := newProject(t, map[string]string{
		"supabase-url": upstream.URL, "romashka-otlp-endpoint": collector.URL, "romashka-trusted-proxies": "127.0.0.1",
	})
	var want []string
	for _, status := range statuses {
		got, body, _ := ask(t, "POST", p.URL+"/auth/v1/token?grant_type=password&x="+tried, `{"password":"`+tried+`"}`,
			"Content-Type: application/json", "apikey: "+token(t, "anon"), "X-Forwarded-For: 198.51.100.7")
		same(t, "status", got, status)
		if !strings.Contains(body, tried) {
			t.Errorf("the body did not pass: %s", body)
		}
		want = append(want, fmt.Sprintf("POST /auth/v1/token %d - f", status))
	}
	slices.Sort(want)
	same(t, "rows", strings.Join(p.rows(len(want)), "\n"), strings.Join(want, "\n"))
	var whole string
	var from int
	err := p.owner.QueryRow(context.Background(), "SELECT string_agg(l::text, E'\n'), count(*) FILTER (WHERE host(ip_address) = '198.51.100.7') FROM public.api_security_logs l").Scan(&whole, &from)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "rows with the client's address", from, len(want))
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	for _, word := range append(parts(token(t, "anon")), tried, session, "authenticator:") {
		for where, text := range map[string]string{"table": whole, "log": p.Log.String(), "trace": spans.String()} {
			if strings.Contains(text, word) {
				t.Errorf("the %s holds %q", where, word)
			}
		}
	}
	if !strings.Contains(spans.String(), "/auth/v1/token") {
		t.Error("no trace of it")
	}
}

// parts of a token that are secrets themselves: its whole, and its signature.
func parts(word string) []string {
	if i := strings.LastIndexByte(word, '.'); i > 0 && strings.Count(word, ".") == 2 {
		return []string{word, word[i+1:]}
	}
	return []string{word}
}

// Users see their own rows, admins and the server all, the public none; nobody
// but the server writes.
func TestWhoReadsTheRecords(t *testing.T) {
	t.Parallel()
	p := newProject(t, nil)
	for i, name := range []string{"user", "other", "admin"} {
		same(t, name, p.signIn(name, p.passwords[i]), 200)
	}
	for range 2 {
		ask(t, "GET", p.URL+"/rest/v1/items", "", "Authorization: Bearer "+p.tokens["user"])
	}
	ask(t, "GET", p.URL+"/rest/v1/items", "", "Authorization: Bearer "+p.tokens["other"])
	p.rows(6)
	anon, service := token(t, "anon"), token(t, "service_role")
	for _, tt := range []struct {
		name, token    string
		status, itemsN int // rows about /rest/v1/items
	}{
		{"anon", anon, 401, 0}, {"user", p.tokens["user"], 200, 2}, {"other", p.tokens["other"], 200, 1},
		{"admin", p.tokens["admin"], 200, 3}, {"service_role", service, 200, 3},
	} {
		bearer := "Authorization: Bearer " + tt.token
		status, body, _ := ask(t, "GET", p.URL+"/rest/v1/api_security_logs?select=user_id&endpoint=eq./rest/v1/items", "", bearer)
		if n := strings.Count(body, "user_id"); status != tt.status || n != tt.itemsN {
			t.Errorf("%s: %d with %d rows, want %d with %d: %s", tt.name, status, n, tt.status, tt.itemsN, body)
		}
		status, _, _ = ask(t, "POST", p.URL+"/rest/v1/api_security_logs", `{"endpoint":"/forged"}`, bearer, "Content-Type: application/json")
		if allowed := status == 201; allowed != (tt.name == "service_role") {
			t.Errorf("%s may write: %d", tt.name, status)
		}
		status, body, _ = ask(t, "DELETE", p.URL+"/rest/v1/api_security_logs?endpoint=eq./rest/v1/items", "", bearer, "Prefer: return=representation")
		if tt.name != "service_role" && status < 400 {
			t.Errorf("%s may delete: %d %s", tt.name, status, body)
		}
	}
}

// A request over a rate limit gets an error with the limit and its setting, and
// is recorded.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	p := newProject(t, map[string]string{"romashka-rate-limit-user": "2/h", "romashka-rate-limit-role": "anon=3/h"})
	same(t, "sign in", p.signIn("user", "users-own-password"), 200) // one of the anon role's
	get := func(token string) (int, string, string) {
		status, body, header := ask(t, "GET", p.URL+"/rest/v1/items?select=id&limit=1", "", "Authorization: Bearer "+token)
		return status, body, strings.Join([]string{header.Get("RateLimit-Limit"), header.Get("RateLimit-Remaining"), header.Get("RateLimit-Reset"), header.Get("Retry-After")}, " ")
	}
	_, _, header := get(p.tokens["user"])
	same(t, "headers", header, "2 1 1800 ")
	get(p.tokens["user"])
	status, body, header := get(p.tokens["user"])
	same(t, "status", status, 429)
	same(t, "body", body, `{"code":"ROM429","details":"The limit is 2/h for each user.","hint":"The setting romashka-rate-limit-user raises the limit.","message":"Too many requests"}`)
	if !strings.HasPrefix(header, "2 0 ") || len(strings.Fields(header)) != 4 {
		t.Errorf("headers %q", header)
	}
	for range 5 {
		if status, body, _ := get(token(t, "service_role")); status != 200 {
			t.Fatalf("service_role is limited: %d %s", status, body)
		}
	}
	get(token(t, "anon"))
	get(token(t, "anon"))
	same(t, "sign in over the limit", p.signIn("user", "users-own-password"), 429)
	refused := 0
	for _, row := range p.rows(12) {
		if strings.Contains(row, " 429 ") && strings.HasSuffix(row, " t") {
			refused++
		}
	}
	same(t, "refusals recorded", refused, 2)
}

func TestLimitsOfOneRequest(t *testing.T) {
	t.Parallel()
	_, api := database(t)
	r := start(t, api, map[string]string{
		"romashka-max-filters": "2", "romashka-max-select-depth": "1", "romashka-statement-timeout": "anon=200ms, authenticated=20s",
	}).ready(t)
	for _, tt := range []struct {
		path, token string
		status      int
		code, want  string
	}{
		{"/items?id=gt.0&id=lt.9", "", 200, "", ""},
		{"/items?id=gt.0&id=lt.9&id=eq.1", "", 400, "ROM011", "romashka-max-filters"},
		{"/items?select=a(b(c))", "", 400, "ROM010", "romashka-max-select-depth"},
		{"/rpc/wait?seconds=5", "", 500, "57014", "romashka-statement-timeout"},
		{"/rpc/wait?seconds=0.4", token(t, "authenticated"), 200, "", ""},
	} {
		var headers []string
		if tt.token != "" {
			headers = []string{"Authorization: Bearer " + tt.token}
		}
		status, body, _ := ask(t, "GET", r.URL+tt.path, "", headers...)
		if status != tt.status || code(body) != tt.code || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %s", tt.path, status, body)
		}
	}
}

func same[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n%v\nwant\n%v", what, got, want)
	}
}

// A request is a trace with its stages, under the trace of its sender.
func TestTraces(t *testing.T) {
	t.Parallel()
	var seen buffer
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(&seen, r.Body) }))
	defer collector.Close()
	_, api := database(t)
	r := start(t, api, map[string]string{"romashka-otlp-endpoint": collector.URL}).ready(t)
	ask(t, "GET", r.URL+"/items?name=eq.a-value", "", "X-Request-Id: id-of-test", "Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"GET rest", "/items", "id-of-test", "anon", "parse", "plan", "query", "database", "render", "\x0a\xf7\x65\x19\x16\xcd\x43\xdd"} {
		if !strings.Contains(seen.String(), want) {
			t.Errorf("no trace has %q", want)
		}
	}
	if strings.Contains(seen.String(), "a-value") {
		t.Error("a trace has the query")
	}
}
