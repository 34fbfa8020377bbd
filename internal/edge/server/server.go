package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/edge/limit"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/answer"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/replica"
	"github.com/romashka/sidecar/internal/postgrest/stage"
)

// Engine answers requests; postgrest.Engine satisfies it. Serve never returns
// nil: errors are answers too.
type Engine interface {
	Serve(ctx context.Context, req *postgrest.Request) *postgrest.Response
}

// Authenticator decides whom a request runs as; auth.Authenticator satisfies
// it. Errors are *apierr.Error.
type Authenticator interface {
	Authenticate(ctx context.Context, c auth.Credentials) (auth.Identity, error)
}

// Options are the parts and limits of a Server. Engine, Auth and Logger are required;
// zero limits take the defaults named beside them.
type Options struct {
	Engine  Engine
	Auth    Authenticator
	Logger  *slog.Logger
	Metrics *observe.Metrics // private ones when nil

	Recorder Recorder       // of each request; none when nil
	Sessions Sessions       // of Supabase Auth; not looked at when nil
	Blocks   Blocks         // of addresses; none when nil
	Limiter  *limit.Limiter // none when nil
	// OnWrite is called after the answer to a request that may have written by other ways than
	// Engine, whose requests then name their client. nil: nobody looks.
	OnWrite        func(replica.Client)
	Tracer         *observe.Tracer // none when nil
	TrustedProxies []netip.Prefix  // proxies whose X-Forwarded-For is believed

	Version  string   // for the Server header
	APIRoots []string // path prefixes that the engine answers under; "/" when empty
	Mounts   []Mount  // other prefixes; the longest prefix wins
	APIKeys  bool     // "apikey" alone identifies a client, as at Supabase
	// Ready answers /ready and /-/ready on the API port, where /live and
	// /-/live then are too; nil leaves all four paths to the engine.
	Ready func() Status
	// RetryAfter is sent with each 503; nil means 0 seconds.
	RetryAfter func() time.Duration
	// OnUnavailable is called after each 503 of the engine; it must not block.
	OnUnavailable func()

	BodyLimit   int            // bytes; 10 MiB
	BodyMemory  int            // bytes of bodies that are read and served at a time, in all forms made of them; 256 MiB, and not less than the reading of a body of BodyLimit needs
	Answers     *answer.Memory // that Engine's answers take memory of; none when nil
	HeaderLimit int            // bytes of request line and headers; 64 KiB
	Concurrency int            // connections; 16,384, and not more than the system lets the process have
	PerAddress  int            // connections of one address (IPv6: of a /64) that is no trusted proxy; a quarter of Concurrency; < 0 = no limit

	RequestTimeout time.Duration // until the answer is complete; 0 = none
	ReadTimeout    time.Duration // for one request to arrive; 30 s, and a second more for each 16 KiB of a large body
	WriteTimeout   time.Duration // for a client to take the next piece; 30 s
	IdleTimeout    time.Duration // between requests; 75 s

	Settings Settings
}

// Settings may change while the server runs, see [Server.Apply].
type Settings struct {
	CORSOrigins   []string         // empty = any
	TraceHeader   string           // request header that is echoed; "" = none
	SendRequestID bool             // X-Request-Id on each answer
	Verbosity     apierr.Verbosity // of the errors made here
	// CompressFrom is the size of the smallest body that is compressed, in
	// bytes; 0 = 1 KiB, < 0 = none.
	CompressFrom int
}

// Server serves HTTP on one listener.
type Server struct {
	o        Options
	app      *fiber.App
	log      *slog.Logger
	metrics  *observe.Metrics
	routes   []route
	watcher  *watcher
	bodies   *memory
	gate     *gate
	ids      idSource
	seed     maphash.Seed // of names made of keys
	settings atomic.Pointer[Settings]

	base   context.Context // parent of all requests
	cancel context.CancelFunc

	beginning sync.Mutex // Serve begins before Shutdown does, or not at all

	ln       atomic.Pointer[listener]
	draining atomic.Bool // not ready any more
	stopping atomic.Bool // not accepting any more

	closing  context.Context // ends when Shutdown begins
	close    context.CancelFunc
	passages sync.WaitGroup // connections that are handed over
}

// New checks o and builds a Server. It does no I/O and starts nothing.
func New(o Options) (*Server, error) {
	if o.Engine == nil || o.Auth == nil || o.Logger == nil {
		return nil, errors.New("server: Engine, Auth and Logger are required")
	}
	withDefaults(&o)
	ids, err := newIDSource()
	if err != nil {
		return nil, fmt.Errorf("server: seed request ids: %w", err)
	}
	s := &Server{o: o, log: o.Logger, metrics: o.Metrics, ids: ids, seed: maphash.MakeSeed()}
	s.bodies = &memory{limit: int64(o.BodyMemory)}
	s.gate = newGate(o)
	s.closing, s.close = context.WithCancel(context.Background())
	s.base, s.cancel = context.WithCancel(context.Background())
	s.watcher = newWatcher(s.metrics.Gone)
	s.Apply(o.Settings)
	if s.routes, err = s.routeTable(); err != nil {
		return nil, err
	}
	s.app = s.newApp()
	return s, nil
}

func withDefaults(o *Options) {
	if o.Metrics == nil {
		o.Metrics = observe.NewMetrics(stage.Names()...)
	}
	if len(o.APIRoots) == 0 {
		o.APIRoots = []string{"/"}
	}
	o.BodyLimit = cmp.Or(o.BodyLimit, 10<<20)
	o.BodyMemory = max(cmp.Or(o.BodyMemory, 256<<20), o.BodyLimit+o.BodyLimit/7+1) // an eighth is for small ones
	o.HeaderLimit = cmp.Or(o.HeaderLimit, 64<<10)
	o.Concurrency = cmp.Or(o.Concurrency, 16<<10)
	o.PerAddress = cmp.Or(o.PerAddress, max(1, o.Concurrency/4))
	o.ReadTimeout = cmp.Or(o.ReadTimeout, 30*time.Second)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, 30*time.Second)
	o.IdleTimeout = cmp.Or(o.IdleTimeout, 75*time.Second)
	if o.RetryAfter == nil {
		o.RetryAfter = func() time.Duration { return 0 }
	}
	if o.OnUnavailable == nil {
		o.OnUnavailable = func() {}
	}
}

// newApp makes the Fiber application. Everything goes through one handler:
// Fiber's router knows neither the methods that PostgREST refuses by name nor
// paths that must keep their escapes.
func (s *Server) newApp() *fiber.App {
	app := fiber.New(fiber.Config{
		ServerHeader:                 serverHeader(s.o.Version),
		BodyLimit:                    s.o.BodyLimit,
		ReadBufferSize:               s.o.HeaderLimit,
		WriteBufferSize:              64 << 10,                         // a page of rows is one system call
		Concurrency:                  2*s.o.Concurrency + refusalsMost, // gate counts; fasthttp's own error is plain text
		ReadTimeout:                  s.o.ReadTimeout,                  // write time-outs are conn's
		IdleTimeout:                  s.o.IdleTimeout,
		DisableStartupMessage:        true,
		DisableDefaultContentType:    true,
		DisablePreParseMultipartForm: true,
		ReduceMemoryUsage:            true, // see conn
	})
	app.Use(s.edge)
	handler := app.Handler()
	app.Server().Handler = func(fctx *fasthttp.RequestCtx) {
		if knownMethod(fctx.Method()) {
			handler(fctx)
			return
		}
		c := app.AcquireCtx(fctx) // Fiber would answer 400 by itself
		defer app.ReleaseCtx(c)
		_ = s.edge(c) // it answers its errors
	}
	hands := slices.ContainsFunc(s.routes, func(r route) bool { return r.hands })
	app.Server().HeaderReceived = func(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
		if hands {
			s.maskBody(h)
		}
		if !h.IsHTTP11() {
			h.Del("Expect") // a client of HTTP/1.0 takes an interim answer for the answer (RFC 9110, 10.1.1)
		}
		return fasthttp.RequestConfig{MaxRequestBodySize: min(s.o.BodyLimit, s.bodies.room())}
	}
	app.Server().ErrorHandler = s.refuse
	app.Server().CloseOnShutdown = true
	app.Server().KeepHijackedConns = true // handOver closes them
	app.Server().SecureErrorLogMessage = true
	return app
}

// serverHeader names us where PostgREST names itself; no client looks at it.
func serverHeader(version string) string {
	if version == "" {
		return "romashka"
	}
	return "romashka/" + version
}

func knownMethod(m []byte) bool {
	switch string(m) {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT":
		return true
	}
	return false
}

// Apply replaces the settings; requests that began before keep theirs.
func (s *Server) Apply(settings Settings) {
	settings.CompressFrom = cmp.Or(settings.CompressFrom, 1<<10)
	s.settings.Store(&settings)
}

// Serve answers requests on ln until Shutdown, and then returns nil; after
// Shutdown it only closes ln. It may be called once.
func (s *Server) Serve(ln net.Listener) error {
	own := newListener(ln, connLimits{
		read: s.o.ReadTimeout, write: s.o.WriteTimeout, short: min(shortWait, s.o.ReadTimeout, s.o.IdleTimeout), head: s.o.HeaderLimit, bodies: s.bodies, answers: s.o.Answers,
	}, s.gate)
	begun, err := s.begins(own)
	if begun {
		err = s.app.Listener(own)
	}
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// begins reports whether own is to be served. It is closed when Shutdown was first.
func (s *Server) begins(own *listener) (bool, error) {
	s.beginning.Lock()
	defer s.beginning.Unlock()
	if s.stopping.Load() {
		return false, own.Close()
	}
	if !s.ln.CompareAndSwap(nil, own) {
		return false, errors.New("Serve was called before")
	}
	s.watcher.start(s.base)
	return true, nil
}

// Live reports whether the server accepts connections.
func (s *Server) Live() bool { return s.ln.Load() != nil && !s.stopping.Load() }

// Drain turns /ready to 503 while requests are still served, so that load
// balancers look elsewhere before Shutdown.
func (s *Server) Drain() { s.draining.Store(true) }

// Draining reports whether Drain was called.
func (s *Server) Draining() bool { return s.draining.Load() }

// killTime is how long canceled requests get to answer.
const killTime = 2 * time.Second

// Shutdown stops accepting, lets the requests under way finish until ctx ends,
// cancels those that have not, and closes every connection. It returns ctx's
// error when requests had to be canceled.
func (s *Server) Shutdown(ctx context.Context) error {
	s.Drain()
	s.beginning.Lock()
	s.stopping.Store(true)
	ln := s.ln.Load()
	s.beginning.Unlock()
	s.close()
	if ln == nil {
		s.cancel()
		return nil
	}
	// fasthttp does not close a listener that it has not looked at yet.
	err := cmp.Or(ln.Close(), s.app.ShutdownWithContext(ctx), s.waitPassages(ctx))
	s.cancel()
	if err != nil {
		late, stop := context.WithTimeout(context.WithoutCancel(ctx), killTime)
		defer stop()
		ln.waitIdle(late)
	}
	ln.end()
	s.watcher.done.Wait()
	if err != nil {
		return fmt.Errorf("finish requests: %w", err)
	}
	return nil
}
