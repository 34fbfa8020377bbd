package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/valyala/fasthttp"

	"github.com/romashka/sidecar/internal/postgrest"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// Mount serves everything under Prefix by other means than the engine, behind
// the same CORS, request ids, panics and access lines.
type Mount struct {
	Prefix  string        // begins with "/", does not end with one; "" is the root
	Class   string        // of its requests in metrics; the first name of Prefix when ""
	Handler fiber.Handler // its *apierr.Error is an answer, another error a 500
	Passer  Passer        // instead of Handler
	Call    Call          // instead of both: authenticated requests, as the engine gets them
	Pages   *Pages        // instead of all three
	// Match narrows the Mount; a request that it refuses goes to the next route.
	// path is below Prefix, percent-encoded as sent. nil takes everything.
	Match Match
	// Unserved says that Handler tells clients that nothing is here: its access
	// lines are Info, since nobody has to act.
	Unserved bool
	// ExposeHeaders are the response headers that browsers may read beside
	// those of the edge; those of the API when "".
	ExposeHeaders string
}

// Call answers an authenticated request that came from an address. It never
// returns nil: errors are answers too.
type Call func(ctx context.Context, req *postgrest.Request, from netip.Addr) *postgrest.Response

// Pages answers people's browsers, which carry a cookie where programs carry a
// token. A request without a token that is good reaches Call too, without a role.
type Pages struct {
	Call Call
	// Bearer is the token in a request's cookies, "" for none.
	Bearer func(cookies string) string
}

// Match looks at a request's line and headers.
type Match func(method, path string, header func(name string) string) bool

// HTTP makes a Mount's handler of h. The whole answer is buffered. Request
// targets that net/http cannot read are ROM400.
func HTTP(h http.Handler) fiber.Handler {
	serve := adaptor.HTTPHandler(h)
	return func(c *fiber.Ctx) error {
		if _, err := url.ParseRequestURI(string(c.Context().RequestURI())); err != nil {
			return Unreadable("The URL is malformed.")
		}
		return serve(c)
	}
}

// route is a prefix and the handler under it. path is the request's path
// below the prefix, percent-encoded as sent.
type route struct {
	prefix string // "" = root
	class  string // for metrics
	expose string
	match  Match // nil = always
	hands  bool  // serve hands the connection over
	serve  func(x *exchange, path string) error
}

func (s *Server) routeTable() ([]route, error) {
	var routes []route
	for _, m := range s.o.Mounts { // before the API, of whose prefix they may take a part
		if !m.whole() {
			return nil, fmt.Errorf("server: mount %q needs one of Handler, Passer, Call and Pages", m.Prefix)
		}
		routes = append(routes, s.mounted(m))
	}
	for _, root := range s.o.APIRoots {
		prefix := strings.TrimRight(root, "/")
		routes = append(routes, route{prefix: prefix, class: classREST, expose: s.exposed(""), serve: s.api})
	}
	if s.o.Ready != nil {
		routes = append(routes, s.healthRoutes()...)
	}
	for _, r := range routes {
		if r.prefix != "" && (r.prefix[0] != '/' || strings.HasSuffix(r.prefix, "/")) {
			return nil, fmt.Errorf("server: %q is not a path prefix such as /rest/v1", r.prefix)
		}
	}
	slices.SortStableFunc(routes, func(a, b route) int { return len(b.prefix) - len(a.prefix) })
	return routes, nil
}

// whole reports whether m says in one way how it answers.
func (m *Mount) whole() bool {
	ways := 0
	for _, is := range []bool{m.Handler != nil, m.Passer != nil, m.Call != nil, m.Pages != nil} {
		if is {
			ways++
		}
	}
	return ways == 1
}

func (s *Server) mounted(m Mount) route {
	if m.Call != nil {
		return route{
			prefix: m.Prefix, class: cmp.Or(m.Class, classRPC), expose: s.exposed(m.ExposeHeaders), match: m.Match,
			serve: func(x *exchange, path string) error { return s.call(x, path, m.Call) },
		}
	}
	if m.Pages != nil {
		return route{
			prefix: m.Prefix, class: cmp.Or(m.Class, classOf(m.Prefix)), expose: s.exposed(m.ExposeHeaders), match: m.Match,
			serve: func(x *exchange, path string) error { return s.pages(x, path, m.Pages) },
		}
	}
	answer := func(x *exchange) error { return s.handle(x, m.Handler) }
	if m.Passer != nil {
		answer = func(x *exchange) error { return s.handOver(x, m.Passer) }
	}
	return route{
		prefix: m.Prefix, class: cmp.Or(m.Class, classOf(m.Prefix)), expose: s.exposed(m.ExposeHeaders),
		match: m.Match, hands: m.Passer != nil,
		serve: func(x *exchange, _ string) error {
			x.unserved = m.Unserved
			s.identify(x)
			if s.blocked(x) || s.ended(x) || !s.admit(x) {
				x.linger() // its body may be unread
				return nil
			}
			return answer(x)
		},
	}
}

func (s *Server) handle(x *exchange, h fiber.Handler) error {
	err := h(x.c)
	if refusal, ok := errors.AsType[*apierr.Error](err); ok {
		s.fail(x, refusal)
		return nil
	}
	return err
}

// Classes of routes; a mount's is the first name of its prefix.
const (
	classREST      = "rest"
	classRPC       = "rpc"
	classHealth    = "health"
	classPreflight = "preflight"
	classNone      = "none" // no route
)

func classOf(prefix string) string {
	class, _, _ := strings.Cut(strings.Trim(prefix, "/"), "/")
	if class == "" {
		return "other"
	}
	return class
}

// find picks the route of the longest prefix, and the path below it.
func (s *Server) find(method, path string, h *fasthttp.RequestHeader) (r *route, below string) {
	for i := range s.routes {
		r := &s.routes[i]
		rest, ok := strings.CutPrefix(path, r.prefix)
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		if rest == "" {
			rest = "/"
		}
		if r.match != nil && !r.match(method, rest, func(name string) string { return string(h.Peek(name)) }) {
			continue
		}
		return r, rest
	}
	return nil, ""
}
