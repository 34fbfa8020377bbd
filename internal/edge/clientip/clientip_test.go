package clientip_test

import (
	"net"
	"net/netip"
	"testing"

	"github.com/romashka/sidecar/internal/edge/clientip"
)

func TestClient(t *testing.T) {
	t.Parallel()
	var trust clientip.Trust
	for _, text := range []string{"10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32", "::1/128"} {
		trust = append(trust, netip.MustParsePrefix(text))
	}
	for _, tt := range []struct {
		name, remote string // remote "" = a Unix socket
		lines        []string
		want         string // "" = none
	}{
		{name: "direct", remote: "203.0.113.9", want: "203.0.113.9"},
		{name: "an untrusted header", remote: "203.0.113.9", lines: []string{"198.51.100.1"}, want: "203.0.113.9"},
		{name: "one proxy", remote: "10.1.1.1", lines: []string{"198.51.100.1"}, want: "198.51.100.1"},
		{name: "forged entries stand left", remote: "10.1.1.1", lines: []string{"1.1.1.1, 198.51.100.1"}, want: "198.51.100.1"},
		{name: "two proxies", remote: "10.1.1.1", lines: []string{"1.1.1.1, 198.51.100.1, 192.0.2.1"}, want: "198.51.100.1"},
		{name: "several lines", remote: "10.1.1.1", lines: []string{"1.1.1.1", "198.51.100.1", "10.2.2.2"}, want: "198.51.100.1"},
		{name: "all trusted", remote: "10.1.1.1", lines: []string{"10.3.3.3, 10.2.2.2"}, want: "10.3.3.3"},
		{name: "no address ends it", remote: "10.1.1.1", lines: []string{"198.51.100.1, unknown, 10.2.2.2"}, want: "10.2.2.2"},
		{name: "empty", remote: "10.1.1.1", lines: []string{""}, want: "10.1.1.1"},
		{name: "port", remote: "10.1.1.1", lines: []string{"198.51.100.1:4711"}, want: "198.51.100.1"},
		{name: "brackets and port", remote: "::1", lines: []string{"[2001:db9::7]:4711"}, want: "2001:db9::7"},
		{name: "brackets", remote: "::1", lines: []string{"[2001:db9::7]"}, want: "2001:db9::7"},
		{name: "version 4 in 6", remote: "::ffff:10.1.1.1", lines: []string{"::ffff:198.51.100.1"}, want: "198.51.100.1"},
		{name: "zone", remote: "10.1.1.1", lines: []string{"fe80::1%eth0"}, want: "fe80::1"},
		{name: "socket", want: ""},
		{name: "socket with a header", lines: []string{"198.51.100.1"}, want: "198.51.100.1"},
	} {
		var remote netip.Addr
		if tt.remote != "" {
			remote = clientip.Of(net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(tt.remote), 1)))
		}
		got := ""
		if a := trust.Client(remote, tt.lines); a.IsValid() {
			got = a.String()
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestNobodyIsTrustedByDefault(t *testing.T) {
	t.Parallel()
	var nobody clientip.Trust
	if a := netip.MustParseAddr("127.0.0.1"); nobody.Has(a) {
		t.Errorf("%v is trusted", a)
	}
	if got := clientip.Of(&net.UnixAddr{Name: "/run/x"}); got.IsValid() {
		t.Errorf("a Unix socket has address %v", got)
	}
}
