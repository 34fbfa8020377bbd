package config

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/edge/limit"
)

// rate is a number of requests in a time: 100/s, 600/m.
type rate struct{ ref[limit.Rate] }

func (f rate) set(text string) (err error) { *f.p, err = limit.ParseRate(text); return err }
func (f rate) dump() string                { return quote(f.p.String()) }

// roleRates are rates by role: anon=50/s, authenticated=500/s.
type roleRates struct{ ref[[]limit.RoleRate] }

func (f roleRates) set(text string) (err error) { *f.p, err = limit.ParseRoleRates(text); return err }

func (f roleRates) dump() string {
	var parts []string
	for _, r := range *f.p {
		parts = append(parts, r.Role+"="+r.Rate.String())
	}
	return quote(strings.Join(parts, ","))
}

// RoleTimeout is how long one statement of a role may take.
type RoleTimeout struct {
	Role    string
	Timeout time.Duration // >= 1 ms
}

// roleTimeouts are timeouts by role: anon=5s, authenticated=30s.
type roleTimeouts struct{ ref[[]RoleTimeout] }

func (f roleTimeouts) set(text string) error {
	var list []RoleTimeout
	for part := range strings.SplitSeq(text, ",") {
		role, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		var d time.Duration
		err := span{at(&d)}.set(value)
		known := slices.ContainsFunc(list, func(r RoleTimeout) bool { return r.Role == role })
		if !ok || role == "" || err != nil || d < time.Millisecond || known {
			return errors.New("is not a list of durations by role such as anon=5s, authenticated=30s")
		}
		list = append(list, RoleTimeout{role, d})
	}
	*f.p = list
	return nil
}

func (f roleTimeouts) dump() string {
	var parts []string
	for _, r := range *f.p {
		parts = append(parts, r.Role+"="+r.Timeout.String())
	}
	return quote(strings.Join(parts, ","))
}

// prefixes are networks or single addresses: 10.0.0.0/8, 127.0.0.1.
type prefixes struct{ ref[[]netip.Prefix] }

func (f prefixes) set(text string) error {
	var nets []netip.Prefix
	for part := range strings.SplitSeq(text, ",") {
		net, err := parsePrefix(strings.TrimSpace(part))
		if err != nil {
			return errors.New("is not a list of networks such as 10.0.0.0/8, 127.0.0.1")
		}
		nets = append(nets, net)
	}
	*f.p = nets
	return nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		net, err := netip.ParsePrefix(text)
		return net.Masked(), err
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return a.Unmap().WithZone("").Prefix(a.Unmap().BitLen())
}

func (f prefixes) dump() string {
	var parts []string
	for _, p := range *f.p {
		parts = append(parts, p.String())
	}
	return quote(strings.Join(parts, ","))
}
