package server

import (
	"net"
	"net/netip"
	"strings"

	"github.com/valyala/fasthttp"
)

// clientAddress is who asks, as far as it can be believed: the last address on
// the way here that is no trusted proxy's. Each proxy appends to
// X-Forwarded-For whom it was asked by, so what stands left of an address that
// is not trusted may be made up. A Unix socket's other end is a local proxy.
func clientAddress(fctx *fasthttp.RequestCtx, trusted []netip.Prefix) netip.Addr {
	at, known := remote(fctx.RemoteAddr())
	if known && !within(at, trusted) {
		return at
	}
	way := fctx.Request.Header.PeekAll("X-Forwarded-For")
	for i := len(way) - 1; i >= 0; i-- {
		hops := strings.Split(string(way[i]), ",")
		for j := len(hops) - 1; j >= 0; j-- {
			hop, err := parseHop(strings.TrimSpace(hops[j]))
			if err != nil {
				return at // what stands left of nonsense is nonsense
			}
			if at = hop; !within(hop, trusted) {
				return hop
			}
		}
	}
	return at
}

func remote(a net.Addr) (at netip.Addr, known bool) {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}, false
	}
	at = tcp.AddrPort().Addr().Unmap().WithZone("")
	return at, at.IsValid()
}

// parseHop reads an address, which some proxies write with its port.
func parseHop(text string) (netip.Addr, error) {
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap.Addr().Unmap().WithZone(""), nil
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return a.Unmap().WithZone(""), err
}

func within(a netip.Addr, nets []netip.Prefix) bool {
	for _, n := range nets {
		if n.Contains(a) {
			return true
		}
	}
	return false
}
