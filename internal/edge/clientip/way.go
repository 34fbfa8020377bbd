package clientip

import (
	"net/netip"
	"slices"
	"strings"
)

// Way is the known way of a request: client, scheme and host as the connection
// shows them, or as trusted proxies give them.
type Way struct {
	Chain []netip.Addr // the client first, the connection's other end last; empty over a Unix socket alone
	Proto string       // of the client's request: http or https
	Host  string       // that it asked for
	Port  string       // "" = not known, as the next
	// Prefix is the part of the path that a proxy took away.
	Prefix string
}

// Way reads the way of a request. header gives the lines of a header; host is the
// request's own.
func (t Trust) Way(remote netip.Addr, host string, header func(name string) []string) Way {
	w := Way{Proto: "http", Host: host} // the sidecar's own scheme
	if !t.Has(remote) {
		w.Chain = []netip.Addr{remote}
		return w
	}
	w.Chain = t.chain(remote, header("X-Forwarded-For"))
	if p := strings.ToLower(lastOf(header("X-Forwarded-Proto"))); p == "http" || p == "https" {
		w.Proto = p
	}
	if h := lastOf(header("X-Forwarded-Host")); plainText(h) {
		w.Host = h
	}
	if p := lastOf(header("X-Forwarded-Port")); plainText(p) && strings.Trim(p, "0123456789") == "" {
		w.Port = p
	}
	if p := lastOf(header("X-Forwarded-Prefix")); plainText(p) {
		w.Prefix = p
	}
	return w
}

// Client is the first of the chain; zero where there is none.
func (w Way) Client() netip.Addr {
	if len(w.Chain) == 0 {
		return netip.Addr{}
	}
	return w.Chain[0]
}

// Header is a name and its value.
type Header struct{ Name, Value string }

// Headers give the way to the next server, in the words that all understand.
func (w Way) Headers() []Header {
	list := make([]Header, 0, 5)
	if len(w.Chain) > 0 {
		hops := make([]string, len(w.Chain))
		for i, a := range w.Chain {
			hops[i] = a.String()
		}
		list = append(list, Header{"X-Forwarded-For", strings.Join(hops, ", ")}) // one line: some servers refuse several
	}
	for _, h := range []Header{
		{"X-Forwarded-Proto", w.Proto}, {"X-Forwarded-Host", w.Host}, {"X-Forwarded-Port", w.Port}, {"X-Forwarded-Prefix", w.Prefix},
	} {
		if h.Value != "" {
			list = append(list, h)
		}
	}
	return list
}

// lastOf is the nearest proxy's word: the last element of the last line.
func lastOf(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	last := lines[len(lines)-1]
	return strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
}

// plainText reports whether text is something, short, and of visible ASCII.
func plainText(text string) bool {
	const longest = 255 // bytes, of a domain name
	return text != "" && len(text) <= longest && !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// Parts of the names by which proxies describe a request's way. Read-only.
var (
	tellingParts = []string{
		"forwarded", "clientip", "realip", "remote-addr", "remote-host",
		"socketip", "viewer-address", "client-address", "forward-for", "host-override",
	}
	// Whole families of one proxy or platform. Cloudflare refuses requests that
	// carry its own (error 1000), Supabase Auth takes Sb-Forwarded-For for the
	// client, Envoy and IIS serve the path of X-Original-URL.
	tellingPrefixes = []string{
		"cf-", "sb-", "x-sb-", "x-envoy-", "x-original-", "x-rewrite-", "x-azure-", "x-appengine-", "x-arr-", "cloudfront-", "fastly-", "fly-",
	}
	tellingNames = []string{"x-host", "x-scheme", "x-url-scheme", "front-end-https"}
	// Words of a name, between hyphens, of which one is enough: X-Real-IP,
	// CF-Pseudo-IPv4, X-Vercel-IP-Country and whatever the next proxy calls it.
	tellingWords = []string{"ip", "ipv4", "ipv6"}
)

// Telling reports whether a header of that name, in any case, describes the way that a
// request came: headers that proxies set, and strangers forge. [Way.Headers] take the
// place of all of them. "_" counts as "-", as it does to CGI and its kin.
func Telling(name string) bool {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	return slices.ContainsFunc(tellingPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }) ||
		slices.ContainsFunc(tellingParts, func(p string) bool { return strings.Contains(name, p) }) ||
		slices.Contains(tellingNames, name) ||
		slices.ContainsFunc(strings.Split(name, "-"), func(word string) bool { return slices.Contains(tellingWords, word) })
}

// Network is the address of a client's network: an IPv6 client has a whole /64,
// an IPv4 client one address.
func Network(a netip.Addr) netip.Addr {
	const subscriber = 64 // bits
	if !a.Is6() || a.Is4In6() {
		return a.Unmap()
	}
	p, err := a.WithZone("").Prefix(subscriber)
	if err != nil { // the number of bits is right
		return a
	}
	return p.Addr()
}
