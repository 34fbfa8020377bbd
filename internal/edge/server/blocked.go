package server

import (
	"net/http"
	"net/netip"

	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// Blocks knows which addresses are refused for a time; respond.List satisfies it.
// It must not block.
type Blocks interface {
	// Refused reports whether the requests of an address are.
	Refused(a netip.Addr) bool
	// Allowed reports whether the allow-list keeps such a request from that.
	Allowed(a netip.Addr, user, agent, path string) bool
}

// addressBlocked is ROM403, which means just this.
func addressBlocked() *apierr.Error {
	return &apierr.Error{
		Status: http.StatusForbidden, Code: "ROM403", Message: "Requests from this address are refused",
		Hint: apierr.Text("Ask the administrator of the project."),
	}
}

// blocked answers a request whose address is refused, and reports whether it was.
// The service role is not: it belongs to servers, and undoes wrong blocks.
func (s *Server) blocked(x *exchange) bool {
	if s.o.Blocks == nil || x.role == serviceRole || !s.o.Blocks.Refused(x.address) {
		return false
	}
	if s.o.Blocks.Allowed(x.address, x.subject, string(x.c.Context().Request.Header.UserAgent()), x.path) {
		return false
	}
	x.blocked = true
	s.fail(x, addressBlocked())
	return true
}
