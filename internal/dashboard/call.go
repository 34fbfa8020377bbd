package dashboard

import (
	"bytes"
	"context"
	"errors"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/dashboard/seal"
	"github.com/romashka/sidecar/internal/dashboard/share"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/security/detect"
)

// Accounts is the project's Supabase Auth.
type Accounts interface {
	// Post sends a call such as "token?grant_type=password" of the browser that
	// sent r; token is its user's, "" for none.
	Post(ctx context.Context, r *http.Request, call, token string, body []byte) (status int, answer []byte, err error)
	// Settings is the answer of /settings: how people may sign in.
	Settings(ctx context.Context) ([]byte, error)
	// Address is that of Supabase Auth for browsers, as https://x.supabase.co/auth/v1;
	// "" where it is part of this process, and knows no provider.
	Address() string
}

// Shares finds what leaves by itself; share.Store does.
type Shares interface {
	Open(ctx context.Context, id string) (share.Share, error)
	File(ctx context.Context, id, user string) (share.File, error)
}

// Options are what a Dashboard is made of. All are required but Release,
// Limits, Ended, Missing, Shares, Address, Now and Changes.
type Options struct {
	Path     string // where it is mounted, as /dashboard
	API      func(ctx context.Context, req *postgrest.Request, from netip.Addr) *postgrest.Response
	Release  func(bytes int64) // gives back what an answer held
	Accounts Accounts
	Sealer   *seal.Sealer
	Logger   *slog.Logger
	Limits   func() []Limit                                          // of requests, as they are set; nil: none is known
	Ended    func(session string) bool                               // reports whether a session is over; nil: none is
	Missing  func(ctx context.Context) (map[detect.Fact]bool, error) // what the rules of detection need and rows do not tell; nil: not known
	Shares   Shares                                                  // nil: nothing leaves by itself
	Address  string                                                  // of these pages for people elsewhere, as https://x.example.com/dashboard; "": not known
	Lasting  bool                                                    // what Sealer seals outlasts this process
	Now      func() time.Time                                        // time.Now when nil
	Changes  Changes                                                 // nil: blocks are looked at by the clock
}

// Limit is one of requests: whom it is for, what it is, and where it is set.
type Limit struct{ For, Rate, Setting string }

// Dashboard answers requests for pages. It is safe for concurrent use.
type Dashboard struct {
	o       Options
	mux     http.Handler
	pages   map[string]*template.Template // by language
	texts   texts
	static  map[string]file
	hub     *hub
	visits  *visitors
	refresh *refresher
	offers  *offers
	names   names
	answers *answers
}

// New checks o and reads the templates. It starts nothing.
func New(o Options) (*Dashboard, error) {
	if o.Path == "" || o.API == nil || o.Accounts == nil || o.Sealer == nil || o.Logger == nil {
		return nil, errors.New("dashboard: Path, API, Accounts, Sealer and Logger are required")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Release == nil {
		o.Release = func(int64) {}
	}
	d := &Dashboard{o: o, visits: newVisitors(), refresh: newRefresher(o.Accounts), offers: &offers{accounts: o.Accounts, now: o.Now}}
	var err error
	if d.static, err = readStatic(); err != nil {
		return nil, err
	}
	if d.texts, err = readTexts(); err != nil {
		return nil, err
	}
	if d.pages, err = d.readTemplates(); err != nil {
		return nil, err
	}
	if d.answers, err = newAnswers(); err != nil {
		return nil, err
	}
	d.hub = newHub(o.Now, o.Changes)
	d.mux = http.NewCrossOriginProtection().Handler(d.routes())
	return d, nil
}

// Stop ends the streams, and waits until nobody reads for them.
func (d *Dashboard) Stop() { d.hub.stop() }

// Bearer is the token in a browser's cookies, "" for none.
func (d *Dashboard) Bearer(cookies string) string {
	s, _ := d.o.Sealer.Open(cookies)
	return s.Access
}

func (d *Dashboard) routes() http.Handler {
	mux := http.NewServeMux()
	at := d.o.Path
	mux.HandleFunc("GET "+at+"/static/{name}", d.serveStatic)
	mux.HandleFunc("GET "+at+"/sign-in", d.signInPage)
	mux.HandleFunc("POST "+at+"/sign-in", d.signIn)
	mux.HandleFunc("POST "+at+"/sign-in/link", d.sendLink)
	mux.HandleFunc("POST "+at+"/sign-in/with/{provider}", d.signInWith)
	mux.HandleFunc("GET "+at+"/sign-in/done", d.signedIn)
	mux.HandleFunc("POST "+at+"/sign-out", d.signOut)
	mux.HandleFunc("GET "+at+"/live/{page}", d.with(d.live))
	mux.HandleFunc("GET "+at+"/data/{page}/{block}", d.with(d.download))
	mux.HandleFunc("GET "+at+"/report/compliance", d.with(d.report))
	mux.HandleFunc("GET "+at+"/embed", d.embed)
	mux.HandleFunc("GET "+at+"/files/{id}", d.with(d.file))
	mux.HandleFunc("GET "+at+"/{page}/{item}", d.with(d.item))
	mux.HandleFunc("POST "+at+"/do/{act}", d.with(d.act))
	mux.HandleFunc("GET "+at+"/{page}", d.with(d.page))
	mux.HandleFunc(at+"/{$}", d.home)
	mux.HandleFunc(at, d.home)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		d.fail(w, r, http.StatusNotFound, "There is no such page.")
	})
	return mux
}

func (d *Dashboard) home(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, d.o.Path+"/operations", http.StatusSeeOther)
}

// roleKey is where a request's role and claims stand in its context.
type roleKey struct{}

// asked is what the edge knows of a browser's request.
type asked struct {
	role    string
	claims  []byte
	subject string
	from    netip.Addr
}

// Call answers a browser's request. req.Role is "" where nobody is signed in.
func (d *Dashboard) Call(ctx context.Context, req *postgrest.Request, from netip.Addr) *postgrest.Response {
	w := &answer{head: http.Header{}, status: http.StatusOK, words: d.texts.of("")}
	r, err := browserRequest(context.WithValue(ctx, roleKey{}, asked{req.Role, req.Claims, req.Subject, from}), d.o.Path, req)
	if err != nil {
		http.Error(w, "The address is malformed.", http.StatusBadRequest)
	} else {
		protect(w.head)
		w.words = d.texts.of(r.Header.Get("Accept-Language"))
		d.mux.ServeHTTP(w, r)
	}
	return w.response()
}

func browserRequest(ctx context.Context, path string, req *postgrest.Request) (*http.Request, error) {
	target := path + strings.TrimRight(req.Path, "/")
	if req.RawQuery != "" {
		target += "?" + req.RawQuery
	}
	method := req.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(req.Body))
	if err != nil {
		return nil, err //nolint:wrapcheck // it is not shown
	}
	for _, f := range req.Header {
		r.Header.Add(f.Name, f.Value)
	}
	r.Host = r.Header.Get("Host")
	return r, nil
}

// protect sets what each answer says to browsers.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// answer collects what a handler writes; stream is a body that goes on.
type answer struct {
	head   http.Header
	status int
	body   bytes.Buffer
	stream func(w io.Writer) error
	words  words // of who asks
}

func (a *answer) Header() http.Header { return a.head }

func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

func (a *answer) response() *postgrest.Response {
	res := &postgrest.Response{Status: a.status, Stream: a.stream}
	for name, values := range a.head {
		for _, v := range values {
			res.Header = append(res.Header, postgrest.Field{Name: name, Value: v})
		}
	}
	if a.stream == nil {
		res.Body = a.body.Bytes()
	}
	return res
}

// From is the address of the browser that a request of a page came from.
func From(ctx context.Context) netip.Addr {
	who, _ := ctx.Value(roleKey{}).(asked)
	return who.from
}
