package gateway

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/romashka/sidecar/internal/edge/clientip"
	"github.com/romashka/sidecar/internal/edge/server"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// The path of a project's tables, which the engine serves too, and that of sign-in.
const (
	restRoot = "/rest/v1"
	authRoot = "/auth/v1"
)

// Settings that Options come from, for messages.
const (
	SettingURL     = "SUPABASE_URL"
	SettingTimeout = "romashka-upstream-timeout"
)

// Options are the settings of a Gateway. Logger is required; zero times take
// the defaults named beside them.
type Options struct {
	Upstream string         // base URL of the project, http or https; "" = there is none
	Unserved string         // hint of answers where there is no upstream; "" = to name one
	Claims   Claims         // the part of /rest/v1 that stays here
	Trust    clientip.Trust // proxies whose X-Forwarded-* are believed
	// TellAuth sends the client's address to the project's sign-in as
	// Sb-Forwarded-For, which it believes in requests with a secret key alone.
	TellAuth  bool
	Verbosity apierr.Verbosity
	Logger    *slog.Logger
	TLS       *tls.Config // towards the upstream; the system's roots when nil
	Watch     Watch       // of requests that go upstream; nobody's when nil

	DialTimeout   time.Duration // to connect, and again for TLS; 5 s
	AnswerTimeout time.Duration // from the request's end to the answer's head; 150 s, as Supabase's functions have; < 0 = none
	UploadTimeout time.Duration // for the next piece of a client's body, and for the upstream to take it; 30 s
	IdleTimeout   time.Duration // for either side of a WebSocket to say something; 5 min
}

// Watch is called for each request before it leaves for a service of the project
// (auth, storage, rest ...). It may add headers that name a trace. ended is
// called once, when the answer has begun, or when none will come. Neither may
// block. ctx carries the values that the edge put there.
type Watch func(ctx context.Context, service string, r *http.Request) (ended func(Outcome))

// Outcome is how a request ended upstream. The zero value says nothing about
// the upstream: the client left, or broke off its own body.
type Outcome struct {
	Status int  // of the answer; 0 = none
	Failed bool // the upstream did not answer
}

// Gateway passes requests on.
type Gateway struct {
	o         Options
	log       *slog.Logger
	upstream  *url.URL // nil = there is none
	transport *http.Transport
	loopMark  string // names this process in CDN-Loop

	readers, writers, small, large sync.Pool // *bufio.Reader, *bufio.Writer, *[]byte twice
}

// New checks o and builds a Gateway. It does no I/O and starts nothing.
func New(o Options) (*Gateway, error) {
	if o.Logger == nil {
		return nil, errors.New("gateway: Logger is required")
	}
	if o.Watch == nil {
		o.Watch = func(context.Context, string, *http.Request) func(Outcome) { return func(Outcome) {} }
	}
	o.DialTimeout = cmp.Or(o.DialTimeout, 5*time.Second)
	o.AnswerTimeout = cmp.Or(o.AnswerTimeout, 150*time.Second)
	o.UploadTimeout = cmp.Or(o.UploadTimeout, 30*time.Second)
	o.IdleTimeout = cmp.Or(o.IdleTimeout, 5*time.Minute)
	g := &Gateway{o: o, log: o.Logger, loopMark: "romashka-" + rand.Text()}
	if o.Upstream == "" {
		return g, nil
	}
	u, err := url.Parse(strings.TrimRight(o.Upstream, "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("gateway: %s is not a URL such as https://project.supabase.co", SettingURL)
	}
	g.upstream, g.transport = u, newTransport(o)
	return g, nil
}

// newTransport speaks HTTP/1.1 alone: a proxied stream gains nothing from
// HTTP/2 but its flow control, and WebSockets need HTTP/1.1 anyway.
func newTransport(o Options) *http.Transport {
	const idlePerHost = 256 // as many as clients are usually served at once
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	dialer := &net.Dialer{Timeout: o.DialTimeout}
	return &http.Transport{
		Proxy:                 proxyFor,
		DialContext:           impatient(dialer, o.UploadTimeout),
		TLSClientConfig:       o.TLS,
		TLSHandshakeTimeout:   o.DialTimeout,
		ResponseHeaderTimeout: o.AnswerTimeout,
		ExpectContinueTimeout: time.Second,
		MaxIdleConns:          idlePerHost,
		MaxIdleConnsPerHost:   idlePerHost,
		IdleConnTimeout:       45 * time.Second, // below the usual limit of servers: fewer are closed while in use
		DisableCompression:    true,             // the client's own Accept-Encoding passes as it is
		Protocols:             protocols,
	}
}

// proxyFor is the environment's proxy for https, where it is a tunnel. Over
// plain http it would want another form of request line.
func proxyFor(r *http.Request) (*url.URL, error) {
	if r.URL.Scheme != "https" {
		return nil, nil
	}
	return http.ProxyFromEnvironment(r)
}

// Mounts are the gateway's places on the API's port. They come after those of
// services that stand in for a part of the project, such as a built-in sign-in.
func (g *Gateway) Mounts() []server.Mount {
	prefixes := []string{authRoot, "/storage/v1", "/functions/v1", "/realtime/v1", "/graphql/v1"}
	mounts := make([]server.Mount, 0, len(prefixes)+1)
	for _, prefix := range prefixes {
		if g.upstream == nil {
			mounts = append(mounts, server.Mount{Prefix: prefix, Handler: g.missing, Unserved: true})
		} else {
			mounts = append(mounts, server.Mount{Prefix: prefix, Passer: g})
		}
	}
	if g.upstream != nil && !g.o.Claims.All() {
		mounts = append(mounts,
			server.Mount{Prefix: restRoot, Passer: g, Match: g.foreign},
			server.Mount{Class: "rest", Passer: below{g, restRoot}, Match: g.foreign}) // the engine answers at the root too
	}
	return mounts
}

// below passes on requests as if they had been sent below root.
type below struct {
	*Gateway
	root string
}

// Pass implements [server.Passer].
func (b below) Pass(ctx context.Context, p *server.Passage) server.Passed {
	p.Path = b.root + p.Path
	return b.Gateway.Pass(ctx, p)
}

func (g *Gateway) missing(*fiber.Ctx) error { return noUpstream(g.o.Unserved) }

// foreign reports whether a request below /rest/v1 goes upstream. Claims are
// about schema public; a client that names another one means another relation.
func (g *Gateway) foreign(method, path string, header func(string) string) bool {
	profile := "Content-Profile"
	if method == http.MethodGet || method == http.MethodHead {
		profile = "Accept-Profile"
	}
	if p := header(profile); p != "" && p != "public" {
		return true
	}
	return !g.o.Claims.Has(path)
}

// Close closes connections that nothing uses. Requests under way keep theirs.
func (g *Gateway) Close() {
	if g.transport != nil {
		g.transport.CloseIdleConnections()
	}
}

// Pass implements [server.Passer].
func (g *Gateway) Pass(ctx context.Context, p *server.Passage) server.Passed {
	x := &exchange{g: g, p: p}
	defer x.close()
	return x.run(ctx)
}
