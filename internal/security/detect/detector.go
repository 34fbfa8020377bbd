package detect

import (
	"hash/fnv"
	"net/netip"
	"time"

	"github.com/romashka/sidecar/internal/security/event"
)

// Options of a Detector. The zero value has the default thresholds and trusts
// nobody.
type Options struct {
	Thresholds *Thresholds
	Allowed    []Allowed
}

// Detector holds the state of the rules. Its memory is bounded: of a client a
// few windows of at most maxMarks rows, for as long as the longest window; of a
// user the facts that memory.go lists; rules.md has the figures.
type Detector struct {
	t       Thresholds
	allowed []Allowed

	now   event.Moment   // of the last event
	nows  []event.Moment // below each layer
	swept int64          // hour

	hosts     table[netip.Prefix, *host]
	users     table[string, *user]
	sessions  table[string, *session]
	networks  table[string, *residents]
	tenant    table[string, *overall]
	incidents table[string, *Incident] // the last of each rule and principal
	lately    table[string, *recent]

	people  map[string]Person
	agents  map[string]event.Agent // parsed, as sent
	changed map[string]*Incident
}

// New makes a Detector that has seen nothing.
func New(o Options) *Detector {
	t := Defaults()
	if o.Thresholds != nil {
		t = *o.Thresholds
	}
	return &Detector{
		t: t, allowed: o.Allowed,
		hosts: newTable[netip.Prefix, *host](), users: newTable[string, *user](), sessions: newTable[string, *session](),
		networks: newTable[string, *residents](), tenant: newTable[string, *overall](), incidents: newTable[string, *Incident](),
		lately: newTable[string, *recent](),
		people: map[string]Person{}, agents: map[string]event.Agent{}, changed: map[string]*Incident{},
	}
}

// Set gives d other thresholds and another allow-list; its memory stays.
func (d *Detector) Set(o Options) {
	d.t, d.allowed = Defaults(), o.Allowed
	if o.Thresholds != nil {
		d.t = *o.Thresholds
	}
}

// Know tells who a user is.
func (d *Detector) Know(user string, p Person) { d.people[user] = p }

// Recall tells of a session that began before all events: the last of a user,
// and how many there were.
func (d *Detector) Recall(user string, last event.Moment, sessions int) {
	u := d.users.at(user, newUser)
	u.LastSession, u.LastSeen = max(u.LastSession, last), max(u.LastSeen, last)
	u.Sessions = max(u.Sessions, sessions)
}

// scene is an event with the known facts of its parts.
type scene struct {
	*event.Event
	agent   event.Agent
	device  device
	network netip.Prefix // invalid without an address
	host    *host        // nil without an address
	where   netip.Prefix // of host
	user    *user        // nil where nobody is named
	person  Person
}

// familiar reports whether the network and the device are both such as the user
// is known by.
func (s *scene) familiar() bool {
	return s.user != nil && s.user.Networks[s.network].known(s.At) && s.user.Devices[s.device].known(s.At)
}

func (s *scene) mark(key string) mark {
	return mark{At: s.At, Row: s.ID, Key: keyOf(key), Weight: s.Weight()}
}

func keyOf(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // it cannot fail
	return h.Sum64()
}

func (s *scene) userKey() string { return "user " + s.User }
func (s *scene) hostKey() string { return "address " + s.where.String() }

// Push looks at the next event. Its time is not before that of the last one.
func (d *Detector) Push(e *event.Event) {
	d.now = max(d.now, e.At)
	d.sweep()
	if e.Blocked { // it got nothing: else a refusal would be the reason for the next
		return
	}
	s := d.scene(e)
	exempt := exempt(d.allowed, e)
	if e.Service {
		exempt |= forUsers
	}
	for n := range rules {
		if !exempt.has(n) {
			rules[n].look(d, s)
		}
	}
	d.learn(s)
}

// forUsers are the rules that the service role's key does not feed: it belongs
// to servers, which read all and ask fast.
const forUsers = ruleSet(1<<11 | 1<<12 | 1<<13)

func (d *Detector) scene(e *event.Event) *scene {
	s := &scene{Event: e, agent: d.agent(e.Agent)}
	s.device = device{s.agent.Family, s.agent.System}
	if e.Address.IsValid() {
		s.network, s.where = event.Network(e.Address), event.Host(e.Address)
		s.host = d.hosts.at(s.where, func() *host { return &host{} })
		s.host.Last = max(s.host.Last, e.At)
	}
	if e.User != "" {
		s.user = d.users.at(e.User, newUser)
		s.person = d.people[e.User]
	}
	return s
}

// maxAgents bounds the user agents whose parts are remembered.
const maxAgents = 4096

func (d *Detector) agent(text string) event.Agent {
	a, ok := d.agents[text]
	if !ok {
		if len(d.agents) >= maxAgents {
			clear(d.agents)
		}
		a = event.ParseAgent(text)
		d.agents[text] = a
	}
	return a
}

func (d *Detector) change(i *Incident) { d.changed[i.Key] = i }

// Take returns the incidents that are new or have changed since the last Take, in
// order of detection. Of an incident that changed later the next Take tells again.
func (d *Detector) Take() []Incident {
	list := make([]Incident, 0, len(d.changed))
	for _, i := range d.changed {
		list = append(list, *i)
	}
	clear(d.changed)
	Sort(list)
	return list
}

// idle is how long the state of a quiet key is kept: a little more than the longest
// of the short memories.
func (d *Detector) idle() time.Duration {
	t := &d.t
	return max(25*hour, t.BruteForce.SlowWindow.of(), t.SuccessAfterFail.SlowWindow.of(), t.CodeGuess.SlowWindow.of(), t.Enumeration.SlowWindow.of(),
		t.Payload.SlowWindow.of(), t.Abuse.SlowWindow.of(), t.Forbidden.SlowWindow.of(), t.Replay.SlowWindow.of()) + hour
}

// sweep forgets, once in an hour of the events' time.
func (d *Detector) sweep() {
	if hourOf(d.now) == d.swept || len(d.nows) > 0 {
		return
	}
	d.swept = hourOf(d.now)
	idle := d.idle()
	d.hosts.sweep(func(h *host) bool { return d.now.Sub(h.Last) > idle })
	d.sessions.sweep(func(s *session) bool { return d.now.Sub(s.Last) > idle })
	d.users.sweep(func(u *user) bool { return d.now.Sub(u.LastSeen) > longest })
	d.networks.sweep(func(r *residents) bool {
		for u, at := range r.Users {
			if d.now.Sub(at) > forgotten {
				delete(r.Users, u)
			}
		}
		return len(r.Users) == 0
	})
	d.incidents.sweep(func(i *Incident) bool { return d.now.Sub(i.LastSeen) > idle })
	d.lately.sweep(func(r *recent) bool { r.prune(d.now); return len(r.Keys) == 0 })
}

// push begins a layer of state: later changes can be taken back.
func (d *Detector) push() {
	d.nows = append(d.nows, d.now)
	d.hosts.push()
	d.users.push()
	d.sessions.push()
	d.networks.push()
	d.tenant.push()
	d.incidents.push()
	d.lately.push()
}

// cut takes back all but the first n layers; 0 leaves the settled state.
func (d *Detector) cut(n int) {
	if n >= len(d.nows) {
		return
	}
	d.now, d.nows = d.nows[n], d.nows[:n]
	d.hosts.cut(n + 1)
	d.users.cut(n + 1)
	d.sessions.cut(n + 1)
	d.networks.cut(n + 1)
	d.tenant.cut(n + 1)
	d.incidents.cut(n + 1)
	d.lately.cut(n + 1)
}
