package detect

import (
	"maps"
	"net/netip"
	"slices"
	"time"

	"github.com/romashka/sidecar/internal/security/event"
)

const (
	// settled is how long a network or device must have been a user's before it
	// speaks for him: one that an attacker brought yesterday does not.
	settled = 24 * time.Hour
	// forgotten is when it is new again.
	forgotten = 30 * day

	maxNetworks  = 64  // of a user
	maxDevices   = 32  // of a user
	maxPairs     = 8   // network and device, of a session
	maxSightings = 6   // places of a user
	maxFactors   = 8   // of a user
	maxHours     = 720 // with traffic, of a user: 30 days

	maxResidents = 32 // users of a network, counted no further
)

// seen is since when, until when and on how many days something was there.
type seen struct {
	First, Last event.Moment
	Days        int
}

func (s seen) again(now event.Moment) seen {
	switch {
	case s.First == 0 || now.Sub(s.Last) > forgotten:
		return seen{now, now, 1}
	case dayOf(now) != dayOf(s.Last):
		s.Days++
	}
	s.Last = max(s.Last, now)
	return s
}

// known reports whether it speaks for its user at now.
func (s seen) known(now event.Moment) bool {
	return s.First != 0 && now.Sub(s.First) >= settled && now.Sub(s.Last) <= forgotten
}

// new reports whether it was not there within span.
func (s seen) new(now event.Moment, span time.Duration) bool {
	return s.First == 0 || now.Sub(s.Last) > span
}

func dayOf(m event.Moment) int64  { return int64(m) / day.Microseconds() }
func hourOf(m event.Moment) int64 { return int64(m) / hour.Microseconds() }

// remember adds or renews k, and forgets the one longest unseen above most.
func remember[K comparable](m map[K]seen, k K, now event.Moment, most int) {
	m[k] = m[k].again(now)
	for len(m) > most {
		oldest, found := k, false
		for other, s := range m {
			if !found || s.Last < m[oldest].Last {
				oldest, found = other, true
			}
		}
		delete(m, oldest)
	}
}

// Person holds the known facts of a user beside his events.
type Person struct {
	Role    string
	Created event.Moment // 0 = not known
}

// adminRoles are the roles that make an incident graver. Read-only.
var adminRoles = []string{"admin", "security_admin", "compliance_admin", "super_admin", "owner"}

func (p Person) admin() bool { return slices.Contains(adminRoles, p.Role) }

// device is a user agent without its version.
type device struct{ Family, System string }

// user is the memory of one.
type user struct {
	Networks map[netip.Prefix]seen
	Devices  map[device]seen

	Sessions    int // that began
	LastSession event.Moment
	LastSeen    event.Moment

	NewNetwork event.Moment // when a network new to him was last used
	NewAddress netip.Addr   // from there

	Sightings []sighting
	Begun     window // sessions of late; key: network

	Codes, SlowCodes window // refused codes
	Factors          []factor

	Forbidden, SlowForbidden window // key: path
	Limited, SlowLimited     window
	Minutes                  tally // requests
	Taken                    tally // bytes answered, by minutes of an hour
	Traffic                  []traffic
}

// traffic is a user's share of an hour.
type traffic struct {
	Hour  int64 // since 1970
	Bytes int64
	Peak  int // requests in five minutes
}

// sighting is a user at a place.
type sighting struct {
	At      event.Moment
	Row     string
	Place   event.Place
	Network netip.Prefix
	Address netip.Addr
}

// factor is a second factor that took a code, or was added.
type factor struct {
	At event.Moment
	ID string
}

func newUser() *user {
	return &user{Networks: map[netip.Prefix]seen{}, Devices: map[device]seen{}}
}

func (u *user) clone() *user {
	c := *u
	c.Networks, c.Devices = maps.Clone(u.Networks), maps.Clone(u.Devices)
	c.Sightings, c.Factors, c.Traffic = slices.Clone(u.Sightings), slices.Clone(u.Factors), slices.Clone(u.Traffic)
	for _, w := range []*window{&c.Begun, &c.Codes, &c.SlowCodes, &c.Forbidden, &c.SlowForbidden, &c.Limited, &c.SlowLimited} {
		*w = slices.Clone(*w)
	}
	c.Minutes, c.Taken = slices.Clone(u.Minutes), slices.Clone(u.Taken)
	return &c
}

// host is the memory of one client: an IPv4 address, a /64 of IPv6.
type host struct {
	Last event.Moment

	Refused, SlowRefused window // sign-ins; key: account
	Entered              window // sessions of users who are known here; key: user
	Pending              event.Moment
	PendingAgent         string

	Codes          window // refused; key: user
	Dead, SlowDead window // 403 and 404; key: path
	Asked          tally  // requests, by the minute
	Payloads       window
	Limited        window
	SlowLimited    window
	Errors         window
}

func (h *host) clone() *host {
	c := *h
	for _, w := range []*window{
		&c.Refused, &c.SlowRefused, &c.Entered, &c.Codes, &c.Dead, &c.SlowDead, &c.Payloads, &c.Limited, &c.SlowLimited, &c.Errors,
	} {
		*w = slices.Clone(*w)
	}
	c.Asked = slices.Clone(h.Asked)
	return &c
}

// session is the memory of one: the places and devices it was used on.
type session struct {
	Pairs []pair
	Last  event.Moment
}

type pair struct {
	Network netip.Prefix
	Device  device
	Address netip.Addr
	First   event.Moment
	Last    event.Moment
	Row     string // the last
}

func (h *session) clone() *session { return &session{Pairs: slices.Clone(h.Pairs), Last: h.Last} }

// residents are the users of a network.
type residents struct{ Users map[string]event.Moment }

func (r *residents) clone() *residents { return &residents{Users: maps.Clone(r.Users)} }

func (r *residents) add(user string, now event.Moment) {
	if _, ok := r.Users[user]; ok || len(r.Users) < maxResidents {
		r.Users[user] = now
	}
}

// overall is the memory of the whole tenant.
type overall struct {
	Refused window // sign-ins; key: network
	Hourly  tally  // the same, each network counted no more than Spray.PerNetwork
	PerHour map[netip.Prefix]int
	Hour    int64
	Errors  window // answers of 5xx; key: client
	Asked   tally  // requests, by the minute
}

func (o *overall) clone() *overall {
	return &overall{
		Refused: slices.Clone(o.Refused), Hourly: slices.Clone(o.Hourly), PerHour: maps.Clone(o.PerHour), Hour: o.Hour,
		Errors: slices.Clone(o.Errors), Asked: slices.Clone(o.Asked),
	}
}

// learn adds an event to the memory of its user; the rules have looked at it
// before.
func (d *Detector) learn(s *scene) {
	if s.user == nil {
		return
	}
	u := s.user
	u.LastSeen = max(u.LastSeen, s.At)
	if s.network.IsValid() {
		if u.Networks[s.network].new(s.At, forgotten) && u.Sessions > 0 {
			u.NewNetwork, u.NewAddress = s.At, s.Address
		}
		remember(u.Networks, s.network, s.At, maxNetworks)
		d.networks.at(s.network.String(), func() *residents { return &residents{Users: map[string]event.Moment{}} }).add(s.User, s.At)
	}
	if s.Agent != "" {
		remember(u.Devices, s.device, s.At, maxDevices)
	}
	if s.Kind == event.Session {
		u.Sessions++
		u.LastSession = max(u.LastSession, s.At)
	}
	u.see(s)
}

// see keeps the place, one for each network.
func (u *user) see(s *scene) {
	if !s.Place.Known() || !s.network.IsValid() {
		return
	}
	now := sighting{At: s.At, Row: s.ID, Place: s.Place, Network: s.network, Address: s.Address}
	i := slices.IndexFunc(u.Sightings, func(g sighting) bool { return g.Network == s.network })
	if i >= 0 {
		if was := u.Sightings[i].Place; !now.Place.Positioned && was.Positioned && was.Country == now.Place.Country {
			now.Place = was // a request tells less than its session
		}
		u.Sightings = slices.Delete(u.Sightings, i, i+1)
	}
	u.Sightings = append(u.Sightings, now)
	if n := len(u.Sightings); n > maxSightings {
		u.Sightings = slices.Delete(u.Sightings, 0, n-maxSightings)
	}
}

func newOverall() *overall { return &overall{PerHour: map[netip.Prefix]int{}} }
