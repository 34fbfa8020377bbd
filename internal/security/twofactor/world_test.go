package twofactor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/crypto/bcrypt"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/platform/notify"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/security/twofactor"
)

// secretKey and otherKey are keys as an operator makes them.
const (
	secretKey = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	otherKey  = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
)

// People of the world: two users and an admin.
var (
	alice = uuid.MustParse("00000000-0000-4000-8000-00000000a11c") // read-only, like the others
	bob   = uuid.MustParse("00000000-0000-4000-8000-000000000b0b")
	admin = uuid.MustParse("00000000-0000-4000-8000-0000000ad314")
)

// world is a migrated database with replicas of the Handler before it, a mail
// server and a receiver of SMS.
type world struct {
	url      string // as postgres, who owns the tables
	pool     *pgxpool.Pool
	replicas []*twofactor.Handler
	options  twofactor.Options
	mail     *mailServer
	sms      *smsServer
}

func newWorld(t testing.TB, change func(*twofactor.Options)) *world {
	t.Helper()
	w := &world{url: pgtest.Migrated(t, "postgres"), mail: startMail(t), sms: startSMS(t)}
	conn := pgtest.Conn(t, pgtest.As(t, w.url, "supabase_admin"))
	for id, who := range map[uuid.UUID][2]string{alice: {"alice", "user"}, bob: {"bob", "user"}, admin: {"admin", "admin"}} {
		if _, err := conn.Exec(t.Context(), "INSERT INTO auth.users (id, email) VALUES ($1, $2)", id, who[0]+"@people.test"); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "INSERT INTO public.profiles (id, email, role) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET role = EXCLUDED.role",
			id, who[0]+"@people.test", who[1]); err != nil {
			t.Fatal(err)
		}
	}
	config, err := pgxpool.ParseConfig(w.url)
	if err != nil {
		t.Fatal(err)
	}
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec // as the wiring has it
	if w.pool, err = pgxpool.NewWithConfig(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.pool.Close)
	sender, err := notify.New(notify.Options{
		SMTPURL: "smtp://" + w.mail.address, MailFrom: "ROMASHKA <noreply@people.test>",
		Twilio: notify.Twilio{URL: w.sms.URL, AccountSID: "AC1", AuthToken: "token-of-twilio", From: "+15005550006"},
	})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := twofactor.NewKeyring(secretKey, "")
	if err != nil {
		t.Fatal(err)
	}
	w.options = twofactor.Options{DB: w.pool, Keys: keys, Sender: sender, Logger: slog.New(slog.DiscardHandler), Floor: -1, HashCost: bcrypt.MinCost}
	if change != nil {
		change(&w.options)
	}
	for range 2 {
		w.replicas = append(w.replicas, w.replica(t, nil))
	}
	return w
}

// TestSecondFactors has one database for all that needs none of its own: to make
// one takes longer than most of these tests. So they come one after the other, each
// to a world in which nothing has happened.
func TestSecondFactors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for name, test := range map[string]func(*testing.T, *world){
		"TOTP":            testTOTP,
		"Limits":          testLimits,
		"Waits":           testWaits,
		"Fresh":           testFresh,
		"Reset":           testReset,
		"SentCodes":       testSentCodes,
		"Vectors":         testVectors,
		"Skew":            testSkew,
		"Dump":            testDump,
		"Rotate":          testRotate,
		"Forget":          testForget,
		"EndedSession":    testEndedSession,
		"EncryptTogether": testEncryptTogether,
		"Floor":           testFloor,
		"NoKey":           testNoKey,
	} {
		t.Run(name, func(t *testing.T) {
			w.empty(t)
			test(t, w)
		})
	}
}

// empty has the world forget what has happened.
func (w *world) empty(t testing.TB) {
	t.Helper()
	w.exec(t, `DELETE FROM romashka.factor_codes; DELETE FROM romashka.factor_events; DELETE FROM romashka.backup_codes;
		DELETE FROM romashka.verified_sessions; DELETE FROM romashka.factors; DELETE FROM romashka.two_factor_secrets;
		DELETE FROM public.two_factor_auth; DELETE FROM romashka.messages`)
	w.mail.mu.Lock()
	w.mail.bodies = nil
	w.mail.mu.Unlock()
	w.sms.mu.Lock()
	w.sms.texts, w.sms.down = nil, false
	w.sms.mu.Unlock()
}

func (w *world) replica(t testing.TB, change func(*twofactor.Options)) *twofactor.Handler {
	t.Helper()
	o := w.options
	if change != nil {
		change(&o)
	}
	h, err := twofactor.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// client is somebody with a token and an address.
type client struct {
	w       *world
	h       *twofactor.Handler
	role    string
	id      uuid.UUID
	session uuid.UUID
	address netip.Addr
	more    map[string]any // claims
}

func (w *world) signIn(id uuid.UUID) *client {
	return &client{w: w, h: w.replicas[0], role: "authenticated", id: id, session: uuid.New(), address: netip.MustParseAddr("203.0.113.7")}
}

func (c *client) claims() map[string]any {
	claims := map[string]any{"role": c.role, "sub": c.id.String(), "session_id": c.session.String(), "aal": "aal1"}
	for k, v := range c.more {
		claims[k] = v
	}
	return claims
}

// reply is an answer with the members that tests look at.
type reply struct {
	status int
	body   string

	FactorID      string     `json:"factor_id"`
	Secret        string     `json:"secret"`
	URI           string     `json:"uri"`
	QR            string     `json:"qr"`
	BackupCodes   []string   `json:"backup_codes"`
	Enabled       bool       `json:"enabled"`
	VerifiedUntil *time.Time `json:"verified_until"`
	Left          int        `json:"backup_codes_left"`
	Required      bool       `json:"required"`
	Removed       int        `json:"removed"`
	Code          string     `json:"code"`
	Factors       []struct {
		FactorID    string `json:"factor_id"`
		Method      string `json:"method"`
		Enabled     bool   `json:"enabled"`
		Destination string `json:"destination"`
		Source      string `json:"source"`
	} `json:"factors"`
}

func (c *client) call(t testing.TB, name string, args map[string]any) reply {
	t.Helper()
	body, err := json.Marshal(args)
	if err != nil {
		t.Fatal(err)
	}
	return c.send(t, "POST", name, body)
}

func (c *client) send(t testing.TB, method, name string, body []byte) reply {
	t.Helper()
	claims, err := json.Marshal(c.claims())
	if err != nil {
		t.Fatal(err)
	}
	res := c.h.Call(context.Background(), &postgrest.Request{
		Method: method, Path: "/two_factor_" + name, Body: body, Role: c.role, Claims: claims,
		Header: []postgrest.Field{{Name: "content-type", Value: "application/json"}},
	}, c.address)
	r := reply{status: res.Status, body: string(res.Body)}
	if err := json.Unmarshal(res.Body, &r); err != nil {
		t.Errorf("%s: %d %s", name, res.Status, res.Body)
	}
	return r
}

// must is call where success is wanted.
func (c *client) must(t testing.TB, name string, args map[string]any) reply {
	t.Helper()
	r := c.call(t, name, args)
	if r.status != http.StatusOK {
		t.Fatalf("%s: %d %s", name, r.status, r.body)
	}
	return r
}

// refused wants a status and a code.
func (c *client) refused(t testing.TB, name string, args map[string]any, status int, code string) {
	t.Helper()
	if r := c.call(t, name, args); r.status != status || r.Code != code {
		t.Errorf("%s: %d %s, want %d %s", name, r.status, r.body, status, code)
	}
}

// totp enrols and confirms an app, one step ago so that today's code is still good.
func (c *client) totp(t testing.TB) (factor, secret string, backups []string) {
	t.Helper()
	e := c.must(t, "enroll", map[string]any{"method": "totp"})
	r := c.must(t, "confirm", map[string]any{"factor_id": e.FactorID, "code": oath(t, e.Secret, time.Now().Add(-30*time.Second))})
	return e.FactorID, e.Secret, r.BackupCodes
}

// oath asks oathtool, which is not our own code.
func oath(t testing.TB, secret string, at time.Time) string {
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

// value asks the database as its owner.
func value[T any](t testing.TB, w *world, query string, args ...any) T {
	t.Helper()
	rows, err := w.pool.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func (w *world) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := w.pool.Exec(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

var sixDigits = regexp.MustCompile(`\b[0-9]{6}\b`) // read-only

// mailServer is a real SMTP server that keeps its messages.
type mailServer struct {
	address string
	mu      sync.Mutex
	bodies  []string
}

func startMail(t testing.TB) *mailServer {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mailServer{address: ln.Addr().String()}
	s := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailSession{server: m}, nil }))
	s.Domain = "people.test"
	go s.Serve(ln)
	t.Cleanup(func() { _ = s.Close() })
	return m
}

type mailSession struct {
	server *mailServer
	to     string
}

func (s *mailSession) Reset()                                    {}
func (s *mailSession) Logout() error                             { return nil }
func (s *mailSession) Mail(string, *smtp.MailOptions) error      { return nil }
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }
func (s *mailSession) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.bodies = append(s.server.bodies, s.to+"\n"+string(body))
	return err
}

func (m *mailServer) last(t testing.TB) string {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.bodies) == 0 {
		t.Fatal("no mail came")
	}
	return m.bodies[len(m.bodies)-1]
}

func (m *mailServer) code(t testing.TB) string {
	t.Helper()
	_, text, _ := strings.Cut(m.last(t), "\r\n\r\n")
	return sixDigits.FindString(text)
}

// smsServer speaks Twilio's API.
type smsServer struct {
	*httptest.Server
	mu    sync.Mutex
	texts []string
	down  bool
}

func startSMS(t testing.TB) *smsServer {
	t.Helper()
	s := &smsServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		s.mu.Lock()
		defer s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Method != http.MethodPost || r.URL.Path != "/2010-04-01/Accounts/AC1/Messages.json" || user != "AC1" || password != "token-of-twilio":
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"code":20003,"message":"Authenticate","status":401}`)
		case s.down:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			s.texts = append(s.texts, r.FormValue("To")+" "+r.FormValue("Body"))
			w.WriteHeader(http.StatusCreated)
			fmt.Fprint(w, `{"sid":"SM1","status":"queued"}`)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *smsServer) code(t testing.TB) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.texts) == 0 {
		t.Fatal("no SMS came")
	}
	return sixDigits.FindString(s.texts[len(s.texts)-1])
}

// dump is the whole database as pg_dump writes it.
func (w *world) dump(t testing.TB) []byte {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "pg_dump", pgtest.As(t, w.url, "supabase_admin")).Output()
	if err != nil {
		pgtest.Lacks(t, err, "postgresql-client")
	}
	return bytes.ToLower(out)
}
