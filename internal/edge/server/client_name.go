package server

import (
	"encoding/binary"
	"hash/maphash"
	"net/http"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/postgrest/replica"
)

// knows notes who sent the request.
func (s *Server) knows(x *exchange, who auth.Identity) {
	x.role, x.subject, x.session = who.Role, who.Subject, who.Session
	if s.o.OnWrite != nil {
		x.client = s.clientOf(x, who)
	}
}

// clientOf names the client whose reads are to see its writes: its user, over all
// sessions, else the key or token that it showed. The key for browsers is
// everybody's, so that one who shows no more is known by the address alone.
func (s *Server) clientOf(x *exchange, who auth.Identity) replica.Client {
	c := replica.Client{Address: x.address}
	switch {
	case who.Subject != "":
		c.Name = "user " + who.Subject
	case who.Authenticated:
		hash := maphash.String(s.seed, x.credential) // nobody needs the key itself
		c.Name = string(binary.BigEndian.AppendUint64(nil, hash))
	}
	return c
}

// wrote tells of a request that may have changed something.
func (s *Server) wrote(x *exchange) {
	if s.o.OnWrite == nil || x.engine {
		return
	}
	switch x.method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return
	}
	x.client.Address = x.address // also of one whose token nobody believed here
	s.o.OnWrite(x.client)
}
