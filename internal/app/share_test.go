package app_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dashboard/seal"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// shareWorld is a factorWorld with pages.
type shareWorld struct {
	*factorWorld
	sealer *seal.Sealer
}

func newShareWorld(t *testing.T) *shareWorld {
	t.Helper()
	project := httptest.NewServer(http.NotFoundHandler()) // nobody signs in here
	t.Cleanup(project.Close)
	w := &shareWorld{factorWorld: newFactorWorld(t, map[string]string{
		"supabase-url": project.URL, "romashka-serve": "all", "romashka-jobs": "true", "romashka-dashboard": "/dashboard", "romashka-public-url": "https://side.test",
	})}
	key, err := base64.StdEncoding.DecodeString(factorKey)
	if err != nil {
		t.Fatal(err)
	}
	if w.sealer, err = seal.New("/dashboard", key); err != nil {
		t.Fatal(err)
	}
	for i, who := range []string{"user", "other", "admin"} {
		run(t, w.conn, `INSERT INTO public.security_sessions (user_id, session_token, ip_address, is_active, last_activity)
			VALUES ('`+w.ids[who].String()+`', '`+who+`', '203.0.113.10`+string(rune('1'+i))+`', true, now())`)
	}
	return w
}

// Addresses of the sessions above: who sees which says as whom a page was read.
const (
	ofUser  = "203.0.113.101"
	ofOther = "203.0.113.102"
	ofAdmin = "203.0.113.103"
)

func (w *shareWorld) visit(t *testing.T, who string) *visitor {
	t.Helper()
	v := w.factorWorld.visit(t, who)
	v.root = "/rest/v1"
	return v
}

// create makes a share and returns its id.
func (v *visitor) create(t *testing.T, args string) string {
	t.Helper()
	status, answer := v.ask(t, "POST", "/rpc/create_share", args)
	var id string
	if err := json.Unmarshal([]byte(answer), &id); err != nil || status != http.StatusOK {
		t.Fatalf("create_share: %d %s", status, answer)
	}
	return id
}

// embedded asks for a chart as a stranger's browser does.
func (w *shareWorld) embedded(t *testing.T, id string, until time.Time) (int, string, http.Header) {
	t.Helper()
	token, err := w.sealer.Pack("embed", map[string]any{"s": id, "u": until.Unix(), "o": []string{"https://intranet.test"}})
	if err != nil {
		t.Fatal(err)
	}
	status, body, head := ask(t, "GET", w.replicas[0].URL+"/dashboard/embed?token="+token, "")
	return status, body, head
}

// A chart on another site is read as who shares it, with his rights of now, and by
// nobody when his account, his right, its date or he himself ends it.
func TestEmbeddedChart(t *testing.T) {
	t.Parallel()
	w := newShareWorld(t)
	user, other, admin := w.visit(t, "user"), w.visit(t, "other"), w.visit(t, "admin")
	soon := time.Now().Add(time.Hour)
	const args = `{"kind":"embed","page":"security","block":"sessions","origins":["https://intranet.test","https://b.test:8443"],"days":7}`
	id := user.create(t, args)
	is := func(what string, want int) {
		t.Helper()
		if status, body, _ := w.embedded(t, id, soon); status != want {
			t.Errorf("%s: %d, want %d\n%.300s", what, status, want, body)
		}
	}
	status, body, head := w.embedded(t, id, soon)
	if status != http.StatusOK || !strings.Contains(body, ofUser) || strings.Contains(body, ofOther) || strings.Contains(body, ofAdmin) {
		t.Errorf("the chart: %d\n%s", status, body)
	}
	csp := head.Get("Content-Security-Policy")
	if !strings.Contains(csp, "frame-ancestors https://intranet.test https://b.test:8443") || strings.Contains(body, "<form") || strings.Contains(body, "<script") ||
		strings.Contains(body, "/dashboard/security") || head.Get("Referrer-Policy") != "no-referrer" || len(head.Values("Set-Cookie")) > 0 {
		t.Errorf("the chart's page: %q\n%s", csp, body)
	}
	if status, _, _ := w.embedded(t, id, time.Now().Add(-time.Second)); status != http.StatusGone {
		t.Errorf("past its date: %d", status)
	}
	if status, _, _ := ask(t, "GET", w.replicas[0].URL+"/dashboard/embed?token=AAAA", ""); status != http.StatusNotFound {
		t.Errorf("a forged address: %d", status)
	}
	account := func(change string) {
		run(t, w.super(t), "UPDATE auth.users SET "+change+" WHERE id = '"+w.ids["user"].String()+"'")
	}
	account("banned_until = now() + interval '1 day'")
	is("banned", http.StatusGone)
	account("banned_until = now() - interval '1 day'")
	is("no longer banned", http.StatusOK)
	account("deleted_at = now()")
	is("deleted", http.StatusGone)
	account("deleted_at = NULL, role = 'service_role'")
	is("of another role", http.StatusGone)
	account("role = 'authenticated'")

	compliance := admin.create(t, `{"kind":"embed","page":"compliance","block":"waivers","origins":["https://intranet.test"],"days":7}`)
	if status, _, _ := w.embedded(t, compliance, soon); status != http.StatusOK {
		t.Errorf("an admin's chart: %d", status)
	}
	run(t, w.conn, "UPDATE public.profiles SET role = 'user' WHERE id = '"+w.ids["admin"].String()+"'")
	if status, _, _ := w.embedded(t, compliance, soon); status != http.StatusForbidden {
		t.Errorf("of who is no admin any more: %d", status)
	}
	run(t, w.conn, "UPDATE public.profiles SET role = 'admin' WHERE id = '"+w.ids["admin"].String()+"'")

	run(t, w.conn, `INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('two_factor_required_roles', '["user"]')`)
	is("made without the factor that is required now", http.StatusForbidden)
	if status, answer := user.ask(t, "POST", "/rpc/create_share", args); status != http.StatusForbidden || !strings.Contains(answer, "ROM440") {
		t.Errorf("a new one without a factor: %d %s", status, answer)
	}
	e := user.call(t, "enroll", map[string]any{"method": "totp"})
	secret, _ := e["secret"].(string)
	user.call(t, "confirm", map[string]any{"factor_id": e["factor_id"], "code": oath(t, secret, time.Now().Add(-30*time.Second))})
	id = user.create(t, args)
	is("made in a verified session", http.StatusOK)
	user.call(t, "disable", map[string]any{"factor_id": e["factor_id"], "code": oath(t, secret, time.Now())})
	is("when the factor is gone", http.StatusForbidden)
	w.supabaseFactor(t, args)
	run(t, w.conn, "DELETE FROM public.system_settings WHERE setting_key = 'two_factor_required_roles'")
	is("when none is required", http.StatusOK)

	if status, _ := other.ask(t, "POST", "/rpc/revoke_share", `{"id":"`+id+`"}`); status != http.StatusNotFound {
		t.Errorf("another revokes: %d", status)
	}
	if _, list := other.ask(t, "GET", "/rpc/get_shares", ""); list != "[]" {
		t.Errorf("another sees %s", list)
	}
	if status, answer := user.ask(t, "POST", "/rpc/revoke_share", `{"id":"`+id+`"}`); status != http.StatusOK || answer != "true" {
		t.Errorf("its user revokes: %d %s", status, answer)
	}
	is("revoked", http.StatusGone)
	id = user.create(t, args)
	if status, answer := admin.ask(t, "POST", "/rpc/revoke_share", `{"id":"`+id+`"}`); status != http.StatusOK || answer != "true" {
		t.Errorf("an admin revokes: %d %s", status, answer)
	}
	is("revoked by an admin", http.StatusGone)
	for _, who := range []string{"anon", "service_role"} {
		if status, _ := w.visit(t, who).ask(t, "POST", "/rpc/create_share", args); status != http.StatusUnauthorized && status != http.StatusForbidden {
			t.Errorf("%s shares: %d", who, status)
		}
	}
	for what, args := range map[string]string{
		"a path":        `{"kind":"embed","page":"security","block":"sessions","origins":["https://x.test/y"]}`,
		"a directive":   `{"kind":"embed","page":"security","block":"sessions","origins":["https://x.test; script-src *"]}`,
		"everybody":     `{"kind":"embed","page":"security","block":"sessions","origins":["*"]}`,
		"nobody":        `{"kind":"embed","page":"security","block":"sessions"}`,
		"for ever":      `{"kind":"embed","page":"security","block":"sessions","origins":["https://x.test"],"days":100000}`,
		"two addresses": `{"kind":"mail","page":"security","recipients":["a@x.test, b@x.test"],"schedule":"weekly"}`,
		"each minute":   `{"kind":"mail","page":"security","recipients":["a@x.test"],"schedule":"* * * * *"}`,
	} {
		if status, answer := user.ask(t, "POST", "/rpc/create_share", args); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", what, status, answer)
		}
	}
	for text, least := range map[string]string{
		"made":    `action = 'create' AND user_id = '` + w.ids["user"].String() + `' AND new_values ->> 'kind' = 'embed'`,
		"revoked": `action = 'update' AND user_id = '` + w.ids["admin"].String() + `' AND new_values ? 'revoked_at'`,
	} {
		if n := w.count(t, "SELECT count(*) FROM public.security_audit_logs WHERE event_type = 'share' AND source = 'database' AND "+least); n == 0 {
			t.Errorf("the trail has none that was %s", text)
		}
	}
}

// supabaseFactor: a chart made with a factor of Supabase Auth counts as verified while
// that factor is there, and another one does not take its place.
func (w *shareWorld) supabaseFactor(t *testing.T, args string) {
	t.Helper()
	super, user := w.super(t), w.visit(t, "user")
	user.token = signed(t, map[string]any{"role": "authenticated", "sub": w.ids["user"].String(), "session_id": uuid.NewString(), "aal": "aal2"})
	enrol := "INSERT INTO auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at) VALUES (gen_random_uuid(), '" + w.ids["user"].String() + "', 'totp', 'verified', clock_timestamp(), clock_timestamp())"
	run(t, super, enrol)
	id := user.create(t, args)
	for _, step := range []struct {
		change string
		want   int
	}{
		{"SELECT", http.StatusOK}, {"UPDATE auth.mfa_factors SET status = 'unverified'", http.StatusForbidden},
		{"UPDATE auth.mfa_factors SET status = 'verified'", http.StatusOK}, {"DELETE FROM auth.mfa_factors", http.StatusForbidden}, {enrol, http.StatusForbidden},
	} {
		run(t, super, step.change)
		if status, body, _ := w.embedded(t, id, time.Now().Add(time.Hour)); status != step.want {
			t.Errorf("after %.40s: %d, want %d\n%.300s", step.change, status, step.want, body)
		}
	}
	if _, list := user.ask(t, "GET", "/rpc/get_shares?select=failure&id=eq."+id, ""); !strings.Contains(list, "shared anew") {
		t.Errorf("the list does not say why nobody sees it: %s", list)
	}
	run(t, super, "DELETE FROM auth.mfa_factors")
}

// A session that an admin ends takes along what was made in it.
func TestSharesEndWithAnEndedSession(t *testing.T) {
	t.Parallel()
	w := newShareWorld(t)
	user, session := w.visit(t, "user"), uuid.NewString()
	user.token = signed(t, map[string]any{"role": "authenticated", "sub": w.ids["user"].String(), "session_id": session})
	id := user.create(t, `{"kind":"embed","page":"security","block":"sessions","origins":["https://intranet.test"]}`)
	run(t, w.conn, `INSERT INTO romashka.sessions (session_id, row_id, user_id, token_until)
		SELECT '`+session+`', s.id, s.user_id, now() FROM public.security_sessions AS s WHERE s.session_token = 'user'
		ON CONFLICT (session_id) DO UPDATE SET row_id = EXCLUDED.row_id`)
	var row string
	if err := w.conn.QueryRow(t.Context(), "SELECT id FROM public.security_sessions WHERE session_token = 'user'").Scan(&row); err != nil {
		t.Fatal(err)
	}
	if status, answer := w.visit(t, "admin").ask(t, "POST", "/rpc/end_session", `{"id":"`+row+`"}`); status != http.StatusOK || answer != "true" {
		t.Fatalf("end the session: %d %s", status, answer)
	}
	if status, _, _ := w.embedded(t, id, time.Now().Add(time.Hour)); status != http.StatusGone {
		t.Errorf("a chart of that session: %d", status)
	}

	run(t, w.conn, "INSERT INTO public.security_sessions (user_id, session_token, ip_address, is_active, last_activity) VALUES ('"+
		w.ids["user"].String()+"', 'user again', '"+ofUser+"', true, now())")

	// Pages by mail, reports and exports are of whoever wrote them, whatever the row says.
	mail := w.visit(t, "user").create(t, `{"kind":"mail","page":"security","recipients":["boss@x.test"],"schedule":"weekly","language":"de-DE"}`)
	other := w.visit(t, "other")
	status, answer := other.ask(t, "POST", "/scheduled_reports", `{"name":"Forged","report_type":"security","schedule_cron":"0 9 * * *","recipients":["thief@x.test"],"created_by":"`+
		w.ids["admin"].String()+`"}`, "Prefer: return=representation")
	var rows []struct {
		ID        string
		CreatedBy string `json:"created_by"`
	}
	if err := json.Unmarshal([]byte(answer), &rows); err != nil || len(rows) != 1 || rows[0].CreatedBy != w.ids["other"].String() {
		t.Fatalf("a report in another's name: %d %s", status, answer)
	}
	eventually(t, "both are planned", func() bool {
		return w.count(t, "SELECT count(*) FROM romashka.shares WHERE planned AND due_at > now() AND kind IN ('mail', 'report')") == 2
	})
	run(t, w.conn, "UPDATE romashka.shares SET due_at = now() WHERE kind IN ('mail', 'report')")
	var sent string
	eventually(t, "both are mailed", func() bool {
		text, _ := os.ReadFile(w.outbox)
		sent = string(text)
		return strings.Contains(sent, "boss@x.test") && strings.Contains(sent, "thief@x.test")
	})
	for _, line := range strings.Split(strings.TrimSpace(sent), "\n") {
		want := ofUser
		if strings.Contains(line, "thief@x.test") {
			want = ofOther
		}
		for _, address := range []string{ofUser, ofOther, ofAdmin} {
			if strings.Contains(line, address) != (address == want) {
				t.Errorf("a mail with %s, want %s alone: %.200s", address, want, line)
			}
		}
		if !strings.Contains(line, `"html"`) || !strings.Contains(line, "https://side.test/dashboard/security") {
			t.Errorf("a mail without HTML or its link: %.300s", line)
		}
	}
	if n := w.count(t, "SELECT count(*) FROM public.scheduled_reports WHERE last_sent_at IS NOT NULL AND next_run_at > now()"); n != 1 {
		t.Error("the report does not say when it was sent and is next")
	}
	if status, answer := w.visit(t, "user").ask(t, "PATCH", "/scheduled_reports?id=eq."+rows[0].ID, `{"recipients":["user@x.test"]}`); status >= 300 {
		t.Errorf("another changes it: %d %s", status, answer)
	}
	if n := w.count(t, "SELECT count(*) FROM romashka.shares WHERE kind = 'report' AND user_id = '"+w.ids["user"].String()+"'"); n != 1 {
		t.Error("a report that another changed is not his")
	}
	if status, _ := w.visit(t, "user").ask(t, "POST", "/rpc/revoke_share", `{"id":"`+mail+`"}`); status != http.StatusOK {
		t.Errorf("revoke the mail: %d", status)
	}
	w.exports(t)
}

// exports: a job of export becomes a file for its user alone.
func (w *shareWorld) exports(t *testing.T) {
	t.Helper()
	user := w.visit(t, "user")
	for body, want := range map[string]string{
		`{"name":"mine","type":"sessions","format":"csv","user_id":"` + w.ids["admin"].String() + `","status":"completed","file_url":"https://evil.test"}`: "completed",
		`{"name":"json","type":"security/sessions","format":"json"}`:                                                                                       "completed",
		`{"name":"unknown","type":"nonsense","format":"csv"}`:                                                                                              "failed",
		`{"name":"pdf","type":"sessions","format":"pdf"}`:                                                                                                  "failed",
		`{"name":"filter","type":"sessions","format":"csv","filters":{"moon":"full"}}`:                                                                     "failed",
	} {
		status, answer := user.ask(t, "POST", "/export_jobs", body, "Prefer: return=representation")
		var rows []struct{ ID, Status string }
		if err := json.Unmarshal([]byte(answer), &rows); err != nil || len(rows) != 1 || rows[0].Status != "pending" {
			t.Fatalf("an export: %d %s", status, answer)
		}
		var done []struct {
			Status       string
			FileURL      string `json:"file_url"`
			Size         int64  `json:"file_size_bytes"`
			ErrorMessage string `json:"error_message"`
		}
		eventually(t, "the export is done", func() bool {
			_, answer = user.ask(t, "GET", "/export_jobs?id=eq."+rows[0].ID, "")
			done = nil
			return json.Unmarshal([]byte(answer), &done) == nil && len(done) == 1 && done[0].Status != "pending" && done[0].Status != "processing"
		})
		if done[0].Status != want || (done[0].ErrorMessage == "") != (want == "completed") || (done[0].Size > 0) != (want == "completed") {
			t.Errorf("%s: %s", body, answer)
		}
		if want != "completed" {
			continue
		}
		at, err := url.Parse(done[0].FileURL)
		if err != nil || at.Host != "side.test" {
			t.Fatalf("the file is at %q", done[0].FileURL)
		}
		for who, want := range map[string]int{"user": http.StatusOK, "admin": http.StatusNotFound} {
			status, file := w.fetch(t, who, at.Path)
			if status != want || want == http.StatusOK && (!strings.Contains(file, ofUser) || strings.Contains(file, ofAdmin)) {
				t.Errorf("%s fetches the file: %d %s", who, status, file)
			}
		}
	}
}

// fetch asks for a page with a user's cookie.
func (w *shareWorld) fetch(t *testing.T, who, path string) (int, string) {
	t.Helper()
	list, err := w.sealer.Cookies(seal.Session{Access: w.visit(t, who).token}, false)
	if err != nil {
		t.Fatal(err)
	}
	status, body, _ := ask(t, "GET", w.replicas[0].URL+path, "", "Cookie: "+list[0].Name+"="+list[0].Value)
	return status, body
}

func (w *shareWorld) count(t *testing.T, query string) (n int) {
	t.Helper()
	if err := w.conn.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// super is a connection that may write accounts.
func (w *shareWorld) super(t *testing.T) *pgx.Conn {
	t.Helper()
	return pgtest.Conn(t, pgtest.As(t, w.owner, "supabase_admin"))
}
