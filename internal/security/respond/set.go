package respond

import (
	"net/netip"
	"time"
)

// Set is a set of networks, each for a time. It is never changed.
type Set struct {
	until map[netip.Prefix]time.Time
	bits4 []int // lengths that occur, each once
	bits6 []int
}

// NewSet makes a Set. IPv4 networks that are written as IPv6 are IPv4.
func NewSet(until map[netip.Prefix]time.Time) *Set {
	s := &Set{until: make(map[netip.Prefix]time.Time, len(until))}
	seen4, seen6 := [33]bool{}, [129]bool{}
	for p, t := range until {
		if p = plain(p); !p.IsValid() {
			continue
		}
		s.until[p] = t
		switch bits := p.Bits(); {
		case p.Addr().Is4() && !seen4[bits]:
			seen4[bits], s.bits4 = true, append(s.bits4, bits)
		case p.Addr().Is6() && !seen6[bits]:
			seen6[bits], s.bits6 = true, append(s.bits6, bits)
		}
	}
	return s
}

// Has reports whether a is in one of the networks, at a moment.
func (s *Set) Has(a netip.Addr, now time.Time) bool {
	if len(s.until) == 0 || !a.IsValid() {
		return false
	}
	a = a.Unmap().WithZone("")
	bits := s.bits6
	if a.Is4() {
		bits = s.bits4
	}
	for _, n := range bits {
		p, err := a.Prefix(n)
		if err != nil {
			continue
		}
		if until, ok := s.until[p]; ok && now.Before(until) {
			return true
		}
	}
	return false
}

// Len is the number of networks.
func (s *Set) Len() int { return len(s.until) }

func plain(p netip.Prefix) netip.Prefix {
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked()
}
