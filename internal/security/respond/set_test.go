package respond_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/security/respond"
)

func TestSet(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	set := respond.NewSet(map[netip.Prefix]time.Time{
		netip.MustParsePrefix("203.0.113.9/24"):       now.Add(time.Minute),
		netip.MustParsePrefix("198.51.100.7/32"):      now,
		netip.MustParsePrefix("::ffff:192.0.2.1/128"): now.Add(time.Minute),
		netip.MustParsePrefix("2001:db8:7::/48"):      now.Add(time.Minute),
	})
	for text, want := range map[string]bool{
		"203.0.113.1": true, "203.0.114.1": false, "::ffff:203.0.113.1": true, "192.0.2.1": true, "192.0.2.2": false,
		"198.51.100.7":    false, // its time is over
		"2001:db8:7:9::1": true, "2001:db8:7::1%eth0": true, "2001:db8:8::1": false,
	} {
		if got := set.Has(netip.MustParseAddr(text), now); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	if set.Has(netip.Addr{}, now) || respond.NewSet(nil).Has(netip.MustParseAddr("::1"), now) {
		t.Error("nobody is refused")
	}
}

func BenchmarkHas(b *testing.B) {
	now, all := time.Unix(1000, 0), map[netip.Prefix]time.Time{}
	for i := range 10_000 {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		all[netip.PrefixFrom(a, 32-i%4)] = now.Add(time.Hour)
	}
	set, who := respond.NewSet(all), netip.MustParseAddr("203.0.113.1")
	for b.Loop() {
		set.Has(who, now)
	}
}
