package clientip_test

import (
	"net/netip"
	"testing"

	"github.com/romashka/sidecar/internal/edge/clientip"
)

func TestTelling(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"X-Forwarded-For", "x-forwarded-for", "X_FORWARDED_FOR", "X-Forwarded-Client-Cert", "Forwarded", "X-Original-Forwarded-For", "X-Vercel-Forwarded-For",
		"X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "Fastly-Client-IP", "Fly-Client-IP", "CF-Connecting-IP", "CF-Connecting-IPv6",
		"CF-Pseudo-IPv4", "CF-IPCountry", "CF-Ray", "CF-Visitor", "CF-Worker", "Cf-Access-Jwt-Assertion", "Sb-Forwarded-For", "sb-anything", "X-Envoy-External-Address",
		"X-Envoy-Original-Path", "X-Original-URL", "X-Original-Host", "X-Rewrite-URL", "X-Azure-ClientIP", "X-Azure-SocketIP", "X-Appengine-User-IP",
		"X-ProxyUser-IP", "X-Remote-IP", "X-Remote-Addr", "Wl-Proxy-Client-IP", "X-Originating-IP", "CloudFront-Viewer-Address", "X-Host", "X-HTTP-Host-Override", "Front-End-Https",
		"X-IP", "X-Peer-IP", "X-Proxy-Ip", "X_PEER_IP", "X-Nf-Client-Connection-Ip", "X-Cdn-Src-Ip", "X-Vercel-IP-Country", "X-Forward-For", "X-Client-Address",
	} {
		if !clientip.Telling(name) {
			t.Errorf("%s passes", name)
		}
	}
	for _, name := range []string{
		"Authorization", "apikey", "Accept-Profile", "Prefer", "Range", "X-Client-Info", "X-Supabase-Api-Version", "X-Amz-Date", "X-Amz-Content-Sha256",
		"X-Region", "Tus-Resumable", "Upload-Metadata", "X-Upsert", "CDN-Loop", "Via", "Traceparent", "X-Request-Id", "Origin", "Referer", "User-Agent", "Host", "X-Hostage", "X-Recipient", "X-Ship", "Zip",
	} {
		if clientip.Telling(name) {
			t.Errorf("%s does not pass", name)
		}
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"203.0.113.9": "203.0.113.9", "::ffff:203.0.113.9": "203.0.113.9", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::", "fe80::1%eth0": "fe80::",
	} {
		if got := clientip.Network(netip.MustParseAddr(in)); got.String() != want {
			t.Errorf("%s: %v, want %s", in, got, want)
		}
	}
	if got := clientip.Network(netip.Addr{}); got.IsValid() {
		t.Errorf("nobody: %v", got)
	}
}
