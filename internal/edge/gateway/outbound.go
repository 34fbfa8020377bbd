package gateway

import (
	"iter"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/romashka/sidecar/internal/edge/clientip"
	"github.com/romashka/sidecar/internal/edge/server"
)

// hopByHop are the headers of one connection, not of the message.
// Source: RFC 9110, 7.6.1; RFC 2616, 13.5.1. Read-only.
var hopByHop = []string{
	"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade", "Http2-Settings",
}

// outbound turns the request that came in into the one that goes out.
func (g *Gateway) outbound(r *http.Request, p *server.Passage, upgrade bool) {
	host, expect := r.Host, r.Header.Get("Expect")
	trailers := hasToken(r.Header["Te"], "trailers")
	way := g.o.Trust.Way(clientip.Of(p.Conn.RemoteAddr()), host, func(name string) []string { return r.Header[name] }) // Connection may hide it
	dropHopByHop(r.Header)
	r.Header.Del("Expect")
	if strings.EqualFold(expect, "100-continue") && r.Body != nil {
		r.Header.Set("Expect", expect)
	}
	if trailers {
		r.Header.Set("Te", "trailers")
	}
	if upgrade {
		r.Header.Set("Connection", "Upgrade")
		r.Header.Set("Upgrade", webSocket)
		if p.Follows() {
			r.Header.Del("Sec-Websocket-Extensions") // compressed messages could not be read along, see frames
		}
	}
	if _, ok := r.Header["User-Agent"]; !ok {
		r.Header["User-Agent"] = []string{""} // or net/http would send its own
	}
	g.forwarded(r.Header, way, p.Path)
	r.Header.Add("Cdn-Loop", g.loopMark) // RFC 8586
	r.URL = &url.URL{
		Scheme: g.upstream.Scheme, Host: g.upstream.Host,
		Opaque: g.upstream.EscapedPath() + p.Path, RawQuery: p.RawQuery, // as sent, escape for escape
		ForceQuery: p.RawQuery == "" && strings.HasSuffix(r.RequestURI, "?"),
	}
	r.Host, r.RequestURI, r.Close = "", "", false
}

// dropHopByHop removes the headers that concern one connection, and those that Connection
// names.
func dropHopByHop(h http.Header) {
	for name := range tokens(h["Connection"]) {
		h.Del(name)
	}
	for _, name := range hopByHop {
		delete(h, name)
	}
}

// tokens walks over the elements of comma-separated header lines.
func tokens(lines []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, line := range lines {
			for token := range strings.SplitSeq(line, ",") {
				if token = textproto.TrimString(token); token != "" && !yield(token) {
					return
				}
			}
		}
	}
}

func hasToken(lines []string, want string) bool {
	for token := range tokens(lines) {
		if strings.EqualFold(token, want) {
			return true
		}
	}
	return false
}

// forwarded gives the upstream the known way of the request, in place of all
// headers that claimed one.
func (g *Gateway) forwarded(h http.Header, way clientip.Way, path string) {
	for name := range h {
		if clientip.Telling(name) {
			delete(h, name)
		}
	}
	for _, field := range way.Headers() {
		h[field.Name] = []string{field.Value}
	}
	if client := way.Client(); g.o.TellAuth && client.IsValid() && strings.HasPrefix(path, authRoot+"/") {
		h["Sb-Forwarded-For"] = []string{client.String()}
	}
}

// hasDotSegment reports whether a server might read path as another one: a
// segment "." or ".." could lead out of the places that are passed on, or
// around the claimed ones.
func hasDotSegment(path string) bool {
	plain, err := url.PathUnescape(path)
	if err != nil {
		plain = path
	}
	for segment := range strings.FieldsFuncSeq(plain, func(r rune) bool { return r == '/' || r == '\\' }) {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}

// webSocket is the only protocol that a connection may change to: behind
// another one, such as h2c, requests would pass that nobody looks at.
const webSocket = "websocket"

// upgrades reports whether the client wants to change to it. A server that does
// not upgrade answers as if nobody had asked (RFC 9110, 7.8).
func upgrades(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Body == nil && r.ProtoAtLeast(1, 1) &&
		hasToken(r.Header["Connection"], "Upgrade") && strings.EqualFold(r.Header.Get("Upgrade"), webSocket)
}
