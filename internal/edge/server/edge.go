package server

import (
	"log/slog"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/edge/apilog"
	"github.com/romashka/sidecar/internal/platform/observe"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/replica"
	"github.com/romashka/sidecar/internal/postgrest/stage"
)

// exchange is one request and its answer while they are at the edge.
type exchange struct {
	c        *fiber.Ctx
	settings *Settings
	started  time.Time
	id       string

	method, path, query string // copies; path and query as sent

	class     string       // of the route, for metrics
	role      string       // "" = not known
	subject   string       // of a token that was believed
	session   auth.Session // of the same
	client    replica.Client
	engine    bool // the engine has it, which notes writes by itself
	address   netip.Addr
	code      string // of the error, "" = none
	rows      int64
	sent      int64 // bytes of the answer's body before compression; 0 = as the response says
	body      int   // of the request, in bytes, where the engine took it
	preflight bool
	quiet     bool // a health probe: no access line above Debug
	unserved  bool // nothing is here, and that is as it should be: no access line above Info
	broken    bool // the answer was broken off
	limited   bool // refused by a rate limit
	blocked   bool // refused since its address is
	streaming bool // the answer is still being written when the handler returns

	taken      stage.Timings
	credential string        // the token or key that decided, for its hash alone; see auth.Credentials
	parent     string        // of the trace
	open       *observe.Open // its span, where the request leads to others; else nil
	record     *apilog.Entry
	sighting   *Sighting // of its session, nil without one
}

// edge serves one request, and survives every fault in it.
func (s *Server) edge(c *fiber.Ctx) error {
	x := s.begin(c)
	defer func() {
		if p := recover(); p != nil {
			s.caught(x, p, debug.Stack())
		}
		s.prepareRecord(x)
		x.releaseBody()
		if !x.streaming {
			s.end(x, c.Response().StatusCode())
		}
	}()
	s.dispatch(x)
	return nil
}

// releaseBody lets others have the memory that the request's body took.
func (x *exchange) releaseBody() {
	if c, ok := x.c.Context().Conn().(*conn); ok {
		c.endRequest()
	}
}

func (s *Server) dispatch(x *exchange) {
	fctx := x.c.Context()
	x.id = s.ids.take(fctx.Request.Header.Peek(headerRequestID))
	x.address = clientAddress(fctx, s.o.TrustedProxies)
	if !x.readTarget(&fctx.Request.Header) {
		s.fail(x, Unreadable(""))
		return
	}
	route, path := s.find(x.method, x.path, &fctx.Request.Header)
	expose := s.exposed("")
	if route != nil {
		expose, x.class = route.expose, route.class
	}
	s.echo(x)
	if s.cors(x.settings, expose, &fctx.Request.Header, &fctx.Response.Header) {
		x.preflight, x.class = true, classPreflight
		return
	}
	if route == nil {
		s.fail(x, apierr.InvalidPath())
		return
	}
	if err := route.serve(x, path); err != nil {
		s.log.LogAttrs(s.base, slog.LevelError, "serve request", slog.String("request_id", x.id), slog.Any("err", err))
		s.fail(x, apierr.Internal())
	}
}

// readTarget copies the method and splits the request target. It understands the
// absolute form and "*", and reports whether the path is one.
func (x *exchange) readTarget(h *fasthttp.RequestHeader) bool {
	x.method = methodOf(h.Method())
	target := string(h.RequestURI())
	if i := strings.IndexByte(target, '#'); i >= 0 {
		target = target[:i] // never sent by a browser; no part of the target
	}
	target, x.query, _ = strings.Cut(target, "?")
	if scheme, rest, ok := strings.Cut(target, "://"); ok && (scheme == "http" || scheme == "https") {
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			target = rest[i:]
		} else {
			target = "/"
		}
	}
	if target == "*" {
		target = "/"
	}
	x.path = target
	return strings.HasPrefix(target, "/")
}

// methodOf copies a method; a usual one is there already.
func methodOf(sent []byte) string {
	for _, usual := range [...]string{"GET", "POST", "PATCH", "HEAD", "DELETE", "OPTIONS", "PUT"} {
		if string(sent) == usual {
			return usual
		}
	}
	return string(sent)
}

// longestTrace is how long a trace header may be to be sent back, in bytes.
const longestTrace = 512

// echo sends back the trace header and the request id.
func (s *Server) echo(x *exchange) {
	fctx := x.c.Context()
	if name := x.settings.TraceHeader; name != "" {
		if sent := fctx.Request.Header.Peek(name); len(sent) <= longestTrace {
			fctx.Response.Header.SetBytesV(name, sent)
		}
		if strings.EqualFold(name, headerRequestID) {
			return
		}
	}
	if x.settings.SendRequestID {
		fctx.Response.Header.Set(headerRequestID, x.id)
	}
}

// caught turns a panic into a 500.
func (s *Server) caught(x *exchange, p any, stack []byte) {
	s.metrics.Panic()
	s.log.LogAttrs(s.base, slog.LevelError, "panic while serving", slog.String("request_id", x.id), slog.String("method", x.method),
		slog.String("path", x.shownPath()), slog.Any("panic", p), slog.String("stack", string(stack)))
	x.streaming = false
	fctx := x.c.Context()
	fctx.Response.Reset()
	s.echo(x)
	s.cors(x.settings, s.exposed(""), &fctx.Request.Header, &fctx.Response.Header)
	s.fail(x, apierr.Internal())
}
