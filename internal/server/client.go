package server

import (
	"net/netip"

	"github.com/valyala/fasthttp"

	"github.com/romashka/sidecar/internal/peer"
)

// clientAddress is who asks, as far as it can be believed.
func clientAddress(fctx *fasthttp.RequestCtx, trusted []netip.Prefix) netip.Addr {
	at, trust := peer.Of(fctx.RemoteAddr()), peer.Trust(trusted)
	if !trust.Has(at) {
		return at
	}
	var way []string
	for _, line := range fctx.Request.Header.PeekAll("X-Forwarded-For") {
		way = append(way, string(line))
	}
	return trust.Client(at, way)
}
