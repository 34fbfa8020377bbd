package gateway

import (
	"iter"
	"net/http"
	"net/netip"
	"net/textproto"
	"net/url"
	"strings"

	"github.com/romashka/sidecar/internal/peer"
	"github.com/romashka/sidecar/internal/server"
)

// hopByHop are the headers of one connection, not of the message.
// Source: RFC 9110, 7.6.1; RFC 2616, 13.5.1. Read-only.
var hopByHop = []string{
	"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade", "Http2-Settings",
}

// clientAddress are the headers that tell upstream services who the client is.
// From one who is not trusted they are lies, or may be. Read-only.
var clientAddress = []string{
	"Forwarded", "X-Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port",
	"X-Forwarded-Server", "X-Forwarded-Prefix", "X-Forwarded-Scheme", "X-Real-Ip", "X-Client-Ip", "X-Cluster-Client-Ip",
	"True-Client-Ip", "Cf-Connecting-Ip", "Cf-Connecting-Ipv6", "Fastly-Client-Ip", "Fly-Client-Ip",
}

// outbound turns the request that came in into the one that goes out.
func (g *Gateway) outbound(r *http.Request, p *server.Passage, upgrade bool) {
	host, expect := r.Host, r.Header.Get("Expect")
	trailers := hasToken(r.Header["Te"], "trailers")
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
	}
	if _, ok := r.Header["User-Agent"]; !ok {
		r.Header["User-Agent"] = []string{""} // or net/http would send its own
	}
	g.forwarded(r.Header, host, peer.Of(p.Conn.RemoteAddr()))
	r.Header.Add("Cdn-Loop", g.loopMark) // RFC 8586
	r.URL = &url.URL{
		Scheme: g.upstream.Scheme, Host: g.upstream.Host,
		Opaque: g.upstream.EscapedPath() + p.Path, RawQuery: p.RawQuery, // as sent, escape for escape
		ForceQuery: p.RawQuery == "" && strings.HasSuffix(r.RequestURI, "?"),
	}
	r.Host, r.RequestURI, r.Close = "", "", false
}

// dropHopByHop removes what concerns one connection, and what Connection says
// does.
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

// forwarded tells the upstream whom the request comes from: what a trusted
// proxy said with its own address added, or the connection's address alone.
func (g *Gateway) forwarded(h http.Header, host string, remote netip.Addr) {
	chain := h["X-Forwarded-For"]
	if !g.o.Trust.Has(remote) {
		chain = nil
		for _, name := range clientAddress {
			delete(h, name)
		}
	}
	if remote.IsValid() {
		chain = append(chain, remote.String())
	}
	if len(chain) > 0 {
		h.Set("X-Forwarded-For", strings.Join(chain, ", ")) // one line: some servers refuse several
	}
	if h.Get("X-Forwarded-Proto") == "" {
		h.Set("X-Forwarded-Proto", "http") // what the sidecar itself speaks
	}
	if h.Get("X-Forwarded-Host") == "" {
		h.Set("X-Forwarded-Host", host)
	}
}

// hasDotSegment reports whether a server might read path as another one: a
// segment "." or ".." could lead out of the places that are passed on, or
// around what is claimed.
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
