package dashboard_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/romashka/sidecar/internal/dashboard"
	"github.com/romashka/sidecar/internal/dashboard/seal"
	"github.com/romashka/sidecar/internal/postgrest"
)

// project is a Supabase Auth that sends no mail: the test reads the mail's
// contents.
type project struct {
	settings string
	inside   bool // of the same process

	mu        sync.Mutex
	challenge string
	calls     []string
}

func (p *project) Settings(context.Context) ([]byte, error) { return []byte(p.settings), nil }

func (p *project) Address() string {
	if p.inside {
		return ""
	}
	return "https://x.test/auth/v1"
}

func (p *project) Post(_ context.Context, _ *http.Request, call, _ string, body []byte) (int, []byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, call)
	var said map[string]any
	if err := json.Unmarshal(body, &said); err != nil {
		return http.StatusBadRequest, nil, err
	}
	switch {
	case strings.HasPrefix(call, "otp?"):
		p.challenge, _ = said["code_challenge"].(string)
		if said["create_user"] != false || said["code_challenge_method"] != "s256" {
			return http.StatusBadRequest, nil, nil
		}
		if said["email"] != "ada@x.test" {
			return http.StatusUnprocessableEntity, []byte(`{"error_code":"otp_disabled"}`), nil
		}
		return http.StatusOK, []byte(`{}`), nil
	case call == "token?grant_type=pkce":
		verifier, _ := said["code_verifier"].(string)
		sum := sha256.Sum256([]byte(verifier))
		if said["auth_code"] == "good" && base64.RawURLEncoding.EncodeToString(sum[:]) == p.challenge {
			return http.StatusOK, []byte(`{"access_token":"eyJ.token","refresh_token":"r","user":{"email":"ada@x.test"}}`), nil
		}
	}
	return http.StatusBadRequest, []byte(`{}`), nil
}

// tab is a browser that keeps its cookies.
type tab struct {
	t       *testing.T
	d       *dashboard.Dashboard
	cookies map[string]string
	role    string
	claims  string
}

func (b *tab) do(method, path, form string, header ...string) *postgrest.Response {
	b.t.Helper()
	path, query, _ := strings.Cut(path, "?")
	req := &postgrest.Request{Method: method, Path: path, RawQuery: query, Body: []byte(form), Role: b.role, Claims: []byte(b.claims)}
	add := func(name, value string) {
		req.Header = append(req.Header, postgrest.Field{Name: name, Value: value})
	}
	add("Host", "side.test")
	if method == http.MethodPost {
		add("Origin", "https://side.test")
		add("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.cookies {
		add("Cookie", name+"="+value)
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		add(name, value)
	}
	res := b.d.Call(b.t.Context(), req, netip.Addr{})
	for _, f := range res.Header {
		if f.Name != "Set-Cookie" {
			continue
		}
		if c, err := http.ParseSetCookie(f.Value); err != nil || c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return res
}

func head(res *postgrest.Response, name string) string {
	for _, f := range res.Header {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

func openTab(t *testing.T, accounts dashboard.Accounts, api func(*postgrest.Request) (int, string)) *tab {
	t.Helper()
	sealer, err := seal.New("/dashboard", []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := dashboard.New(dashboard.Options{
		Path: "/dashboard", Accounts: accounts, Sealer: sealer, Logger: slog.New(slog.DiscardHandler),
		API: func(_ context.Context, req *postgrest.Request, _ netip.Addr) *postgrest.Response {
			status, body := api(req)
			return &postgrest.Response{Status: status, Body: []byte(body)}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	return &tab{t: t, d: d, cookies: map[string]string{}}
}

func nothing(*postgrest.Request) (int, string) { return http.StatusOK, "[]" }

// A sign-in of the same process mails links, and leads to no provider.
func TestSignInInside(t *testing.T) {
	t.Parallel()
	b := openTab(t, &project{inside: true, settings: `{"external":{"email":true,"google":true}}`}, nothing)
	page := string(b.do("GET", "/sign-in", "").Body)
	if !strings.Contains(page, "Email me a link") || strings.Contains(page, "Continue with") {
		t.Errorf("the page offers a link: %v; a provider: %v", strings.Contains(page, "Email me a link"), strings.Contains(page, "Continue with"))
	}
	if res := b.do("POST", "/sign-in/link", "email=ada%40x.test"); res.Status != http.StatusOK {
		t.Errorf("asked for a link: %d", res.Status)
	}
}

// A link and a provider sign in where the project has them, with a code that is
// worth something in the browser that asked alone; no address has a token.
func TestSignInByLinkAndProvider(t *testing.T) {
	t.Parallel()
	p := &project{settings: `{"external":{"email":true,"google":true,"linkedin_oidc":true,"github":false,"phone":true,"anonymous_users":true,"web3_ethereum":true}}`}
	b := openTab(t, p, nothing)
	page := string(b.do("GET", "/sign-in", "").Body)
	for text, want := range map[string]bool{"Email me a link": true, "Continue with Google": true, "Continue with LinkedIn": true, "GitHub": false, "Phone": false, "Anonymous": false, "ethereum": false} {
		if strings.Contains(page, text) != want {
			t.Errorf("%q on the sign-in page: %v, want %v", text, !want, want)
		}
	}
	form := url.Values{"email": {"ada@x.test"}, "next": {"/dashboard/executive?range=7"}}.Encode()
	asked := b.do("POST", "/sign-in/link", form)
	other := openTab(t, p, nothing).do("POST", "/sign-in/link", "email=nobody%40x.test")
	if asked.Status != http.StatusOK || other.Status != http.StatusOK || !strings.Contains(string(other.Body), "is on its way") {
		t.Errorf("a link for a user %d, for a stranger %d", asked.Status, other.Status)
	}
	asked = b.do("POST", "/sign-in/link", form) // its challenge counts
	if q, _ := url.ParseQuery(strings.TrimPrefix(p.calls[len(p.calls)-1], "otp?")); q.Get("redirect_to") != "https://side.test/dashboard/sign-in/done" {
		t.Errorf("the link leads to %q", q.Get("redirect_to"))
	}
	if c, err := http.ParseSetCookie(head(asked, "Set-Cookie")); err != nil || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("the verifier's cookie: %v %v", c, err)
	}
	exchanged := len(p.calls)
	if res := openTab(t, p, nothing).do("GET", "/sign-in/done?code=good", ""); res.Status != http.StatusUnauthorized || len(p.calls) != exchanged {
		t.Errorf("a link in another browser: %d", res.Status)
	}
	for _, query := range []string{"?code=bad", "", "?error=access_denied", "?error=x&error_code=otp_expired", "?code=" + strings.Repeat("a", 5000)} {
		if res := b.do("GET", "/sign-in/done"+query, ""); res.Status != http.StatusUnauthorized || !strings.Contains(string(res.Body), `id="fault"`) {
			t.Errorf("%.20s: %d", query, res.Status)
		}
	}
	res := b.do("GET", "/sign-in/done?code=good", "", "Sec-Fetch-Site: cross-site")
	if head(res, "Refresh") != "0; url=/dashboard/executive?range=7" || b.d.Bearer("romashka_session0="+b.cookies["romashka_session0"]) != "eyJ.token" {
		t.Errorf("a good code: %d, onward %q", res.Status, head(res, "Refresh"))
	}
	if b.cookies["romashka_sign_in"] != "" {
		t.Error("the verifier stays after its use")
	}

	res = b.do("POST", "/sign-in/with/google", "next=https%3A%2F%2Fevil.test%2F")
	q, err := url.Parse(strings.TrimPrefix(head(res, "Refresh"), "0; url="))
	if err != nil || !strings.HasPrefix(q.String(), "https://x.test/auth/v1/authorize?") || q.Query().Get("provider") != "google" ||
		len(q.Query().Get("code_challenge")) != 43 || q.Query().Get("code_challenge_method") != "s256" {
		t.Errorf("a provider: %d, onward %q", res.Status, head(res, "Refresh"))
	}
	p.challenge = q.Query().Get("code_challenge")
	if res := b.do("GET", "/sign-in/done?code=good", ""); head(res, "Refresh") != "0; url=/dashboard/operations" {
		t.Errorf("the way back from a provider: %d, onward %q", res.Status, head(res, "Refresh"))
	}
	if res := b.do("POST", "/sign-in/with/github", ""); res.Status != http.StatusNotFound {
		t.Errorf("a provider that is off: %d", res.Status)
	}
	if res := b.do("POST", "/sign-in/with/google", "", "Sec-Fetch-Site: cross-site"); res.Status != http.StatusForbidden {
		t.Errorf("a form of another site: %d", res.Status)
	}
}

// A link that stands in a mail shows its page to somebody who is signed in: the
// browser keeps its cookies back on the first step, and is led to a second one.
func TestLinkFromElsewhere(t *testing.T) {
	t.Parallel()
	b := openTab(t, &project{}, nothing)
	if res := b.do("GET", "/executive?range=7", "", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"); head(res, "Refresh") != "0; url=/dashboard/executive?range=7" {
		t.Errorf("from a mail: %d, onward %q", res.Status, head(res, "Refresh"))
	}
	if res := b.do("GET", "/executive?range=7", "", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate"); head(res, "Location") != "/dashboard/sign-in?next=%2Fdashboard%2Fexecutive%3Frange%3D7" {
		t.Errorf("the second step: %d to %q", res.Status, head(res, "Location"))
	}
}

// Somebody whose role requires a second factor sees nothing before he has shown
// it, nor somebody of whom it is not known.
func TestSecondFactorFirst(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"required": http.StatusOK, "not known": http.StatusInternalServerError} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var asked []string
			b := openTab(t, &project{}, func(req *postgrest.Request) (int, string) {
				mu.Lock()
				defer mu.Unlock()
				asked = append(asked, req.Path)
				switch req.Path {
				case "/profiles":
					return http.StatusOK, `[{"full_name":"Ada","role":"compliance_admin"}]`
				case "/rpc/two_factor_status":
					return status, `{"factors":[],"verified_until":null,"backup_codes_left":0,"required":true}`
				}
				return http.StatusOK, "[]"
			})
			b.role, b.claims = "authenticated", `{"sub":"ada","role":"authenticated"}`
			for _, path := range []string{
				"/operations", "/executive", "/conversations", "/ai", "/forecast", "/security", "/compliance", "/executive/figures", "/report/compliance",
				"/data/security/sessions.csv", "/live/operations", "/security/incident-00000000-0000-0000-0000-000000000000",
			} {
				res := b.do("GET", path, "")
				led := res.Status == http.StatusSeeOther && head(res, "Location") == "/dashboard/two-factor?next="+url.QueryEscape("/dashboard"+path)
				if status == http.StatusOK && !led || status != http.StatusOK && res.Status != http.StatusServiceUnavailable || res.Stream != nil {
					t.Errorf("%s: %d to %q", path, res.Status, head(res, "Location"))
				}
			}
			if res := b.do("POST", "/do/end-session", "id=1"); res.Status < http.StatusMultipleChoices {
				t.Errorf("an action: %d", res.Status)
			}
			if res := b.do("GET", "/two-factor", ""); status == http.StatusOK && (res.Status != http.StatusOK || !strings.Contains(string(res.Body), "Your role needs a second factor")) {
				t.Errorf("the page of factors: %d", res.Status)
			}
			for _, path := range asked {
				if !slices.Contains([]string{"/profiles", "/rpc/get_permissions", "/rpc/get_setting", "/rpc/two_factor_status"}, path) {
					t.Errorf("%s was read", path)
				}
			}
		})
	}
}
