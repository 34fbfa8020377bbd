// Package clientip finds the address of a request's client: the address of the
// connection, or the client that trusted proxies name.
//
// It never believes a header of an address that is not trusted, and never
// resolves names.
package clientip

import (
	"net"
	"net/netip"
	"slices"
	"strings"
)

// Trust are the proxies whose X-Forwarded-For is believed; none when empty. A
// connection without an address, over a Unix socket, comes from this machine
// and is trusted by all. Prefixes are plain: no version 4 written as 6.
type Trust []netip.Prefix

// Has reports whether a is trusted; the zero Addr stands for a Unix socket.
func (t Trust) Has(a netip.Addr) bool {
	return !a.IsValid() || slices.ContainsFunc(t, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Client is the right-most address that is not trusted: remote itself, or one
// of X-Forwarded-For, whose lines stand in the order of the request. If all
// are trusted it is the first; a text that is no address ends the search. The result
// is zero only over a Unix socket without such a header.
func (t Trust) Client(remote netip.Addr, forwardedFor []string) netip.Addr {
	return Way{Chain: t.chain(remote, forwardedFor)}.Client()
}

// chain is the verified part of the way, from the client to remote. Addresses
// that strangers wrote before it are left out.
func (t Trust) chain(remote netip.Addr, forwardedFor []string) []netip.Addr {
	back := []netip.Addr{remote}
	for _, line := range slices.Backward(forwardedFor) {
		hops := strings.Split(line, ",")
		for _, hop := range slices.Backward(hops) {
			a, ok := ParseHop(hop)
			if !ok || !t.Has(back[len(back)-1]) {
				return known(back)
			}
			back = append(back, a)
		}
	}
	return known(back)
}

// known turns a chain around and leaves out the end of a Unix socket.
func known(back []netip.Addr) []netip.Addr {
	slices.Reverse(back)
	if last := len(back) - 1; !back[last].IsValid() {
		back = back[:last]
	}
	return back
}

// ParseHop reads one element of X-Forwarded-For: an address, which may have a
// port and brackets. Zones are dropped: they mean nothing elsewhere.
func ParseHop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return plain(ap.Addr()), true
	}
	a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	return plain(a), err == nil
}

// Of is the address of a connection's other end; zero over a Unix socket.
func Of(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return plain(tcp.AddrPort().Addr())
	}
	return netip.Addr{}
}

func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }
