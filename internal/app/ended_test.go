package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// sessions is a project with two replicas of the sidecar.
type sessions struct {
	*project
	second *running
}

func newSessions(t *testing.T, settings map[string]string) *sessions {
	t.Helper()
	p := newProject(t, settings)
	flags := map[string]string{"romashka-db-background-uri": p.owner.Config().ConnString(), "supabase-anon-key": token(t, "anon")}
	return &sessions{p, start(t, p.api, flags).ready(t)}
}

// open signs a user in anew and makes his first request, on a device.
func (s *sessions) open(name, agent string) (access string) {
	s.t.Helper()
	same(s.t, "sign-in", s.signIn(name, name+"s-own-password"), 200)
	access = s.tokens[name]
	status, _ := s.items(s.running, access, agent)
	same(s.t, "first request", status, 200)
	return access
}

func (s *sessions) items(at *running, access, agent string) (status int, code string) {
	s.t.Helper()
	status, body, _ := ask(s.t, "GET", at.URL+"/rest/v1/items", "", "Authorization: Bearer "+access, "apikey: "+token(s.t, "anon"), "User-Agent: "+agent)
	var refusal struct{ Code string }
	_ = json.Unmarshal([]byte(body), &refusal)
	return status, refusal.Code
}

// call is an RPC of a user.
func (s *sessions) call(access, name, body string) (int, string) {
	s.t.Helper()
	status, text, _ := ask(s.t, "POST", s.URL+"/rest/v1/rpc/"+name, body, "Authorization: Bearer "+access, "apikey: "+token(s.t, "anon"), "Content-Type: application/json")
	return status, text
}

// row waits for the row of the newest session of a user.
func (s *sessions) row(name string, n int) (id string) {
	s.t.Helper()
	eventually(s.t, fmt.Sprint("row ", n, " of ", name), func() bool {
		rows, err := s.owner.Query(context.Background(), "SELECT id::text FROM public.security_sessions WHERE user_id = $1 ORDER BY created_at, last_activity", s.ids[name])
		if err != nil {
			s.t.Fatal(err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			s.t.Fatal(err)
		}
		if len(ids) < n {
			return false
		}
		id = ids[n-1]
		return true
	})
	return id
}

// ended waits until both replicas refuse a token with the code of an ended
// session.
func (s *sessions) ended(what, access string) {
	s.t.Helper()
	for _, at := range []*running{s.running, s.second} {
		eventually(s.t, what, func() bool {
			status, code := s.items(at, access, "x")
			return status == 401 && code == "ROM401"
		})
	}
	status, body, header := ask(s.t, "GET", s.URL+"/auth/v1/user", "", "Authorization: Bearer "+access, "apikey: "+token(s.t, "anon"))
	if status != 401 || !strings.Contains(body, "ROM401") || !strings.Contains(header.Get("WWW-Authenticate"), "invalid_token") {
		s.t.Errorf("%s: what is passed on: %d %s", what, status, body)
	}
}

func (s *sessions) alive(what, access string) {
	s.t.Helper()
	for _, at := range []*running{s.running, s.second} {
		if status, code := s.items(at, access, "x"); status != 200 {
			s.t.Errorf("%s: %d %s", what, status, code)
		}
	}
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// A session is a row from its first request on, and one only, at any replica.
func TestSessionsAreRows(t *testing.T) {
	t.Parallel()
	s := newSessions(t, nil)
	access := s.open("user", firefox)
	s.items(s.second, access, firefox)
	s.open("other", "curl/8.0")
	s.row("user", 1)
	s.row("other", 1)
	eventually(t, "both users in the API log, which is written by itself", func() (both bool) {
		err := s.owner.QueryRow(context.Background(), "SELECT count(DISTINCT user_id) = 2 FROM public.api_security_logs WHERE request_headers ? 'session_hash'").Scan(&both)
		if err != nil {
			t.Fatal(err)
		}
		return both
	})
	var got string
	err := s.owner.QueryRow(context.Background(), `SELECT string_agg(concat_ws(' ', p.email, login_method, is_active, host(ip_address), device_info->>'browser', device_info->>'os', device_info->>'type',
			length(session_token), session_token = (SELECT max(l.request_headers->>'session_hash') FROM public.api_security_logs AS l WHERE l.user_id = p.id)), E'\n' ORDER BY p.email)
		FROM public.security_sessions JOIN public.profiles AS p ON p.id = user_id`).Scan(&got)
	if err != nil {
		t.Fatal(err)
	}
	want := "other@example.com password t 127.0.0.1 curl 32 t\nuser@example.com password t 127.0.0.1 Firefox Linux desktop 32 t"
	same(t, "rows", got, want)
}

// A session that its user ends is ended at every replica, and no other user's
// is.
func TestAnEndedSessionEnds(t *testing.T) {
	t.Parallel()
	s := newSessions(t, map[string]string{"romashka-jobs": "true"})
	first, second, others := s.open("user", firefox), s.open("user", "curl/8.0"), s.open("other", firefox)
	s.open("admin", firefox)
	admin := s.tokens["admin"]
	s.row("user", 2)

	status, body := s.call(second, "end_other_sessions", "")
	same(t, "end_other_sessions", fmt.Sprint(status, " ", body), "200 1")
	s.ended("another device", first)
	s.alive("this device", second)
	s.alive("another's", others)

	mine := s.row("user", 2)
	for _, tt := range []struct {
		as, access string
		status     int
		code       string
	}{
		{"anon", token(t, "anon"), 401, "42501"}, {"other", others, 404, "PT404"},
	} {
		status, body := s.call(tt.access, "end_session", `{"id":"`+mine+`"}`)
		if status != tt.status || code(body) != tt.code {
			t.Errorf("%s ends the user's session: %d %s", tt.as, status, body)
		}
	}
	s.alive("after tries of others", second)
	for _, want := range []string{"200 true", "200 false"} {
		status, body = s.call(admin, "end_session", `{"id":"`+mine+`"}`)
		same(t, "an admin", fmt.Sprint(status, " ", body), want)
	}
	s.ended("by an admin", second)

	third := s.open("user", firefox)
	status, body, _ = ask(t, "PATCH", s.URL+"/rest/v1/security_sessions?id=eq."+s.row("user", 3), `{"is_active":false,"logout_reason":"user_logout"}`,
		"Authorization: Bearer "+third, "apikey: "+token(t, "anon"), "Content-Type: application/json")
	same(t, "the page's own PATCH", fmt.Sprint(status, body), "204")
	s.ended("by a PATCH", third)

	fourth, fifth := s.open("user", firefox), s.open("user", firefox)
	s.row("user", 5)
	status, _, _ = ask(t, "POST", s.URL+"/auth/v1/logout?scope=local", "", "Authorization: Bearer "+fourth, "apikey: "+token(t, "anon"))
	same(t, "sign-out", status, 204)
	s.ended("signed out", fourth)
	s.alive("another session", fifth)

	eventually(t, "the sweep has seen it at Supabase Auth", func() bool {
		var seen bool
		if err := s.owner.QueryRow(context.Background(), "SELECT bool_or(at_auth) FROM romashka.sessions WHERE row_id = $1", s.row("user", 5)).Scan(&seen); err != nil {
			return false // not looked yet
		}
		return seen
	})
	run(t, s.owner, "DELETE FROM auth.sessions WHERE user_id = '"+s.ids["user"]+"'")
	s.ended("gone at Supabase", fifth)

	var reasons string
	err := s.owner.QueryRow(context.Background(), `SELECT string_agg(concat_ws(' ', logout_reason, is_active, ended_at IS NOT NULL, session_duration >= interval '0'), E'\n' ORDER BY created_at, last_activity)
		FROM public.security_sessions WHERE user_id = $1`, s.ids["user"]).Scan(&reasons)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "reasons", reasons, "signed out from another device f t t\nended by an admin f t t\nuser_logout f t t\nsigned out f t t\nsigned out at Supabase f t t")
}

// A user who signs out everywhere and in again at once stays in: the sign-out is
// written down a moment later, together with the new session.
func TestASignInAfterASignOut(t *testing.T) {
	t.Parallel()
	s := newSessions(t, nil)
	for n := range 3 { // at different moments between two writings
		first := s.open("user", firefox)
		s.row("user", 2*n+1)
		status, _, _ := ask(t, "POST", s.URL+"/auth/v1/logout?scope=global", "", "Authorization: Bearer "+first, "apikey: "+token(t, "anon"))
		same(t, "sign-out", status, 204)
		again := s.open("user", firefox)
		s.ended("signed out", first)
		s.row("user", 2*n+2)
		s.alive("signed in again", again)
	}
}

// An ended session stays ended over a restart, and while the database is away.
func TestEndedSessionsSurvive(t *testing.T) {
	t.Parallel()
	s := newSessions(t, nil)
	access := s.open("user", firefox)
	id := s.row("user", 1)
	status, _ := s.call(access, "end_session", `{"id":"`+id+`"}`)
	same(t, "end_session", status, 200)
	s.ended("by its user", access)
	if err := s.second.Stop(); err != nil {
		t.Error(err)
	}
	s.second = start(t, s.api, map[string]string{"romashka-db-background-uri": s.owner.Config().ConnString(), "supabase-anon-key": token(t, "anon")}).ready(t)
	s.ended("after a restart", access)
}
