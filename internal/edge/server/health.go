package server

import "github.com/romashka/sidecar/internal/postgrest"

// Status is how far the sidecar is from serving.
type Status int

// Ready can serve. Pending will be able to by itself: the schema cache is being
// loaded, or requests are being finished before a stop. Failed cannot.
const (
	Ready Status = iota
	Pending
	Failed
)

// code is the answer to /ready. Source: PostgREST 16, Admin module.
func (st Status) code() int {
	switch st {
	case Ready:
		return 200
	case Pending:
		return 503
	default:
		return 500
	}
}

// healthRoutes are /live and /ready, and the same below "/-", which no
// relation's path can be.
func (s *Server) healthRoutes() []route {
	live := func(x *exchange, path string) error { return s.health(x, path, 200) }
	ready := func(x *exchange, path string) error { return s.health(x, path, s.readiness().code()) }
	return []route{
		{prefix: "/-/live", class: classHealth, expose: s.exposed(""), serve: live},
		{prefix: "/-/ready", class: classHealth, expose: s.exposed(""), serve: ready},
		{prefix: "/live", class: classHealth, expose: s.exposed(""), serve: live},
		{prefix: "/ready", class: classHealth, expose: s.exposed(""), serve: ready},
	}
}

func (s *Server) health(x *exchange, path string, status int) error {
	if path != "/" {
		status = 404
	}
	x.quiet = true
	s.respond(x, &postgrest.Response{Status: status})
	return nil
}

// readiness is the answer of /ready: a server that stops is not ready, nor one
// that takes no more connections.
func (s *Server) readiness() Status {
	if s.draining.Load() || s.Full() {
		return Pending
	}
	return s.o.Ready()
}
