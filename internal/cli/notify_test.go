package cli_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-smtp"
)

// mailSession takes every mail.
type mailSession struct{ taken *atomic.Int32 }

func (mailSession) Reset()                               {}
func (mailSession) Logout() error                        { return nil }
func (mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (mailSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s mailSession) Data(r io.Reader) error {
	s.taken.Add(1)
	_, err := io.Copy(io.Discard, r)
	return err
}

// Each channel is tried against a server that speaks its protocol; what fails is told.
func TestNotify(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mails, posts atomic.Int32
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return mailSession{&mails}, nil }))
	go s.Serve(ln)
	t.Cleanup(func() { _ = s.Close() })
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		posts.Add(1)
		if r.URL.Path == "/slack" {
			w.WriteHeader(http.StatusGone)
		}
	}))
	t.Cleanup(receiver.Close)
	hooks := []string{"ROMASHKA_WEBHOOK_URL=" + receiver.URL, "ROMASHKA_WEBHOOK_SECRET=a secret of the webhook"}
	environ := append([]string{
		"ROMASHKA_SMTP_URL=smtp://" + ln.Addr().String(), "ROMASHKA_MAIL_FROM=noreply@example.com", "ROMASHKA_TWILIO_URL=" + receiver.URL,
		"ROMASHKA_TWILIO_ACCOUNT_SID=AC1", "ROMASHKA_TWILIO_AUTH_TOKEN=a token of Twilio", "ROMASHKA_TWILIO_FROM=+15005550006",
	}, hooks...)
	args := []string{"notify", "test", "--mail", "ann@example.com", "--sms", "+491701234567"}
	got := run(t, environ, args...)
	if got.code != 0 || strings.Count(got.out, "sent\n") != 3 || mails.Load() != 1 || posts.Load() != 2 {
		t.Errorf("%+v, %d mails, %d posts", got, mails.Load(), posts.Load())
	}
	got = run(t, append(environ, "ROMASHKA_SLACK_URL="+receiver.URL+"/slack"), append(args, "--json")...)
	if got.code != 1 || strings.Count(got.out, `"sent":true`) != 3 || !strings.Contains(got.out, `{"channel":"slack","sent":false,"error":"slack: the receiver answered 410"}`) {
		t.Errorf("%+v", got)
	}
	if got := run(t, hooks, args...); got.code != 1 || strings.Count(got.out, "not sent: ") != 2 || !strings.Contains(got.out, "this channel is not set up") {
		t.Errorf("%+v", got)
	}
	if got := run(t, nil, "notify", "test"); got.code != 2 || !strings.Contains(got.errOut, "nothing to try: give --mail or --sms") {
		t.Errorf("%+v", got)
	}
}
