package server

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
)

// Sessions knows which sessions of Supabase Auth have ended, and gets those that
// are used; session.Watch satisfies it. It must not block.
type Sessions interface {
	// Ended reports whether the session has ended: its tokens are refused.
	Ended(id string) bool
	// OnEnd has end called when the session ends, until stop.
	OnEnd(id string, end func()) (stop func())
	// Seen is called for each request of a session that was let in.
	Seen(s *Sighting)
	// SignedOut is called for a sign-out that was answered with success. scope is
	// Supabase Auth's: "local", "others" or "global".
	SignedOut(s *Sighting, scope string)
}

// Sighting is a request of a session.
type Sighting struct {
	Session   auth.Session
	Subject   string // the user's id
	Address   netip.Addr
	UserAgent string
	Country   string // if a trusted proxy names it
	At        time.Time
}

// sessionEnded is ROM401: the token is right, and was ended before its time.
func sessionEnded() *apierr.Error {
	return &apierr.Error{
		Status: http.StatusUnauthorized, Code: "ROM401", Message: "The session has ended", Hint: apierr.Text("Sign in again."),
		Header: []apierr.Header{{Name: "WWW-Authenticate", Value: `Bearer error="invalid_token", error_description="The session has ended"`}},
	}
}

// ended answers a request whose session is over, and reports whether it was.
func (s *Server) ended(x *exchange) bool {
	if s.o.Sessions == nil || x.session.ID == "" || !s.o.Sessions.Ended(x.session.ID) {
		return false
	}
	s.fail(x, sessionEnded())
	return true
}

// sight copies the parts for Seen that fasthttp will reuse.
func (s *Server) sight(x *exchange) {
	if s.o.Sessions == nil || x.session.ID == "" || x.subject == "" {
		return
	}
	fctx := x.c.Context()
	x.sighting = &Sighting{
		Session: x.session, Subject: x.subject, Address: x.address, UserAgent: string(fctx.Request.Header.UserAgent()), At: x.started,
	}
	if s.trusted(fctx) {
		x.sighting.Country = string(fctx.Request.Header.Peek("Cf-Ipcountry"))
	}
}

// seen passes the request on when it is answered.
func (s *Server) seen(x *exchange, status int) {
	if x.sighting == nil || status == http.StatusUnauthorized || x.blocked {
		return
	}
	if scope := signsOut(x.method, x.path, x.query); scope != "" && status >= 200 && status < 300 {
		s.o.Sessions.SignedOut(x.sighting, scope)
		return
	}
	s.o.Sessions.Seen(x.sighting)
}

// signsOut is the scope of a sign-out, "" for any other request.
// Source: Supabase Auth, POST /logout.
func signsOut(method, path, query string) string {
	if method != http.MethodPost || path != authRoot+"logout" {
		return ""
	}
	for piece := range strings.SplitSeq(query, "&") {
		if scope, ok := strings.CutPrefix(piece, "scope="); ok {
			return scope
		}
	}
	return "global"
}
