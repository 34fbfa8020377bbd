package notify_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/platform/notify"
)

// receiver is an HTTP server that keeps its requests; status is its answer.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	got    []*http.Request
	bodies []string
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusOK}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got, r.bodies = append(r.got, req), append(r.bodies, string(body))
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answer(status int) { r.mu.Lock(); r.status = status; r.mu.Unlock() }
func (r *receiver) count() int        { r.mu.Lock(); defer r.mu.Unlock(); return len(r.got) }

// mailbox is a real SMTP server.
type mailbox struct {
	mu     sync.Mutex
	refuse *smtp.SMTPError
	mails  []string
}

func startMail(t testing.TB) (box *mailbox, address string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box = &mailbox{}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{box: box}, nil }))
	s.Domain = "mail.test"
	go s.Serve(ln)
	t.Cleanup(func() { _ = s.Close() })
	return box, ln.Addr().String()
}

type session struct {
	box *mailbox
	to  string
}

func (s *session) Reset()                                    {}
func (s *session) Logout() error                             { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error      { return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }
func (s *session) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	if s.box.refuse != nil {
		return s.box.refuse
	}
	s.box.mails = append(s.box.mails, s.to+"\n"+string(body))
	return err
}

func sender(t testing.TB, o notify.Options) *notify.Sender {
	t.Helper()
	s, err := notify.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var message = notify.Message{ // read-only
	ID: "5f0c9f9e-5f62-4b0e-9d0a-5a1c6c3a0001", To: "soc@example.com", Subject: "An incident\r\nBcc: all@example.com", Text: "Grüße <b>",
	Topic: "incident.opened", Severity: "high", At: time.Unix(1_800_000_000, 0),
}

func TestMail(t *testing.T) {
	t.Parallel()
	box, address := startMail(t)
	s := sender(t, notify.Options{SMTPURL: "smtp://" + address, MailFrom: "ROMASHKA <noreply@example.com>"})
	m := message
	m.Channel = notify.Mail
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := box.mails[0]
	for _, want := range []string{"soc@example.com\n", "Message-ID: <" + m.ID + "@romashka>", "Subject: An incident Bcc: all@example.com", `From: "ROMASHKA" <noreply@example.com>`} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "\nBcc:") {
		t.Errorf("a subject made a header:\n%s", got)
	}
	for code, permanent := range map[int]bool{451: false, 550: true} {
		box.refuse = &smtp.SMTPError{Code: code, Message: "no"}
		var p *notify.PermanentError
		if err := s.Send(t.Context(), m); err == nil || errors.As(err, &p) != permanent {
			t.Errorf("%d: %v", code, err)
		}
	}
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	s := sender(t, notify.Options{WebhookURL: r.URL, WebhookSecret: secret, SlackURL: r.URL + "/slack"})
	m := message
	m.Channel = notify.Webhook
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifier.Verify([]byte(r.bodies[0]), r.got[0].Header); err != nil {
		t.Errorf("the signature does not hold: %v", err)
	}
	if err := verifier.Verify([]byte(r.bodies[0]+" "), r.got[0].Header); err == nil {
		t.Error("a changed body has a good signature")
	}
	if id := r.got[0].Header.Get("webhook-id"); id != m.ID {
		t.Errorf("webhook-id: %s", id)
	}
	m.Channel = notify.Slack
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	var slack struct{ Text string }
	if err := json.Unmarshal([]byte(r.bodies[1]), &slack); err != nil || slack.Text != "*An incident Bcc: all@example.com*\nGrüße &lt;b&gt;" {
		t.Errorf("%q, %v", slack.Text, err)
	}
	for status, permanent := range map[int]bool{500: false, 429: false, 404: true, 302: true} {
		r.answer(status)
		var p *notify.PermanentError
		if err := s.Send(t.Context(), m); err == nil || errors.As(err, &p) != permanent || strings.Contains(err.Error(), r.URL) {
			t.Errorf("%d: %v", status, err)
		}
	}
	r.Close()
	if err := s.Send(t.Context(), m); err == nil || strings.Contains(err.Error(), "/slack") {
		t.Errorf("nobody there: %v", err)
	}
}

// secured is a session that one signs in to; given is what with.
type secured struct {
	session
	given *[]string
}

func (s *secured) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *secured) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		s.box.mu.Lock()
		defer s.box.mu.Unlock()
		*s.given = append(*s.given, user+":"+password)
		return nil
	}), nil
}

// A mail goes encrypted from the first byte or after STARTTLS, signed in; to a server
// that nobody vouches for goes nothing.
func TestMailTLS(t *testing.T) {
	t.Parallel()
	certified := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	t.Cleanup(certified.Close)
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	own := &tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12}
	for scheme, wrap := range map[string]func(net.Listener) net.Listener{
		"smtps": func(ln net.Listener) net.Listener { return tls.NewListener(ln, own) },
		"smtp":  func(ln net.Listener) net.Listener { return ln },
	} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		box, given, encrypted := &mailbox{}, []string(nil), false
		s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
			_, encrypted = c.TLSConnectionState()
			return &secured{session{box: box}, &given}, nil
		}))
		s.Domain, s.TLSConfig = "127.0.0.1", own
		go s.Serve(wrap(ln))
		t.Cleanup(func() { _ = s.Close() })
		m := message
		m.Channel = notify.Mail
		o := notify.Options{SMTPURL: scheme + "://user:geheim@" + ln.Addr().String(), MailFrom: "noreply@example.com"}
		if err := sender(t, o).Send(t.Context(), m); err == nil || strings.Contains(err.Error(), "geheim") || len(box.mails)+len(given) != 0 {
			t.Errorf("%s: a server of an unknown certificate: %v, %d mails, signed in %d times", scheme, err, len(box.mails), len(given))
		}
		o.TLS = &tls.Config{RootCAs: roots, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
		if err := sender(t, o).Send(t.Context(), m); err != nil || len(box.mails) != 1 || !slices.Equal(given, []string{"user:geheim"}) || !encrypted {
			t.Errorf("%s: %v, %d mails, signed in as %q, encrypted %v", scheme, err, len(box.mails), given, encrypted)
		}
	}
}

func TestSMS(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	s := sender(t, notify.Options{Twilio: notify.Twilio{URL: r.URL + "/", AccountSID: "AC/1", AuthToken: "geheim", From: "+15005550006"}})
	m := message
	m.Channel, m.To = notify.SMS, "+491701234567"
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	req := r.got[0]
	user, password, _ := req.BasicAuth()
	form, err := url.ParseQuery(r.bodies[0])
	if err != nil || req.URL.EscapedPath() != "/2010-04-01/Accounts/AC%2F1/Messages.json" || user+":"+password != "AC/1:geheim" ||
		form.Get("To") != m.To || form.Get("From") != "+15005550006" || form.Get("Body") != m.Text {
		t.Errorf("%s %s %q: %v", req.Method, req.URL.EscapedPath(), r.bodies[0], err)
	}
	for status, permanent := range map[int]bool{500: false, 429: false, 400: true, 401: true} {
		r.answer(status)
		var p *notify.PermanentError
		if err := s.Send(t.Context(), m); err == nil || errors.As(err, &p) != permanent || strings.Contains(err.Error(), m.To) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for _, o := range []notify.Options{
		{SMTPURL: "mail.example.com", MailFrom: "a@b.c"}, {SMTPURL: "smtp://u:geheim@h:x", MailFrom: "a@b.c"}, {SMTPURL: "smtp://h", MailFrom: "nobody"}, {MailFrom: "a@b.c"},
		{Twilio: notify.Twilio{AccountSID: "AC"}}, {WebhookURL: "https://h"},
	} {
		if _, err := notify.New(o); err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%+v: %v", o, err)
		}
	}
	s := sender(t, notify.Options{})
	if err := s.Send(t.Context(), message); !errors.Is(err, notify.ErrNoChannel) {
		t.Errorf("without settings: %v", err)
	}
}

// queue is a migrated database with recipients.
func queue(t testing.TB, settings string) *pgx.Conn {
	t.Helper()
	url := pgtest.Migrated(t, "postgres")
	conn := pgtest.Conn(t, url)
	if settings != "" {
		exec(t, conn, "INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('notifications', '"+settings+"')")
	}
	return conn
}

func exec(t testing.TB, conn *pgx.Conn, query string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func text(t testing.TB, conn *pgx.Conn, query string) (got string) {
	t.Helper()
	if err := conn.QueryRow(context.Background(), query).Scan(&got); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return got
}

func enqueue(t testing.TB, conn *pgx.Conn, n notify.Notice) {
	t.Helper()
	if err := pgx.BeginFunc(context.Background(), conn, func(tx pgx.Tx) error { return notify.Enqueue(context.Background(), tx, n) }); err != nil {
		t.Fatal(err)
	}
}

// A burst is two messages: the first at once, the rest as one at the end of the window.
func TestQueue(t *testing.T) {
	t.Parallel()
	conn := queue(t, `{"recipients": [{"channel": "webhook", "floor": "high"}, {"channel": "slack", "floor": "low"}]}`)
	r := newReceiver(t)
	c := notify.Courier{Sender: sender(t, notify.Options{WebhookURL: r.URL, WebhookSecret: "s"})}
	for i := range 5 {
		enqueue(t, conn, notify.Notice{Topic: "incident.opened", Severity: "high", Subject: "incident", Text: string(rune('a' + i)), Group: "g"})
	}
	enqueue(t, conn, notify.Notice{Topic: "incident.opened", Severity: "medium", Subject: "below the floor", Text: "x", Group: "g"})
	exec(t, conn, "DELETE FROM romashka.messages WHERE channel = 'slack'")
	for range 2 {
		if _, err := c.Run(t.Context(), conn); err != nil {
			t.Fatal(err)
		}
	}
	if n := r.count(); n != 1 {
		t.Fatalf("%d messages at once, want 1", n)
	}
	exec(t, conn, "UPDATE romashka.messages SET due_at = due_at - interval '10 minutes'")
	if _, err := c.Run(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	if n := r.count(); n != 2 || !strings.Contains(r.bodies[1], "and 3 more") || !strings.Contains(r.bodies[1], "\\ne") {
		t.Errorf("%d messages: %s", n, r.bodies)
	}
	if got := text(t, conn, "SELECT string_agg(DISTINCT state, ' ') || ' ' || count(*) FROM romashka.messages"); got != "sent 5" {
		t.Errorf("in the table: %s", got)
	}
}

// A failed message is tried again, later and later; one that was taken by a
// process that died waits for its lease and then goes out under the same id.
func TestRetries(t *testing.T) {
	t.Parallel()
	conn := queue(t, "")
	r := newReceiver(t)
	c := notify.Courier{Sender: sender(t, notify.Options{WebhookURL: r.URL, WebhookSecret: "s"})}
	r.answer(http.StatusServiceUnavailable)
	enqueue(t, conn, notify.Notice{Topic: "t", Severity: "high", Subject: "s", Text: "x", Channel: notify.Webhook})
	for attempt, least := range []string{"13 seconds", "26 seconds", "52 seconds"} {
		if _, err := c.Run(t.Context(), conn); err != nil {
			t.Fatal(err)
		}
		if got := text(t, conn, "SELECT state || ' ' || attempts || ' ' || (due_at > clock_timestamp() + interval '"+least+"' - interval '5 seconds') FROM romashka.messages"); got != "waiting "+string(rune('1'+attempt))+" true" {
			t.Errorf("after %d attempts: %s", attempt+1, got)
		}
		exec(t, conn, "UPDATE romashka.messages SET due_at = clock_timestamp()")
	}
	r.answer(http.StatusOK)
	exec(t, conn, "UPDATE romashka.messages SET leased_until = clock_timestamp() + interval '9 minutes'") // taken, and nothing more was heard
	if _, err := c.Run(t.Context(), conn); err != nil || r.count() != 3 {
		t.Fatalf("a message that was taken was sent: %d, %v", r.count(), err)
	}
	exec(t, conn, "UPDATE romashka.messages SET leased_until = clock_timestamp() - interval '1 second'")
	for range 2 {
		if _, err := c.Run(t.Context(), conn); err != nil {
			t.Fatal(err)
		}
	}
	if r.count() != 4 || r.got[3].Header.Get("webhook-id") != r.got[0].Header.Get("webhook-id") {
		t.Errorf("%d messages", r.count())
	}
	r.answer(http.StatusGone)
	enqueue(t, conn, notify.Notice{Topic: "t", Severity: "high", Subject: "s", Text: "x", Channel: notify.Webhook})
	if _, err := c.Run(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	if got := text(t, conn, "SELECT string_agg(state, ' ' ORDER BY created_at) FROM romashka.messages"); got != "sent failed" {
		t.Errorf("states: %s", got)
	}
}

// Rules of the tenant: once in a window, quiet hours, values that are refused as a
// setting.
func TestRules(t *testing.T) {
	t.Parallel()
	conn := queue(t, `[{"channel": "mail", "to": "soc@example.com", "floor": "low"}]`)
	for range 3 {
		enqueue(t, conn, notify.Notice{Topic: "t", Severity: "low", Subject: "s", Text: "x", Key: "the same"})
	}
	if got := text(t, conn, "SELECT count(*)::text FROM romashka.messages"); got != "1" {
		t.Errorf("%s messages of one thing", got)
	}
	for _, tt := range []struct{ quiet, severity, at, want string }{
		{`{"from": "22:00", "to": "07:00"}`, "high", "2026-11-29 23:30+00", "2026-11-30 07:00:00+00"},
		{`{"from": "22:00", "to": "07:00"}`, "high", "2026-11-29 06:59+00", "2026-11-29 07:00:00+00"},
		{`{"from": "22:00", "to": "07:00"}`, "high", "2026-11-29 12:00+00", "2026-11-29 12:00:00+00"},
		{`{"from": "22:00", "to": "07:00"}`, "critical", "2026-11-29 23:30+00", "2026-11-29 23:30:00+00"},
		{`{"from": "12:00", "to": "13:00", "except": "high"}`, "medium", "2026-11-29 12:30+00", "2026-11-29 13:00:00+00"},
		{`{"from": "12:00", "to": "13:00", "except": "high"}`, "high", "2026-11-29 12:30+00", "2026-11-29 12:30:00+00"},
	} {
		got := text(t, conn, "SELECT (romashka.after_quiet_hours('{\"quiet_hours\": "+tt.quiet+"}', '"+tt.severity+"', '"+tt.at+"') AT TIME ZONE 'UTC')::text || '+00'")
		if got != tt.want {
			t.Errorf("%s at %s with %s: %s, want %s", tt.severity, tt.at, tt.quiet, got, tt.want)
		}
	}
	for _, wrong := range []string{
		`"x"`, `{"floor": "loud"}`, `{"recipients": [{"channel": "mail", "to": "nobody"}]}`, `{"recipients": [{"channel": "pigeon"}]}`,
		`{"quiet_hours": {"from": "25:00", "to": "07:00"}}`, `{"group_minutes": -1}`, `{"group_minutes": "x"}`, `{"recipient": []}`, `[1]`, `{"recipients": [{"channel": "sms", "to": "0151"}]}`,
	} {
		if _, err := conn.Exec(t.Context(), "UPDATE public.system_settings SET setting_value = $1::text::jsonb WHERE setting_key = 'notifications'", wrong); err == nil {
			t.Errorf("taken: %s", wrong)
		}
	}
}
