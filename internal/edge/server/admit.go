package server

import (
	"strconv"
	"time"

	"github.com/romashka/sidecar/internal/edge/limit"
)

// admit takes the request off its client's limits, and reports whether it may go on.
// If not, it has answered: 429 when nothing is left, 403 for a refused address.
func (s *Server) admit(x *exchange) bool {
	if s.blocked(x) { // which takes nothing off a limit
		return false
	}
	v := s.o.Limiter.Allow(s.base, time.Now(), limit.Caller{Role: x.role, Subject: x.subject, Address: x.address})
	if !v.Applies {
		return true
	}
	h := &x.c.Response().Header
	h.SetCanonical([]byte("RateLimit-Limit"), strconv.AppendInt(nil, int64(v.Limit.Count), 10))
	h.SetCanonical([]byte("RateLimit-Remaining"), strconv.AppendInt(nil, int64(v.Remaining), 10))
	h.SetCanonical([]byte("RateLimit-Reset"), []byte(limit.Seconds(v.Reset)))
	if v.Allowed {
		return true
	}
	x.limited = true
	s.metrics.Limited(v.Name)
	s.fail(x, v.Refusal())
	return false
}

// identify reads the caller of a request that others authorize: for limits
// and the API log alone. A token that is not believed names nobody.
func (s *Server) identify(x *exchange) {
	if s.o.Limiter == nil && s.o.Recorder == nil && s.o.Sessions == nil && s.o.Blocks == nil && s.o.OnWrite == nil {
		return
	}
	h := &x.c.Context().Request.Header
	c := s.credentials(x, string(h.Peek("Authorization")), string(h.Peek(keyName)), findKey(x.query)) // which goes on as it is
	if who, err := s.o.Auth.Authenticate(s.base, c); err == nil {
		s.knows(x, who)
	}
}
