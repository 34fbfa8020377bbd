package e2e_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/jackc/pgx/v5"
)

// receiver takes what the sidecar sends: a mail server, and a server that speaks
// Twilio's API. Clients of a test ask it for the code that came last, by GET /sms and
// /mail, and have limits on sending forgotten by POST /forget.
type receiver struct {
	web      *httptest.Server
	smtp     string // address
	mu       sync.Mutex
	received map[string]string // by path; the last
	db       *pgx.Conn         // of who may delete events
}

func startReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{received: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2010-04-01/Accounts/AC1/Messages.json", func(w http.ResponseWriter, req *http.Request) {
		if user, password, _ := req.BasicAuth(); user != "AC1" || password != "token-of-twilio" {
			http.Error(w, `{"code":20003,"message":"Authenticate","status":401}`, http.StatusUnauthorized)
			return
		}
		r.take("sms", req.FormValue("To")+" "+req.FormValue("Body"))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"sid":"SM1","status":"queued"}`)
	})
	mux.HandleFunc("GET /{kind}", func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		fmt.Fprint(w, r.received[req.PathValue("kind")])
	})
	mux.HandleFunc("POST /forget", func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if _, err := r.db.Exec(req.Context(), "DELETE FROM romashka.factor_events"); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	r.web = httptest.NewServer(mux)
	t.Cleanup(r.web.Close)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.smtp = ln.Addr().String()
	mails := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return letter{r}, nil }))
	mails.Domain = "e2e.test"
	go func() { _ = mails.Serve(ln) }()
	t.Cleanup(func() { _ = mails.Close() })
	return r
}

// settings have the sidecar send to the receiver.
func (r *receiver) settings() map[string]string {
	return map[string]string{
		"romashka-smtp-url": "smtp://" + r.smtp, "romashka-mail-from": "ROMASHKA <noreply@e2e.test>",
		"romashka-twilio-url": r.web.URL, "romashka-twilio-account-sid": "AC1", "romashka-twilio-auth-token": "token-of-twilio", "romashka-twilio-from": "+15005550006",
	}
}

func (r *receiver) take(kind, text string) {
	code := regexp.MustCompile(`(?m)^[0-9]{6}|\s[0-9]{6}\s`).FindString(text)
	if code == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.received[kind] = regexp.MustCompile(`[0-9]{6}`).FindString(code)
}

// letter is a session of the mail server.
type letter struct{ to *receiver }

func (letter) Reset()                               {}
func (letter) Logout() error                        { return nil }
func (letter) Mail(string, *smtp.MailOptions) error { return nil }
func (letter) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (l letter) Data(body io.Reader) error {
	text, err := io.ReadAll(body)
	l.to.take("mail", string(text))
	return err
}
