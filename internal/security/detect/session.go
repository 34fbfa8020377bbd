package detect

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/romashka/sidecar/internal/security/event"
)

// newDevice looks for a session where neither network nor device are the user's.
func (d *Detector) newDevice(s *scene) {
	if s.Kind != event.Session || s.user == nil || s.host == nil {
		return
	}
	t, u := &d.t.NewDevice, s.user
	if u.Sessions < t.Sessions || s.person.Created != 0 && s.At.Sub(s.person.Created) < t.Age.of() ||
		!u.Networks[s.network].new(s.At, t.Unseen.of()) || !u.Devices[s.device].new(s.At, t.Unseen.of()) {
		return
	}
	f := finding{
		principal: s.userKey(), severity: Low, user: s.User, address: s.Address, rows: window{s.mark("")},
		title: "A session on a new device and network", threshold: "neither was seen within " + short(t.Unseen),
	}
	if s.person.admin() {
		f.severity = Medium
	}
	d.raise(s, "session.new_device", f)
}

// travel compares a place with those where the user was before. Two networks that
// are both long his are a habit: a VPN, a phone whose carrier is abroad.
func (d *Detector) travel(s *scene) {
	if s.user == nil || s.host == nil || !s.Place.Known() || s.Kind == event.Factor {
		return
	}
	t := &d.t.Travel
	for _, was := range s.user.Sightings {
		if was.Network == s.network {
			continue
		}
		took := s.At.Sub(was.At)
		km, positioned := s.Place.Distance(was.Place)
		var threshold string
		switch {
		case positioned && km >= t.Distance && km >= t.Speed*took.Hours():
			threshold = fmt.Sprintf("at least %.0f km at %.0f km/h or more: %.0f km in %s", t.Distance, t.Speed, km, took.Round(minute))
		case !positioned && s.Place.Country != was.Place.Country && s.Place.Country != "" && was.Place.Country != "" && took < t.Countries.of():
			threshold = fmt.Sprintf("two countries within %s: %s and %s", short(t.Countries), was.Place.Country, s.Place.Country)
		default:
			continue
		}
		if s.user.Networks[s.network].known(s.At) && s.user.Networks[was.Network].known(s.At) {
			continue
		}
		severity := High
		if took > t.Back.of() && s.familiar() {
			severity = Low // he is back where he is known; the other place was told of by its own session
		}
		d.raise(s, "session.impossible_travel", finding{
			principal: s.userKey(), severity: severity, user: s.User, address: d.stranger(s, was.Network, was.Address), threshold: threshold,
			rows: window{{At: was.At, Row: was.Row, Weight: 1}, s.mark("")}, title: "A user in two places at a time",
		})
		return
	}
}

// stranger is the address of the two that the user is less known by.
func (d *Detector) stranger(s *scene, other netip.Prefix, address netip.Addr) netip.Addr {
	if s.user != nil && s.user.Networks[s.network].First < s.user.Networks[other].First && s.user.Networks[s.network].First != 0 {
		return address
	}
	return s.Address
}

// replay looks for a session that is used on two networks and two devices which
// nothing connects: a phone that changes its network keeps its browser, an app
// that opens a web view keeps its network.
func (d *Detector) replay(s *scene) {
	const rule = "session.token_replay"
	if s.Kind != event.Request || s.host == nil {
		return
	}
	if s.Reuse() {
		d.raise(s, rule, finding{
			principal: s.hostKey(), severity: d.graver(s, High), user: s.User, address: s.Address, rows: window{s.mark("")},
			title: "A refresh token was used twice", threshold: "Supabase Auth refused it as " + s.ErrorCode,
		})
		return
	}
	if s.Session == "" || s.Service {
		return
	}
	held := d.sessions.at(s.Session, func() *session { return &session{} })
	f := finding{principal: "session " + s.Session, user: s.User, session: s.Session, title: "One session on two networks and devices"}
	if s.Agent != "" {
		f.severity, f.rows, f.address, f.threshold = d.apart(s, held)
	}
	d.raise(s, rule, f)
	held.use(s)
}

// apart compares the present request with where the session was used before.
func (d *Detector) apart(s *scene, held *session) (Severity, window, netip.Addr, string) {
	t := &d.t.Replay
	for _, p := range held.Pairs {
		gap := s.At.Sub(p.Last)
		if p.Network == s.network || p.Device == s.device || gap >= t.SlowWindow.of() ||
			held.has(p.Network, s.device) || held.has(s.network, p.Device) {
			continue
		}
		strange := s.user == nil || !s.user.Networks[s.network].known(s.At) || !s.user.Networks[p.Network].known(s.At)
		if !strange && s.device.System == p.Device.System {
			continue // his phone between two networks of his
		}
		rows := window{{At: p.Last, Row: p.Row, Weight: 1}, s.mark("")}
		if gap < t.Window.of() {
			return d.graver(s, High), rows, d.stranger(s, p.Network, p.Address), "two networks and two devices within " + short(t.Window)
		}
		if s.user != nil && s.user.Networks[s.network].new(s.At, forgotten) && s.user.Devices[s.device].new(s.At, forgotten) {
			return Medium, rows, s.Address, "a network and a device new to the user, within " + short(t.SlowWindow)
		}
	}
	return None, nil, netip.Addr{}, ""
}

// graver is critical for admins.
func (d *Detector) graver(s *scene, severity Severity) Severity {
	if s.person.admin() {
		return Critical
	}
	return severity
}

func (h *session) has(network netip.Prefix, on device) bool {
	return slices.ContainsFunc(h.Pairs, func(p pair) bool { return p.Network == network && p.Device == on })
}

// use keeps where the session is used, the longest unused forgotten first.
func (h *session) use(s *scene) {
	h.Last = s.At
	if s.Agent == "" {
		return
	}
	now := pair{Network: s.network, Device: s.device, Address: s.Address, First: s.At, Last: s.At, Row: s.ID}
	if i := slices.IndexFunc(h.Pairs, func(p pair) bool { return p.Network == s.network && p.Device == s.device }); i >= 0 {
		now.First = h.Pairs[i].First
		h.Pairs = slices.Delete(h.Pairs, i, i+1)
	}
	h.Pairs = append(h.Pairs, now)
	if n := len(h.Pairs); n > maxPairs {
		h.Pairs = slices.Delete(h.Pairs, 0, n-maxPairs)
	}
}

// concurrent counts the networks on which sessions of a user began. Those that he
// is known by count, but do not make it an incident by themselves.
func (d *Detector) concurrent(s *scene) {
	if s.Kind != event.Session || s.user == nil || s.host == nil {
		return
	}
	t, u := &d.t.Concurrent, s.user
	m := s.mark(s.network.String())
	u.Begun.add(m, t.Window.of(), most(t.High))
	n, strange := u.Begun.distinct(), d.unknownNetworks(s)
	f := finding{principal: s.userKey(), user: s.User, address: s.Address, rows: u.Begun, title: "Sessions of one user on many networks"}
	switch {
	case strange < t.New:
	case n >= t.High:
		f.severity, f.threshold = High, atLeast(t.High, "networks", t.Window)
	case n >= t.Medium:
		f.severity, f.threshold = Medium, atLeast(t.Medium, "networks", t.Window)
	}
	d.raise(s, "session.concurrent", f)
}

// unknownNetworks is how many of the sessions of late began on networks that the
// user is not known by.
func (d *Detector) unknownNetworks(s *scene) int {
	known := map[uint64]bool{}
	for network, since := range s.user.Networks {
		if since.known(s.At) {
			known[keyOf(network.String())] = true
		}
	}
	strange := map[uint64]bool{}
	for _, m := range s.user.Begun {
		if !known[m.Key] {
			strange[m.Key] = true
		}
	}
	return len(strange)
}

// dormant looks for the first session after months.
func (d *Detector) dormant(s *scene) {
	if s.Kind != event.Session || s.user == nil || s.user.LastSession == 0 {
		return
	}
	t := &d.t.Dormant
	if s.At.Sub(max(s.user.LastSession, s.user.LastSeen)) < t.After.of() {
		return
	}
	f := finding{
		principal: s.userKey(), severity: Low, user: s.User, address: s.Address, rows: window{s.mark("")},
		title: "An account that was long unused", threshold: "no session for " + short(t.After),
	}
	if s.person.admin() {
		f.severity = High
	}
	d.raise(s, "account.dormant_login", f)
}
