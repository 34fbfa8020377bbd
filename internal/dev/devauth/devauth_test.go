package devauth_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/dev/devauth"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

const (
	secret   = "a-secret-of-at-least-thirty-two-characters"
	password = "correct horse"
)

// service is a sign-in service over a database of its own, with one user.
type service struct {
	t      *testing.T
	url    string
	pool   *pgxpool.Pool
	userID string
	mails  *outbox
	log    *bytes.Buffer // all that was logged; read it after the last request
}

const email = "uma@example.com"

func newService(t *testing.T) *service {
	t.Helper()
	dbURL := pgtest.Bootstrapped(t)
	pool, err := pgxpool.New(t.Context(), dbURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s := &service{t: t, pool: pool, mails: new(outbox), log: new(bytes.Buffer)}
	s.userID, err = devdb.AddUser(t.Context(), pgtest.Conn(t, pgtest.As(t, dbURL, devdb.Superuser)),
		devdb.User{Email: email, Password: password, FullName: "Uma", Role: "user"})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := devauth.New(devauth.Options{
		DB: pool, Secret: secret, Issuer: "http://api.test/auth/v1", Outbox: s.mails,
		Logger: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// answer is one HTTP answer; JSON holds the body if there is one.
type answer struct {
	Status int
	Header http.Header
	JSON   map[string]any
}

func (a answer) text(key string) string {
	v, _ := a.JSON[key].(string)
	return v
}

func (s *service) send(method, path, token, body string, header ...string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, s.url+"/auth/v1"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json;charset=UTF-8")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := answer{Status: res.StatusCode, Header: res.Header}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &a.JSON); err != nil {
			s.t.Fatalf("%s %s answers %q", method, path, text)
		}
	}
	return a
}

// wants fails the test unless a has the status and, for an error, the code.
func (s *service) wants(a answer, status int, code string) answer {
	s.t.Helper()
	if a.Status != status || a.text("error_code") != code {
		s.t.Fatalf("answer %d %v, want %d %s", a.Status, a.JSON, status, code)
	}
	return a
}

func (s *service) signIn(address, word string) answer {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"email": address, "password": word, "gotrue_meta_security": map[string]any{}})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.send("POST", "/token?grant_type=password", "", string(body))
}

func (s *service) refresh(token string) answer {
	s.t.Helper()
	return s.send("POST", "/token?grant_type=refresh_token", "", `{"refresh_token": "`+token+`"}`)
}

func (s *service) value(sql string, args ...any) string {
	s.t.Helper()
	var v string
	if err := s.pool.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := newService(t)
	a := s.wants(s.signIn("Uma@Example.com", password), 200, "")
	if a.text("token_type") != "bearer" || a.JSON["expires_in"] != 3600.0 || a.text("refresh_token") == "" {
		t.Errorf("session is %v", a.JSON)
	}
	who := a.JSON["user"].(map[string]any)
	identity := who["identities"].([]any)[0].(map[string]any)
	for _, tt := range []struct{ name, got, want any }{
		{"id", who["id"], s.userID},
		{"email", who["email"], email},
		{"phone", who["phone"], ""},
		{"role", who["role"], "authenticated"},
		{"user_metadata", who["user_metadata"], map[string]any{"full_name": "Uma"}},
		{"identity", identity["provider"], "email"},
		{"identity's user", identity["user_id"], s.userID},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}

	claims := claimsOf(t, a.text("access_token"))
	for name, want := range map[string]any{
		"iss": "http://api.test/auth/v1", "sub": s.userID, "aud": "authenticated", "role": "authenticated",
		"email": email, "aal": "aal1", "is_anonymous": false, "exp": a.JSON["expires_at"],
		"app_metadata": map[string]any{"provider": "email", "providers": []any{"email"}},
	} {
		if diff := cmp.Diff(want, claims[name]); diff != "" {
			t.Errorf("claim %s: %s", name, diff)
		}
	}
	session := s.value("SELECT id::text FROM auth.sessions WHERE user_id = $1 AND aal = 'aal1' AND ip = '127.0.0.1'", s.userID)
	if claims["session_id"] != session {
		t.Errorf("claim session_id is not the session's")
	}
	if n := s.value("SELECT count(*)::text FROM auth.audit_log_entries WHERE payload ->> 'action' = 'login'"); n != "1" {
		t.Errorf("%s entries in the audit log, want 1", n)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newService(t)
	ago := time.Now().Add(-2 * time.Hour).Unix()
	expired := mint(t, map[string]any{"sub": s.userID, "role": "authenticated", "aud": "authenticated", "exp": ago})
	nobody := mint(t, map[string]any{"sub": "00000000-0000-0000-0000-00000000dead", "role": "authenticated", "exp": 4e9})
	noUser := mint(t, map[string]any{"role": "anon", "exp": 4e9})
	notUUID := mint(t, map[string]any{"sub": "x", "role": "authenticated", "exp": 4e9})
	noSessionAtAll := mint(t, map[string]any{"sub": s.userID, "role": "authenticated", "exp": 4e9})
	service := mint(t, map[string]any{"role": "service_role", "exp": 4e9})
	noSession := mint(t, map[string]any{"sub": s.userID, "session_id": "nonsense", "role": "authenticated", "exp": 4e9})
	for _, tt := range []struct {
		name, method, path, token, body string
		status                          int
		code                            string
	}{
		{"wrong password", "POST", "/token?grant_type=password", "", `{"email": "uma@example.com", "password": "x"}`, 400, "invalid_credentials"},
		{"unknown user", "POST", "/token?grant_type=password", "", `{"email": "no@example.com", "password": "x"}`, 400, "invalid_credentials"},
		{"NUL in password", "POST", "/token?grant_type=password", "", `{"email": "uma@example.com", "password": "\u0000"}`, 400, "invalid_credentials"},
		{"no e-mail", "POST", "/token?grant_type=password", "", `{"password": "x"}`, 400, "validation_failed"},
		{"no body", "POST", "/token?grant_type=password", "", ``, 400, "validation_failed"},
		{"no JSON", "POST", "/token?grant_type=password", "", `{"email"`, 400, "bad_json"},
		{"number as e-mail", "POST", "/token?grant_type=password", "", `{"email": 7}`, 400, "bad_json"},
		{"big body", "POST", "/token?grant_type=password", "", `{"email": "` + strings.Repeat("x", 2<<20) + `"}`, 413, "request_entity_too_large"},
		{"unknown grant", "POST", "/token?grant_type=magic", "", `{}`, 400, "invalid_credentials"},
		{"no grant", "POST", "/token", "", `{}`, 400, "invalid_credentials"},
		{"unknown refresh token", "POST", "/token?grant_type=refresh_token", "", `{"refresh_token": "x"}`, 400, "refresh_token_not_found"},
		{"NUL in refresh token", "POST", "/token?grant_type=refresh_token", "", `{"refresh_token": "\u0000"}`, 400, "refresh_token_not_found"},
		{"no refresh token", "POST", "/token?grant_type=refresh_token", "", `{}`, 400, "validation_failed"},
		{"user without token", "GET", "/user", "", ``, 401, "no_authorization"},
		{"user with nonsense", "GET", "/user", "nonsense", ``, 403, "bad_jwt"},
		{"user with expired token", "GET", "/user", expired, ``, 403, "bad_jwt"},
		{"user with anon key", "GET", "/user", noUser, ``, 403, "bad_jwt"},
		{"user with odd subject", "GET", "/user", notUUID, ``, 400, "bad_jwt"},
		{"deleted user", "GET", "/user", nobody, ``, 403, "user_not_found"},
		{"odd session", "GET", "/user", noSession, ``, 403, "session_not_found"},
		{"sign-up without password", "POST", "/signup", "", `{"email": "a@b.c"}`, 400, "validation_failed"},
		{"sign-up with short password", "POST", "/signup", "", `{"email": "a@b.c", "password": "12345"}`, 422, "weak_password"},
		{"sign-up with long password", "POST", "/signup", "", `{"email": "a@b.c", "password": "` + strings.Repeat("x", 73) + `"}`, 400, "validation_failed"},
		{"sign-up with no address", "POST", "/signup", "", `{"email": "Uma <a@b.c>", "password": "123456"}`, 400, "validation_failed"},
		{"sign-up with NUL", "POST", "/signup", "", `{"email": "a@b.c", "password": "123456", "data": {"x": "\u0000"}}`, 400, "bad_json"},
		{"sign-up again", "POST", "/signup", "", `{"email": "UMA@example.com", "password": "123456"}`, 422, "user_already_exists"},
		{"unknown scope", "POST", "/logout?scope=galaxy", expired, ``, 400, "validation_failed"},
		{"reset without address", "POST", "/recover", "", `{}`, 400, "validation_failed"},
		{"half a challenge", "POST", "/otp", "", `{"email": "a@b.c", "code_challenge": "x"}`, 400, "validation_failed"},
		{"short challenge", "POST", "/otp", "", `{"email": "a@b.c", "code_challenge": "x", "code_challenge_method": "s256"}`, 400, "validation_failed"},
		{"unknown method", "POST", "/otp", "", `{"email": "a@b.c", "code_challenge": "` + strings.Repeat("x", 43) + `", "code_challenge_method": "md5"}`, 400, "validation_failed"},
		{"unknown code", "POST", "/token?grant_type=pkce", "", `{"auth_code": "x", "code_verifier": "y"}`, 404, "flow_state_not_found"},
		{"code with NUL", "POST", "/token?grant_type=pkce", "", `{"auth_code": "\u0000", "code_verifier": "y"}`, 400, "validation_failed"},
		{"verify nothing", "POST", "/verify", "", `{}`, 400, "validation_failed"},
		{"long address", "POST", "/signup", "", `{"email": "` + strings.Repeat("a", 300) + `@b.c", "password": "123456"}`, 400, "validation_failed"},
		{"factor without token", "POST", "/factors", "", `{"factor_type": "totp"}`, 401, "no_authorization"},
		{"factor of no session", "POST", "/factors", noSessionAtAll, `{"factor_type": "totp"}`, 403, "session_not_found"},
		{"users without key", "GET", "/admin/users", "", ``, 401, "no_authorization"},
		{"users as a user", "GET", "/admin/users", noSessionAtAll, ``, 403, "not_admin"},
		{"odd page", "GET", "/admin/users?page=x", service, ``, 400, "validation_failed"},
		{"odd user", "GET", "/admin/users/x", service, ``, 404, "validation_failed"},
		{"odd ban", "PUT", "/admin/users/" + s.userID, service, `{"ban_duration": "long"}`, 400, "validation_failed"},
		{"weak password by the server", "PUT", "/admin/users/" + s.userID, service, `{"password": "12345"}`, 422, "weak_password"},
		{"odd hash", "POST", "/admin/users", service, `{"email": "h@b.c", "password_hash": "plain"}`, 400, "validation_failed"},
		{"link of no type", "POST", "/admin/generate_link", service, `{"email": "h@b.c", "type": "x"}`, 400, "validation_failed"},
		{"not built", "POST", "/passkeys", "", `{}`, 404, "feature_disabled"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := s.send(tt.method, tt.path, tt.token, tt.body)
			if a.Status != tt.status || a.text("error_code") != tt.code || a.JSON["code"] != float64(tt.status) || a.text("msg") == "" {
				t.Errorf("answer %d %v, want %d %s", a.Status, a.JSON, tt.status, tt.code)
			}
			if got := a.Header.Get("X-Sb-Error-Code"); got != tt.code {
				t.Errorf("header says %q, want %q", got, tt.code)
			}
		})
	}
}

// mint signs a token as anybody can who has the secret.
func mint(t *testing.T, claims map[string]any) string {
	t.Helper()
	token, err := auth.Sign([]byte(secret), claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestErrorOfVersion2024(t *testing.T) {
	t.Parallel()
	s := newService(t)
	a := s.send("POST", "/signup", "", `{"email": "a@b.c", "password": "1"}`, "X-Supabase-Api-Version", "2024-01-01")
	want := map[string]any{
		"code": "weak_password", "message": "Password should be at least 6 characters.",
		"weak_password": map[string]any{"reasons": []any{"length"}},
	}
	if diff := cmp.Diff(want, a.JSON); diff != "" || a.Header.Get("X-Supabase-Api-Version") != "2024-01-01" {
		t.Errorf("header %q, body %s", a.Header.Get("X-Supabase-Api-Version"), diff)
	}
}

func TestRefreshRotates(t *testing.T) {
	t.Parallel()
	s := newService(t)
	first := s.wants(s.signIn(email, password), 200, "")
	second := s.wants(s.refresh(first.text("refresh_token")), 200, "")
	if second.text("refresh_token") == first.text("refresh_token") {
		t.Error("the refresh token stayed the same")
	}
	one, two := claimsOf(t, first.text("access_token")), claimsOf(t, second.text("access_token"))
	if one["session_id"] != two["session_id"] {
		t.Error("the session has changed")
	}
	s.wants(s.send("GET", "/user", second.text("access_token"), ""), 200, "")
}

func TestRefreshReuse(t *testing.T) {
	t.Parallel()
	s := newService(t)
	first := s.signIn(email, password).text("refresh_token")
	second := s.wants(s.refresh(first), 200, "").text("refresh_token")
	// The client may have missed the answer: the parent gives it again.
	if again := s.wants(s.refresh(first), 200, ""); again.text("refresh_token") != second {
		t.Error("a repeated refresh gave a third token")
	}
	third := s.wants(s.refresh(second), 200, "").text("refresh_token")
	// Two tabs: used moments ago, though its successor was used as well.
	if again := s.wants(s.refresh(first), 200, ""); again.text("refresh_token") != third {
		t.Error("a late tab was not given the valid token")
	}
	// A thief: long ago. The session ends for both.
	s.value(`UPDATE auth.refresh_tokens SET updated_at = now() - interval '1 hour' WHERE token = $1 RETURNING ''`, first)
	s.wants(s.refresh(first), 400, "refresh_token_already_used")
	s.wants(s.refresh(third), 400, "refresh_token_already_used")
}

func TestRefreshTogether(t *testing.T) {
	t.Parallel()
	s := newService(t)
	first := s.signIn(email, password).text("refresh_token")
	const tabs = 8
	got := make(chan answer, tabs)
	for range tabs {
		go func() { got <- s.refresh(first) }()
	}
	tokens := map[string]bool{}
	for range tabs {
		a := <-got
		if a.Status != 200 {
			t.Errorf("answer %d %v", a.Status, a.JSON)
		}
		tokens[a.text("refresh_token")] = true
	}
	if len(tokens) != 1 {
		t.Errorf("%d different tokens, want 1", len(tokens))
	}
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	s := newService(t)
	body := `{"email": "New@Example.com", "password": "123456", "data": {"fullName": "Nia", "companyName": "N Ltd"}, "gotrue_meta_security": {}}`
	a := s.wants(s.send("POST", "/signup", "", body), 200, "")
	if a.text("access_token") == "" {
		t.Error("the new user is not signed in")
	}
	got := s.value(`SELECT concat_ws('|', p.email, full_name, company_name, p.role, onboarding_completed, u.raw_user_meta_data ->> 'fullName')
		FROM public.profiles p JOIN auth.users u USING (id) WHERE id = $1`, a.JSON["user"].(map[string]any)["id"])
	if want := "new@example.com|Nia|N Ltd|user|f|Nia"; got != want {
		t.Errorf("profile is %q, want %q", got, want)
	}
	s.wants(s.signIn("new@example.com", "123456"), 200, "")
}

func TestPutUser(t *testing.T) {
	t.Parallel()
	s := newService(t)
	here, there := s.signIn(email, password), s.signIn(email, password)
	token := here.text("access_token")

	a := s.wants(s.send("PUT", "/user", token, `{"email": "U2@example.com", "data": {"full_name": null, "theme": "dark"}}`), 200, "")
	if diff := cmp.Diff(map[string]any{"theme": "dark"}, a.JSON["user_metadata"]); diff != "" || a.text("email") != email || a.text("new_email") != "u2@example.com" {
		t.Errorf("user is %v", a.JSON)
	}
	s.wants(s.send("PUT", "/user", token, `{"password": "`+password+`"}`), 422, "same_password")
	s.wants(s.send("PUT", "/user", token, `{"password": "12345"}`), 422, "weak_password")
	s.wants(s.send("PUT", "/user", token, `{"email": "x"}`), 400, "validation_failed")
	s.wants(s.send("PUT", "/user", token, `{"password": "another one"}`), 200, "")
	s.wants(s.signIn(email, password), 400, "invalid_credentials")
	s.wants(s.signIn(email, "another one"), 200, "")
	s.wants(s.send("GET", "/user", token, ""), 200, "")
	s.wants(s.send("GET", "/user", there.text("access_token"), ""), 403, "session_not_found")

	s.wants(s.send("POST", "/signup", "", `{"email": "taken@example.com", "password": "123456"}`), 200, "")
	s.wants(s.send("PUT", "/user", token, `{"email": "taken@example.com"}`), 422, "email_exists")
}

func TestLogoutScopes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		query       string
		here, there int // of GET /user afterwards
	}{
		{"", 403, 403},
		{"?scope=global", 403, 403},
		{"?scope=local", 403, 200},
		{"?scope=others", 200, 403},
	} {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			s := newService(t)
			here, there := s.signIn(email, password), s.signIn(email, password)
			s.wants(s.send("POST", "/logout"+tt.query, here.text("access_token"), ""), 204, "")
			for who, want := range map[string]int{here.text("access_token"): tt.here, there.text("access_token"): tt.there} {
				if a := s.send("GET", "/user", who, ""); a.Status != want {
					t.Errorf("answer %d %v, want %d", a.Status, a.JSON, want)
				}
			}
			if tt.here == 403 {
				s.wants(s.refresh(here.text("refresh_token")), 400, "refresh_token_not_found")
			}
		})
	}
}

func TestBannedAndUnconfirmed(t *testing.T) {
	t.Parallel()
	s := newService(t)
	session := s.signIn(email, password)
	s.value("UPDATE auth.users SET banned_until = now() + interval '1 day' RETURNING ''")
	s.wants(s.signIn(email, password), 400, "user_banned")
	s.wants(s.refresh(session.text("refresh_token")), 400, "user_banned")
	s.wants(s.send("GET", "/user", session.text("access_token"), ""), 403, "user_banned")
	s.value("UPDATE auth.users SET banned_until = NULL, email_confirmed_at = NULL RETURNING ''")
	s.wants(s.signIn(email, password), 400, "email_not_confirmed")
}

func TestPublicEndpoints(t *testing.T) {
	t.Parallel()
	s := newService(t)
	if a := s.send("GET", "/settings", "", ""); a.Status != 200 || a.JSON["mailer_autoconfirm"] != true {
		t.Errorf("settings: %d %v", a.Status, a.JSON)
	}
	if a := s.send("GET", "/.well-known/jwks.json", "", ""); a.Status != 200 || fmt.Sprint(a.JSON["keys"]) != "[]" {
		t.Errorf("keys: %d %v", a.Status, a.JSON)
	}
	if a := s.send("GET", "/health", "", ""); a.Status != 200 {
		t.Errorf("health: %d", a.Status)
	}
}

// TestFailureIsNotTold takes the database away: the client learns nothing of it;
// the reason is logged, without a secret.
func TestFailureIsNotTold(t *testing.T) {
	t.Parallel()
	s := newService(t)
	session := s.signIn(email, password)
	s.pool.Close()
	s.wants(s.signIn(email, password), 500, "unexpected_failure")
	s.wants(s.refresh(session.text("refresh_token")), 500, "unexpected_failure")
	s.wants(s.send("GET", "/user", session.text("access_token"), ""), 500, "unexpected_failure")
	log := s.log.String()
	if !strings.Contains(log, "closed pool") {
		t.Errorf("the log does not say why: %s", log)
	}
	for _, word := range []string{password, secret, session.text("access_token"), session.text("refresh_token")} {
		if strings.Contains(log, word) {
			t.Error("the log holds a secret")
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	if _, err := devauth.New(devauth.Options{Secret: secret}); err == nil {
		t.Error("no database, and no error")
	}
	pool, err := pgxpool.New(t.Context(), "postgres://127.0.0.1:1/x")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := devauth.New(devauth.Options{DB: pool, Secret: "short"}); err == nil {
		t.Error("a short secret, and no error")
	}
}
