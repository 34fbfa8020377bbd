package event

import "net/netip"

// Bits of a network: the part of an address that one site has.
const (
	bits4 = 24
	bits6 = 48
	host6 = 64 // of one host of IPv6, whose addresses change within it
)

// Network returns the /24 of an IPv4 address, the /48 of an IPv6 address.
func Network(a netip.Addr) netip.Prefix {
	if a = a.Unmap().WithZone(""); a.Is4() {
		return prefix(a, bits4)
	}
	return prefix(a, bits6)
}

// Host returns the address of one client: the IPv4 address, or the /64 of IPv6, within
// which a client may take any address it likes.
func Host(a netip.Addr) netip.Prefix {
	if a = a.Unmap().WithZone(""); a.Is4() {
		return prefix(a, a.BitLen())
	}
	return prefix(a, host6)
}

// prefix is the zero Prefix for the zero Addr.
func prefix(a netip.Addr, bits int) netip.Prefix {
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
