package devauth_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/platform/notify"
)

// outbox keeps mails for a test.
type outbox struct {
	mu    sync.Mutex
	mails []notify.Message
}

func (o *outbox) Keep(m notify.Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mails = append(o.mails, m)
	return nil
}

var (
	linkIn = regexp.MustCompile(`Link: (\S+)`)      // read-only
	codeIn = regexp.MustCompile(`Code: ([0-9]{6})`) // read-only
)

// last is the link and the code of the last mail.
func (o *outbox) last(t *testing.T) (link *url.URL, code string) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.mails) == 0 {
		t.Fatal("no mail")
	}
	text := o.mails[len(o.mails)-1].Text
	link, err := url.Parse(linkIn.FindStringSubmatch(text)[1])
	if err != nil {
		t.Fatal(err)
	}
	return link, codeIn.FindStringSubmatch(text)[1]
}

// follow asks for a mail's link, and returns where it leads.
func (s *service) follow(link *url.URL) *url.URL {
	s.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(s.url + "/auth/v1/verify?" + link.RawQuery)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	at, err := res.Location()
	if err != nil || res.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("%d, %v", res.StatusCode, err)
	}
	return at
}

// Links and codes are good for an hour, and once, whoever comes at the same time.
func TestTokensOfMails(t *testing.T) {
	t.Parallel()
	s := newService(t)
	ask := func() (*url.URL, string) {
		s.rest()
		s.wants(s.send("POST", "/recover?redirect_to="+url.QueryEscape("http://app.test/new?a=b#old"), "", `{"email": "`+email+`"}`), 200, "")
		return s.mails.last(t)
	}
	age := func() {
		s.value("UPDATE auth.one_time_tokens SET created_at = created_at - interval '61 minutes' RETURNING ''")
	}
	verify := func(code string) answer {
		return s.send("POST", "/verify", "", `{"type": "recovery", "email": "`+email+`", "token": "`+code+`"}`)
	}

	link, _ := ask()
	age()
	if at := s.follow(link); !strings.HasPrefix(at.String(), "http://app.test/new?a=b#error=access_denied&error_code=otp_expired") {
		t.Errorf("an old link leads to %s", at)
	}
	_, code := ask()
	age()
	s.wants(verify(code), 403, "otp_expired")

	link, code = ask()
	const clients = 6
	got := make(chan int, clients)
	for range clients {
		go func() { got <- verify(code).Status }()
	}
	good := 0
	for range clients {
		if <-got == 200 {
			good++
		}
	}
	if good != 1 {
		t.Errorf("a code was good %d times", good)
	}
	if at := s.follow(link); !strings.Contains(at.Fragment, "otp_expired") {
		t.Errorf("the link of a code that was used leads to %s", at)
	}
	if n := s.value("SELECT count(*)::text FROM auth.one_time_tokens"); n != "0" {
		t.Errorf("%s tokens are left", n)
	}
}

// rest has a minute pass since the last mail to each user.
func (s *service) rest() {
	s.t.Helper()
	s.value(`WITH aged AS (UPDATE auth.users SET recovery_sent_at = recovery_sent_at - interval '61 s', confirmation_sent_at = confirmation_sent_at - interval '61 s',
		email_change_sent_at = email_change_sent_at - interval '61 s', reauthentication_sent_at = reauthentication_sent_at - interval '61 s' RETURNING 1)
		SELECT count(*)::text FROM aged`)
}

// Of each kind a user gets one mail in a minute.
func TestMailsAreLimited(t *testing.T) {
	t.Parallel()
	s := newService(t)
	token := s.signIn(email, password).text("access_token")
	s.wants(s.send("PUT", "/user", token, `{"email": "next@example.test"}`), 200, "")
	for _, tt := range []struct{ first, second [3]string }{ // method, path, body
		{[3]string{"POST", "/recover", `{"email": "` + email + `"}`}, [3]string{"POST", "/recover", `{"email": "` + email + `"}`}},
		{[3]string{"POST", "/otp", `{"email": "` + email + `"}`}, [3]string{"POST", "/recover", `{"email": "` + email + `"}`}}, // of one kind
		{[3]string{"POST", "/otp", `{"email": "new@example.test"}`}, [3]string{"POST", "/magiclink", `{"email": "new@example.test"}`}},
		{[3]string{"GET", "/reauthenticate", ""}, [3]string{"GET", "/reauthenticate", ""}},
		{[3]string{"POST", "/resend", `{"type": "email_change", "email": "` + email + `"}`}, [3]string{"POST", "/resend", `{"type": "email_change", "email": "` + email + `"}`}},
	} {
		s.rest()
		s.wants(s.send(tt.first[0], tt.first[1], token, tt.first[2]), 200, "")
		s.mails.mu.Lock()
		before := len(s.mails.mails)
		s.mails.mu.Unlock()
		a := s.wants(s.send(tt.second[0], tt.second[1], token, tt.second[2]), 429, "over_email_send_rate_limit")
		if !regexp.MustCompile(`only request this after ([1-9]|[1-5][0-9]|60) seconds`).MatchString(a.text("msg")) {
			t.Errorf("%s: %s", tt.second[1], a.text("msg"))
		}
		if len(s.mails.mails) != before {
			t.Errorf("%s: a mail was kept", tt.second[1])
		}
	}
}

// A changed password ends what was sent before.
func TestPasswordEndsLinks(t *testing.T) {
	t.Parallel()
	s := newService(t)
	token := s.signIn(email, password).text("access_token")
	s.wants(s.send("POST", "/otp", "", `{"email": "`+email+`"}`), 200, "")
	link, _ := s.mails.last(t)
	s.wants(s.send("PUT", "/user", token, `{"password": "another one"}`), 200, "")
	if at := s.follow(link); !strings.Contains(at.Fragment, "otp_expired") {
		t.Errorf("an old link leads to %s", at.Redacted())
	}
}

// The code that a link ends with lives for five minutes.
func TestFlowExpires(t *testing.T) {
	t.Parallel()
	s := newService(t)
	verifier := strings.Repeat("v", 43)
	s.wants(s.send("POST", "/otp", "", `{"email": "`+email+`", "code_challenge": "`+verifier+`", "code_challenge_method": "plain"}`), 200, "")
	link, _ := s.mails.last(t)
	code := s.follow(link).Query().Get("code")
	exchange := func(word string) answer {
		return s.send("POST", "/token?grant_type=pkce", "", `{"auth_code": "`+code+`", "code_verifier": "`+word+`"}`)
	}
	s.wants(exchange("wrong"), 400, "bad_code_verifier")
	s.value("UPDATE auth.flow_state SET auth_code_issued_at = now() - interval '6 minutes' RETURNING ''")
	s.wants(exchange(verifier), 422, "flow_state_expired")
	s.value("UPDATE auth.flow_state SET auth_code_issued_at = now() RETURNING ''")
	a := s.wants(exchange(verifier), 200, "")
	if amr := claimsOf(t, a.text("access_token"))["amr"].([]any)[0].(map[string]any)["method"]; amr != "magiclink" {
		t.Errorf("the session's method is %v", amr)
	}
	s.wants(exchange(verifier), 404, "flow_state_not_found")
}

// A challenge lives for five minutes, and is answered once.
func TestChallengeExpires(t *testing.T) {
	t.Parallel()
	s := newService(t)
	token := s.signIn(email, password).text("access_token")
	factor := s.wants(s.send("POST", "/factors", token, `{"factor_type": "totp"}`), 200, "").text("id")
	challenge := s.wants(s.send("POST", "/factors/"+factor+"/challenge", token, `{}`), 200, "").text("id")
	s.value("UPDATE auth.mfa_challenges SET created_at = now() - interval '6 minutes' RETURNING ''")
	s.wants(s.send("POST", "/factors/"+factor+"/verify", token, `{"challenge_id": "`+challenge+`", "code": "123456"}`), 422, "mfa_challenge_expired")
	s.wants(s.send("POST", "/factors/"+factor+"/verify", token, `{"challenge_id": "x", "code": "123456"}`), 422, "mfa_factor_not_found")
	s.wants(s.send("POST", "/factors/x/challenge", token, `{}`), 404, "validation_failed")
	s.wants(s.send("POST", "/factors", token, `{"factor_type": "totp", "friendly_name": "`+strings.Repeat("x", 300)+`"}`), 400, "validation_failed")
	if time.Until(time.Unix(int64(s.wants(s.send("POST", "/factors/"+factor+"/challenge", token, `{}`), 200, "").JSON["expires_at"].(float64)), 0)) <= 0 {
		t.Error("a new challenge has expired")
	}
}
