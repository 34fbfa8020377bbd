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
func rate(p *limit.Rate) field { return fieldOf[limit.Rate]{p, limit.ParseRate, quoteOf[limit.Rate]} }

// roleRates are rates by role: anon=50/s, authenticated=500/s.
func roleRates(p *[]limit.RoleRate) field {
	return fieldOf[[]limit.RoleRate]{p, limit.ParseRoleRates, quoteEach(func(r limit.RoleRate) string { return r.Role + "=" + r.Rate.String() })}
}

// quoteEach writes a list, each item by show, with commas between.
func quoteEach[T any](show func(T) string) func([]T) string {
	return func(items []T) string {
		var parts []string
		for _, item := range items {
			parts = append(parts, show(item))
		}
		return quoteList(parts)
	}
}

// RoleTimeout is how long one statement of a role may take.
type RoleTimeout struct {
	Role    string
	Timeout time.Duration // >= 1 ms
}

// roleTimeouts are timeouts by role: anon=5s, authenticated=30s.
func roleTimeouts(p *[]RoleTimeout) field {
	return fieldOf[[]RoleTimeout]{p, parseTimeouts, quoteEach(func(r RoleTimeout) string { return r.Role + "=" + r.Timeout.String() })}
}

func parseTimeouts(text string) ([]RoleTimeout, error) {
	var list []RoleTimeout
	for part := range strings.SplitSeq(text, ",") {
		role, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		d, err := parseSpan(value)
		known := slices.ContainsFunc(list, func(r RoleTimeout) bool { return r.Role == role })
		if !ok || role == "" || err != nil || d < time.Millisecond || known {
			return nil, errors.New("is not a list of durations by role such as anon=5s, authenticated=30s")
		}
		list = append(list, RoleTimeout{role, d})
	}
	return list, nil
}

// prefixes are networks or single addresses: 10.0.0.0/8, 127.0.0.1.
func prefixes(p *[]netip.Prefix) field {
	return fieldOf[[]netip.Prefix]{p, parsePrefixes, quoteEach(netip.Prefix.String)}
}

func parsePrefixes(text string) ([]netip.Prefix, error) {
	var nets []netip.Prefix
	for part := range strings.SplitSeq(text, ",") {
		net, err := parsePrefix(strings.TrimSpace(part))
		if err != nil {
			return nil, errors.New("is not a list of networks such as 10.0.0.0/8, 127.0.0.1")
		}
		nets = append(nets, net)
	}
	return nets, nil
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
