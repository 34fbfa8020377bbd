package app_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// factorKey encrypts second factors in tests.
const factorKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

// factorWorld is a migrated project with users and two replicas of the sidecar.
type factorWorld struct {
	owner    string
	conn     *pgx.Conn
	replicas []*running
	outbox   string // file
	ids      map[string]uuid.UUID
}

func newFactorWorld(t *testing.T, settings map[string]string) *factorWorld {
	t.Helper()
	w := &factorWorld{owner: pgtest.Migrated(t, "postgres"), outbox: filepath.Join(t.TempDir(), "outbox"), ids: map[string]uuid.UUID{}}
	super := pgtest.Conn(t, pgtest.As(t, w.owner, "supabase_admin"))
	for _, who := range []string{"user", "other", "admin"} {
		id := uuid.New()
		w.ids[who] = id
		role := "user"
		if who == "admin" {
			role = who
		}
		run(t, super, "INSERT INTO auth.users (id, email) VALUES ('"+id.String()+"', '"+who+"@people.test')")
		run(t, super, "INSERT INTO public.profiles (id, email, role) VALUES ('"+id.String()+"', '"+who+"@people.test', '"+role+
			"') ON CONFLICT (id) DO UPDATE SET role = EXCLUDED.role")
	}
	w.conn = pgtest.Conn(t, w.owner)
	all := map[string]string{"romashka-db-background-uri": w.owner, "romashka-secret-key": factorKey, "romashka-api-log": "false", "romashka-outbox": w.outbox}
	for k, v := range settings {
		all[k] = v
	}
	for range 2 {
		w.replicas = append(w.replicas, start(t, pgtest.As(t, w.owner, "authenticator"), all).ready(t))
	}
	return w
}

// visitor is a client with a token of his own session.
type visitor struct {
	w     *factorWorld
	at    *running
	root  string
	token string
}

func (w *factorWorld) visit(t *testing.T, who string) *visitor {
	t.Helper()
	v := &visitor{w: w, at: w.replicas[0]}
	switch who {
	case "anon":
	case "service_role":
		v.token = signed(t, map[string]any{"role": who})
	default:
		v.token = signed(t, map[string]any{"role": "authenticated", "sub": w.ids[who].String(), "session_id": uuid.NewString(), "aal": "aal1"})
	}
	return v
}

func (v *visitor) ask(t *testing.T, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	headers = append(headers, "Content-Type: application/json")
	if v.token != "" {
		headers = append(headers, "Authorization: Bearer "+v.token)
	}
	status, answer, _ := ask(t, method, v.at.URL+v.root+path, body, headers...)
	return status, answer
}

// call asks an endpoint and reads its answer if it is a success.
func (v *visitor) call(t *testing.T, name string, args map[string]any) map[string]any {
	t.Helper()
	body, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	status, answer := v.ask(t, http.MethodPost, "/rpc/two_factor_"+name, string(body))
	got := map[string]any{}
	if err := json.Unmarshal([]byte(answer), &got); err != nil || status != http.StatusOK {
		t.Fatalf("%s: %d %s", name, status, answer)
	}
	return got
}

func oath(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	tool, err := exec.LookPath("oathtool")
	if err != nil {
		pgtest.Lacks(t, err, "oathtool")
	}
	out, err := exec.CommandContext(t.Context(), tool, "--totp", "--base32", secret, "--now", at.UTC().Format("2006-01-02 15:04:05 UTC")).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// Each endpoint as each role: a signed-in user gets an answer of the sidecar,
// others the error for a function that they may not call.
func TestTwoFactorRoutes(t *testing.T) {
	t.Parallel()
	w := newFactorWorld(t, nil)
	none := uuid.NewString()
	for name, tt := range map[string]struct {
		body string
		user int // status for users
	}{
		"enroll":       {`{"method":"totp"}`, 200},
		"confirm":      {`{"factor_id":"` + none + `","code":"123456"}`, 400},
		"challenge":    {`{"factor_id":"` + none + `"}`, 400},
		"verify":       {`{"factor_id":"` + none + `","code":"123456"}`, 400},
		"status":       {`{}`, 200},
		"disable":      {`{"factor_id":"` + none + `","code":"123456"}`, 400},
		"backup_codes": {`{"factor_id":"` + none + `","code":"123456"}`, 400},
		"reset":        {`{"user_id":"` + none + `","reason":"x"}`, 403},
	} {
		for who, want := range map[string]int{"anon": 401, "user": tt.user, "other": tt.user, "admin": tt.user, "service_role": 403} {
			run(t, w.conn, "DELETE FROM romashka.factor_events") // so that no limit is in the way
			status, answer := w.visit(t, who).ask(t, http.MethodPost, "/rpc/two_factor_"+name, tt.body)
			if status != want || status >= 400 && code(answer) == "" {
				t.Errorf("%s as %s: %d %s, want %d", name, who, status, answer, want)
			}
		}
	}
	user := w.visit(t, "user")
	for request, want := range map[string]string{
		"GET /rpc/two_factor_status":                                                   "200 ",
		"GET /rpc/two_factor_verify":                                                   "405 PGRST101",
		"PATCH /rpc/two_factor_status":                                                 "405 PGRST101",
		"POST /rpc/two_factor_enroll []":                                               "400 PGRST102",
		"POST /rpc/two_factor_enroll {":                                                "400 PGRST102",
		"POST /rpc/two_factor_enroll {}":                                               "404 PGRST202",
		`POST /rpc/two_factor_status {"a":1}`:                                          "404 PGRST202",
		`POST /rpc/two_factor_enroll {"method":{}}`:                                    "400 ROM444",
		`POST /rpc/two_factor_enroll {"method":"sms","phone":"0151"}`:                  "400 ROM444",
		`POST /rpc/two_factor_enroll {"method":"email","email":"a@b\r\nBcc: c@d"}`:     "400 ROM444",
		`POST /rpc/two_factor_enroll {"method":null}`:                                  "400 ROM444",
		`POST /rpc/two_factor_verify {"factor_id":"x","code":"1"}`:                     "400 ROM444",
		`POST /rpc/two_factor_nothing {}`:                                              "404 PGRST202",
		`POST /rpc/two%5Ffactor_status {}`:                                             "200 ",
		`POST /rpc/two_factor_enroll {"method":"` + strings.Repeat("x", 20_000) + `"}`: "413 ROM413",
		`POST /rpc/two_factor_verify {"factor_id":"` + none + `","code":"` + strings.Repeat("1", 9000) + `"}`: "400 ROM441",
	} {
		method, rest, _ := strings.Cut(request, " ")
		path, body, _ := strings.Cut(rest, " ")
		status, answer := user.ask(t, method, path, body)
		if got := http.StatusText(status); got == "" {
			t.Errorf("%s: %d", request, status)
		}
		if got := strings.TrimSpace(strings.Join([]string{jsonNumber(status), code(answer)}, " ")); got != strings.TrimSpace(want) {
			t.Errorf("%.80s: %d %s, want %s", request, status, answer, want)
		}
	}
}

func jsonNumber(n int) string { return strconv.Itoa(n) }

// For a role that must show a second factor, tables answer ROM440 to every
// request until it has been shown, and the endpoints never do.
func TestSecondFactorRequired(t *testing.T) {
	t.Parallel()
	w := newFactorWorld(t, map[string]string{"supabase-url": "http://127.0.0.1:1"})
	admin, user := w.visit(t, "admin"), w.visit(t, "user")
	admin.root, user.root = "/rest/v1", "/rest/v1"
	const incidents = "/security_incidents?select=id"
	run(t, w.conn, "INSERT INTO public.security_incidents (incident_type, description) VALUES ('failed_login', 'x')")
	if status, answer := admin.ask(t, http.MethodGet, incidents, ""); status != 200 || !strings.HasPrefix(answer, `[{"id"`) {
		t.Fatalf("before: %d %s", status, answer)
	}
	run(t, w.conn, `INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('two_factor_required_roles', '["admin"]')`)
	for _, v := range []*visitor{admin} {
		for method, body := range map[string]string{http.MethodGet: "", http.MethodPatch: `{"resolved":true}`} {
			if status, answer := v.ask(t, method, incidents, body); status != 403 || code(answer) != "ROM440" || !strings.Contains(answer, "two_factor_enroll") {
				t.Errorf("%s: %d %s", method, status, answer)
			}
		}
		if status, answer := v.ask(t, http.MethodPost, "/security_incidents", `{"incident_type":"failed_login","description":"y"}`); status != 403 || code(answer) != "ROM440" {
			t.Errorf("insert: %d %s", status, answer)
		}
	}
	if status, answer := user.ask(t, http.MethodGet, incidents, ""); status != 200 {
		t.Errorf("a user: %d %s", status, answer)
	}
	if status, answer := w.visit(t, "service_role").ask(t, http.MethodGet, incidents, ""); status != 200 {
		t.Errorf("service_role: %d %s", status, answer)
	}
	if s := admin.call(t, "status", nil); s["required"] != true {
		t.Errorf("status: %v", s)
	}
	e := admin.call(t, "enroll", map[string]any{"method": "email"})
	if status, _ := admin.ask(t, http.MethodGet, incidents, ""); status != 403 {
		t.Errorf("with a factor that was not confirmed: %d", status)
	}
	sent, err := os.ReadFile(w.outbox)
	if err != nil {
		t.Fatal(err)
	}
	code6 := regexp.MustCompile(`\b[0-9]{6}\b`).FindString(string(sent[strings.Index(string(sent), `"text"`):]))
	admin.call(t, "confirm", map[string]any{"factor_id": e["factor_id"], "code": code6})
	for _, r := range w.replicas {
		admin.at = r
		if status, answer := admin.ask(t, http.MethodGet, incidents, ""); status != 200 {
			t.Errorf("verified: %d %s", status, answer)
		}
	}
	second := w.visit(t, "admin")
	second.root = "/rest/v1"
	if status, answer := second.ask(t, http.MethodGet, incidents, ""); status != 403 || code(answer) != "ROM440" {
		t.Errorf("in another session: %d %s", status, answer)
	}
	second.token = signed(t, map[string]any{"role": "authenticated", "sub": w.ids["admin"].String(), "session_id": uuid.NewString(), "aal": "aal2"})
	if status, answer := second.ask(t, http.MethodGet, incidents, ""); status != 200 {
		t.Errorf("with aal2: %d %s", status, answer)
	}
	run(t, w.conn, "UPDATE romashka.verified_sessions SET verified_until = now() - interval '1 second'")
	if status, answer := admin.ask(t, http.MethodGet, incidents, ""); status != 403 {
		t.Errorf("after its time: %d %s", status, answer)
	}
}

// The front end's writes to the table answer as ever; the secrets in them are
// encrypted soon, and count for nothing until a code was seen.
func TestTableWritesAreEncrypted(t *testing.T) {
	t.Parallel()
	w := newFactorWorld(t, nil)
	user := w.visit(t, "user")
	const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	id := w.ids["user"].String()
	status, answer := user.ask(t, http.MethodPost, "/two_factor_auth?select=enabled,secret", `{"user_id":"`+id+`","enabled":true,"secret":"`+secret+`","backup_codes":["a1b2"],"method":"totp"}`)
	if status != 201 {
		t.Fatalf("%d %s", status, answer)
	}
	began := time.Now()
	eventually(t, "the secret is encrypted", func() bool {
		var n int
		if err := w.conn.QueryRow(t.Context(), "SELECT count(*) FROM romashka.two_factor_secrets").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n == 0
	})
	t.Logf("encrypted after %s", time.Since(began))
	if time.Since(began) > 5*time.Second {
		t.Errorf("it took %s", time.Since(began))
	}
	if status, answer := user.ask(t, http.MethodGet, "/two_factor_auth?select=enabled,method", ""); status != 200 || answer != `[{"enabled":true,"method":"totp"}]` {
		t.Errorf("%d %s", status, answer)
	}
	s := user.call(t, "status", nil)
	factor, _ := s["factors"].([]any)[0].(map[string]any)
	if factor["enabled"] != false || factor["source"] != "table" {
		t.Errorf("%v", s)
	}
	user.call(t, "confirm", map[string]any{"factor_id": factor["factor_id"], "code": oath(t, secret, time.Now())})
	if status, answer := user.ask(t, http.MethodPatch, "/two_factor_auth?user_id=eq."+id, `{"enabled":false,"secret":null,"backup_codes":null}`); status != 204 {
		t.Errorf("%d %s", status, answer)
	}
	if _, answer := user.ask(t, http.MethodGet, "/two_factor_auth?select=enabled", ""); answer != `[{"enabled":true}]` {
		t.Errorf("a table write turned off a factor that counts: %s", answer)
	}
	_, description := w.visit(t, "user").ask(t, http.MethodGet, "/", "")
	if !strings.Contains(description, `"/rpc/two_factor_enroll"`) || !strings.Contains(description, `"/rpc/two_factor_status"`) {
		t.Error("the endpoints are not in the description of the API")
	}
}

// A hundred tries of one code at two replicas, in a hundred sessions: one passes.
func TestOneOfAHundredOverHTTP(t *testing.T) {
	t.Parallel()
	w := newFactorWorld(t, nil)
	user := w.visit(t, "user")
	e := user.call(t, "enroll", map[string]any{"method": "totp"})
	secret, _ := e["secret"].(string)
	user.call(t, "confirm", map[string]any{"factor_id": e["factor_id"], "code": oath(t, secret, time.Now().Add(-30*time.Second))})
	body := `{"factor_id":"` + e["factor_id"].(string) + `","code":"` + oath(t, secret, time.Now()) + `"}`
	var group sync.WaitGroup
	var passed, refused atomic.Int32
	start := make(chan struct{})
	for i := range 100 {
		v := w.visit(t, "user")
		v.at = w.replicas[i%2]
		group.Go(func() {
			<-start
			status, answer, _, err := try(http.MethodPost, v.at.URL+"/rpc/two_factor_verify", body, "Content-Type: application/json", "Authorization: Bearer "+v.token)
			switch {
			case err == nil && status == http.StatusOK:
				passed.Add(1)
			case err == nil && (code(answer) == "ROM441" || code(answer) == "ROM447"):
				refused.Add(1)
			default:
				t.Errorf("%d %s %v", status, answer, err)
			}
		})
	}
	close(start)
	group.Wait()
	if passed.Load() != 1 || refused.Load() != 99 {
		t.Errorf("%d passed, %d were refused", passed.Load(), refused.Load())
	}
	var marked int
	if err := w.conn.QueryRow(t.Context(), "SELECT count(*) FROM romashka.verified_sessions").Scan(&marked); err != nil || marked != 2 {
		t.Errorf("%d sessions are verified, want that of the confirmation and one: %v", marked, err)
	}
}

// Without a background connection the functions say what is missing.
func TestTwoFactorWithoutBackground(t *testing.T) {
	t.Parallel()
	w := newFactorWorld(t, map[string]string{"romashka-db-background-uri": "", "romashka-secret-key": ""})
	if status, answer := w.visit(t, "user").ask(t, http.MethodPost, "/rpc/two_factor_status", "{}"); status != 501 || code(answer) != "ROM445" {
		t.Errorf("%d %s", status, answer)
	}
	if status, answer := w.visit(t, "anon").ask(t, http.MethodPost, "/rpc/two_factor_status", "{}"); status != 401 {
		t.Errorf("%d %s", status, answer)
	}
}
