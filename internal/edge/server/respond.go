package server

import (
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/romashka/sidecar/internal/postgrest"
)

// respond puts a complete answer on the exchange.
func (s *Server) respond(x *exchange, res *postgrest.Response) {
	fctx := x.c.Context()
	s.writeHead(x, res)
	s.hold(x, res.Held)
	if x.method == "HEAD" || len(res.Body) == 0 {
		return
	}
	x.sent = int64(len(res.Body))
	if len(res.Rest) > 0 {
		s.sendPieces(x, res)
		return
	}
	if s.compress(x, res.Body) {
		return
	}
	fctx.Response.SetBodyRaw(res.Body)
}

// longestReason bounds the message in a status line, in bytes. Functions
// choose it, and may put into it a text that a client sent.
const longestReason = 512

// writeHead writes the status and the headers, and remembers for the access
// line the figures that they hold.
func (s *Server) writeHead(x *exchange, res *postgrest.Response) {
	h := &x.c.Response().Header
	h.DisableNormalizing() // WWW-Authenticate keeps its name
	x.c.Response().SetStatusCode(res.Status)
	if res.Reason != "" {
		h.SetStatusMessage([]byte(oneLine(res.Reason[:min(len(res.Reason), longestReason)])))
	}
	if res.Status == fasthttp.StatusServiceUnavailable {
		h.Set("Retry-After", strconv.Itoa(int(s.o.RetryAfter()/time.Second)))
	}
	for _, f := range res.Header {
		if !token(f.Name) || ownHeader(f.Name) {
			continue
		}
		value := oneLine(f.Value)
		switch {
		case strings.EqualFold(f.Name, "Vary"):
			mergeVary(h, value)
		case once(f.Name):
			h.Set(f.Name, value)
		default:
			h.Add(f.Name, value)
		}
	}
	if s.o.APIKeys && (x.class == classREST || x.class == classRPC) {
		addVary(h, headerAPIKey) // caches know Authorization, and not that this header does the same
	}
	x.code, x.rows = res.Code, res.Rows
}

// ownHeader reports whether the header is the server's, not the engine's.
func ownHeader(name string) bool {
	return strings.EqualFold(name, "Content-Length") || strings.EqualFold(name, "Transfer-Encoding") ||
		strings.EqualFold(name, "Connection") || strings.EqualFold(name, "Keep-Alive")
}

// once reports whether the header must not stand twice when both the server
// and the engine, or a function in the database, set it.
func once(name string) bool {
	return strings.EqualFold(name, "Access-Control-Allow-Origin") || strings.EqualFold(name, "Retry-After")
}

// token reports whether name may be a header's name (RFC 9110, 5.6.2).
// Functions in the database choose names freely.
func token(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return name != ""
}

// oneLine keeps a value from ending its header line.
func oneLine(value string) string {
	if !strings.ContainsAny(value, "\r\n\x00") {
		return value
	}
	return strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(value)
}
