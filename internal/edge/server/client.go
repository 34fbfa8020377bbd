package server

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/valyala/fasthttp"

	"github.com/romashka/sidecar/internal/edge/clientip"
	"github.com/romashka/sidecar/internal/postgrest"
)

// clientAddress is who asks, as far as it can be believed.
func clientAddress(fctx *fasthttp.RequestCtx, trusted []netip.Prefix) netip.Addr {
	at, trust := clientip.Of(fctx.RemoteAddr()), clientip.Trust(trusted)
	if !trust.Has(at) {
		return at
	}
	return trust.Client(at, linesOf(&fctx.Request.Header, "X-Forwarded-For"))
}

func linesOf(h *fasthttp.RequestHeader, name string) []string {
	var lines []string
	for _, line := range h.PeekAll(name) {
		lines = append(lines, string(line))
	}
	return lines
}

// trusted reports whether the connection is a trusted proxy's.
func (s *Server) trusted(fctx *fasthttp.RequestCtx) bool {
	return clientip.Trust(s.o.TrustedProxies).Has(clientip.Of(fctx.RemoteAddr()))
}

// tellsWay reports whether the engine sees the known way of a request in its
// headers. In PostgREST's place, without a word on whom to trust, it sees them as
// sent, as PostgREST does.
func (s *Server) tellsWay() bool { return s.o.APIKeys || len(s.o.TrustedProxies) > 0 }

// withWay puts the known way of the request in place of all headers that claimed
// one: functions read request.headers, and believe it.
func (s *Server) withWay(fctx *fasthttp.RequestCtx, fields []postgrest.Field) []postgrest.Field {
	h := &fctx.Request.Header
	way := clientip.Trust(s.o.TrustedProxies).Way(clientip.Of(fctx.RemoteAddr()), string(h.Host()),
		func(name string) []string { return linesOf(h, name) })
	fields = slices.DeleteFunc(fields, func(f postgrest.Field) bool { return clientip.Telling(f.Name) })
	for _, field := range way.Headers() {
		fields = append(fields, postgrest.Field{Name: strings.ToLower(field.Name), Value: field.Value})
	}
	return fields
}
