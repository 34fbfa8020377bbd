package detect

import (
	"net/netip"
	"slices"
	"time"

	"github.com/romashka/sidecar/internal/security/event"
)

// Severity of an incident; None where a rule's threshold is not crossed.
type Severity int

// Severities, in order.
const (
	None Severity = iota
	Low
	Medium
	High
	Critical
)

// severities are their names in the tables. Read-only.
var severities = [...]string{"", "low", "medium", "high", "critical"}

func (s Severity) String() string { return severities[min(max(s, 0), Critical)] }

func (s Severity) raised() Severity { return min(s+1, Critical) }

const (
	// quiet ends an episode: a principal that is found again later is a new one.
	quiet = 30 * time.Minute
	// together is how long after an incident another of its principal joins its group.
	together = time.Hour
	// maxSample is how many rows an incident shows.
	maxSample = 10
	// maxEvidence bounds the rows by which two incidents are told apart.
	maxEvidence = 64
)

// Incident is an episode of one rule and one principal: all that the rule saw of
// him until 30 minutes were quiet. It holds no row twice.
type Incident struct {
	Rule      string
	Severity  Severity
	Principal string     // the one it is about: "user ...", "address ...", "session ...", "all"
	User      string     // UUID; "" = nobody is named
	Address   netip.Addr // zero = none
	Session   string     // hash; "" = none
	FirstSeen event.Moment
	// DetectedAt is the time of the row that crossed the threshold.
	DetectedAt event.Moment
	LastSeen   event.Moment
	Count      int // rows of the episode
	Title      string
	Threshold  string   // the threshold that was crossed, in words
	Sample     []string // ids of rows, at most ten
	Group      string   // equal for incidents that belong together; "" = alone
	Key        string   // rule, principal and begin of the episode

	Evidence []string // ids of the rows it opened on
	Raised   bool     // by one step, for the group's sake
	Familiar bool     // on a network and device that the user is known by
}

func (i *Incident) clone() *Incident {
	c := *i
	return &c // its slices are not written again
}

// finding is a rule's judgement of an event: whom it is about, and how grave, None
// where it only goes on with an episode that is open.
type finding struct {
	principal string
	severity  Severity
	user      string
	address   netip.Addr
	session   string
	rows      window // that crossed the threshold, the present one last
	title     string
	threshold string
}

// episode is the open incident of a rule and principal.
func (d *Detector) episode(rule, principal string) (*Incident, bool) {
	i, ok := d.incidents.get(rule + " " + principal)
	if !ok || d.now.Sub(i.LastSeen) >= quiet {
		return nil, false
	}
	return i, true
}

// over reports whether the principal's last episode of the rule has ended; the
// rows of it are not to be counted again, and the answer is given once.
func (d *Detector) over(rule, principal string) bool {
	key := rule + " " + principal
	i, ok := d.incidents.get(key)
	if !ok || i.Rule == "" || d.now.Sub(i.LastSeen) < quiet {
		return false
	}
	closed := i.clone()
	closed.Rule = "" // remembered as told
	d.incidents.set(key, closed)
	return true
}

// raise opens an incident, or goes on with the open one. The present event is its
// last row.
func (d *Detector) raise(s *scene, rule string, f finding) {
	i, open := d.episode(rule, f.principal)
	switch {
	case open && i.Rule != "":
		i.LastSeen = s.At
		i.Count += s.Weight()
		if f.severity > i.base() {
			i.Severity = f.severity
			if i.Raised {
				i.Severity = i.Severity.raised()
			}
			i.Threshold, i.Title = f.threshold, f.title
		}
		i.name(f)
		d.change(i)
	case f.severity != None:
		d.open(s, rule, f)
	}
}

// base is the severity that the rule itself gave.
func (i *Incident) base() Severity {
	if i.Raised && i.Severity > Low {
		return i.Severity - 1
	}
	return i.Severity
}

// name adds whom else the finding names.
func (i *Incident) name(f finding) {
	if i.User == "" {
		i.User = f.user
	}
	if !i.Address.IsValid() {
		i.Address = f.address
	}
	if i.Session == "" {
		i.Session = f.session
	}
}

func (d *Detector) open(s *scene, rule string, f finding) {
	// The evidence of this principal's last episode is not told twice.
	if last, ok := d.incidents.get(rule + " " + f.principal); ok {
		f.rows = f.rows.within(s.At, s.At.Sub(last.LastSeen.Add(quiet))+time.Microsecond)
	}
	first := s.At
	if len(f.rows) > 0 {
		first = f.rows[0].At
	}
	i := &Incident{
		Rule: rule, Severity: f.severity, Principal: f.principal, User: f.user, Address: f.address, Session: f.session,
		FirstSeen: first, DetectedAt: s.At, LastSeen: s.At, Count: max(1, f.rows.count()), Title: f.title, Threshold: f.threshold,
		Sample: f.rows.sample(maxSample), Evidence: f.rows.sample(maxEvidence),
		Key:      rule + ":" + f.principal + ":" + first.Time().Format(time.RFC3339Nano),
		Familiar: s.familiar(),
	}
	d.incidents.set(rule+" "+f.principal, i)
	d.join(i)
	d.change(i)
}

// join puts i into the group of incidents of the same user, address or session,
// and of a spray that goes on. If two rules saw different rows, the graver
// incident is raised by a step, once, and never on a network and device that the
// user is known by: there two rules see one honest person twice.
func (d *Detector) join(i *Incident) {
	for _, principal := range i.about() {
		list := d.lately.at(principal, func() *recent { return &recent{} })
		list.prune(d.now)
		for _, key := range list.Keys {
			if other, ok := d.incidents.get(key); ok && other.Rule != "" && other.Rule != i.Rule {
				d.link(i, other)
			}
		}
		list.add(i.Rule+" "+i.Principal, d.now)
	}
}

func (d *Detector) link(i, other *Incident) {
	if other.Group == "" {
		other.Group = other.Key
	}
	if i.Group == "" {
		i.Group = other.Group
	}
	d.change(other)
	if i.Familiar || other.Familiar || overlap(i.Evidence, other.Evidence) || i.Principal == everybody || other.Principal == everybody {
		return
	}
	grave := other
	if i.Severity >= other.Severity {
		grave = i
	}
	if !grave.Raised {
		grave.Raised, grave.Severity = true, grave.Severity.raised()
	}
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(id string) bool { return slices.Contains(b, id) })
}

// everybody is the principal of an incident that concerns the whole tenant.
const everybody = "all"

// about are the principals that i names.
func (i *Incident) about() []string {
	if i.Principal == everybody {
		return []string{everybody}
	}
	var list []string
	if i.User != "" {
		list = append(list, "user "+i.User)
	}
	if i.Address.IsValid() {
		list = append(list, "address "+event.Host(i.Address).String())
	}
	if i.Session != "" {
		list = append(list, "session "+i.Session)
	}
	return list
}

// recent are the incidents of a principal within the last hour.
type recent struct {
	Keys []string
	At   []event.Moment
}

func (r *recent) clone() *recent { return &recent{Keys: slices.Clone(r.Keys), At: slices.Clone(r.At)} }

func (r *recent) prune(now event.Moment) {
	n := 0
	for n < len(r.At) && now.Sub(r.At[n]) > together {
		n++
	}
	r.Keys, r.At = slices.Delete(r.Keys, 0, n), slices.Delete(r.At, 0, n)
}

// maxRecent bounds the incidents by which one is grouped.
const maxRecent = 32

func (r *recent) add(key string, now event.Moment) {
	if len(r.Keys) < maxRecent {
		r.Keys, r.At = append(r.Keys, key), append(r.At, now)
	}
}
