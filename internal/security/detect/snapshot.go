package detect

import (
	"encoding/gob"
	"fmt"
	"io"
	"net/netip"

	"github.com/romashka/sidecar/internal/security/event"
)

// Form of a snapshot. One of another form is not read: the rows of thirty days
// make it anew.
const Form = 1

// snapshot is the settled state.
type snapshot struct {
	Now       event.Moment
	Swept     int64
	Hosts     map[netip.Prefix]*host
	Users     map[string]*user
	Sessions  map[string]*session
	Networks  map[string]*residents
	Tenant    map[string]*overall
	Incidents map[string]*Incident
	Lately    map[string]*recent
}

// Save writes the settled state of s: with the rows since Settled, it is all of s.
func (s *Stream) Save(w io.Writer) error {
	d := s.d
	now := d.now
	if len(d.nows) > 0 {
		now = d.nows[0]
	}
	err := gob.NewEncoder(w).Encode(snapshot{
		Now: now, Swept: d.swept, Hosts: d.hosts.layers[0], Users: d.users.layers[0], Sessions: d.sessions.layers[0],
		Networks: d.networks.layers[0], Tenant: d.tenant.layers[0], Incidents: d.incidents.layers[0], Lately: d.lately.layers[0],
	})
	if err != nil {
		return fmt.Errorf("write the memory of detection: %w", err)
	}
	return nil
}

// Load reads the output of Save into d, which has seen nothing.
func (d *Detector) Load(r io.Reader) error {
	var s snapshot
	if err := gob.NewDecoder(r).Decode(&s); err != nil {
		return fmt.Errorf("read the memory of detection: %w", err)
	}
	for _, u := range s.Users { // an empty map may come back as none
		if u.Networks == nil {
			u.Networks = map[netip.Prefix]seen{}
		}
		if u.Devices == nil {
			u.Devices = map[device]seen{}
		}
	}
	for _, r := range s.Networks {
		if r.Users == nil {
			r.Users = map[string]event.Moment{}
		}
	}
	for _, o := range s.Tenant {
		if o.PerHour == nil {
			o.PerHour = map[netip.Prefix]int{}
		}
	}
	d.now, d.swept = s.Now, s.Swept
	fill(&d.hosts, s.Hosts)
	fill(&d.users, s.Users)
	fill(&d.sessions, s.Sessions)
	fill(&d.networks, s.Networks)
	fill(&d.tenant, s.Tenant)
	fill(&d.incidents, s.Incidents)
	fill(&d.lately, s.Lately)
	return nil
}

func fill[K comparable, V state[V]](t *table[K, V], states map[K]V) {
	if states != nil {
		t.layers[0] = states
	}
}
