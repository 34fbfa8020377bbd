package server

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
)

// Mount serves everything under Prefix by other means than the engine, behind
// the same CORS, request ids, panics and access lines.
type Mount struct {
	Prefix  string // begins with "/", does not end with one
	Handler fiber.Handler
	// ExposeHeaders are the response headers that browsers may read; those of
	// the API when "".
	ExposeHeaders string
}

// HTTP makes a Mount's handler of h. The whole answer is buffered.
func HTTP(h http.Handler) fiber.Handler { return adaptor.HTTPHandler(h) }

// route is a prefix and what answers under it. path is the request's path
// below the prefix, percent-encoded as sent.
type route struct {
	prefix string // "" = root
	class  string // for metrics
	expose string
	serve  func(x *exchange, path string) error
}

func (s *Server) routeTable() ([]route, error) {
	var routes []route
	for _, root := range s.o.APIRoots {
		prefix := strings.TrimRight(root, "/")
		routes = append(routes, route{prefix: prefix, class: classREST, expose: exposedHeaders, serve: s.api})
	}
	for _, m := range s.o.Mounts {
		if m.Handler == nil {
			return nil, fmt.Errorf("server: mount %q has no handler", m.Prefix)
		}
		routes = append(routes, s.mounted(m))
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

func (s *Server) mounted(m Mount) route {
	expose := m.ExposeHeaders
	if expose == "" {
		expose = exposedHeaders
	}
	return route{prefix: m.Prefix, class: classOf(m.Prefix), expose: expose, serve: func(x *exchange, _ string) error {
		s.identify(x)
		if !s.admit(x) {
			return nil
		}
		return m.Handler(x.c)
	}}
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
func (s *Server) find(path string) (r *route, below string) {
	for i := range s.routes {
		r := &s.routes[i]
		rest, ok := strings.CutPrefix(path, r.prefix)
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		if rest == "" {
			rest = "/"
		}
		return r, rest
	}
	return nil, ""
}
