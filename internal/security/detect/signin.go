package detect

import (
	"fmt"
	"slices"
	"time"

	"github.com/romashka/sidecar/internal/security/event"
)

// most is how many marks a window keeps when n cross a threshold.
func most(n int) int { return max(maxMarks, n+1) }

// bruteForce counts refused sign-ins of an address. Behind one address may be an
// office: users who are known on that network and get in speak for it.
func (d *Detector) bruteForce(s *scene) {
	if s.host == nil {
		return
	}
	if s.Kind == event.Session { // who gets in where he is known
		if s.user != nil && s.user.Networks[s.network].known(s.At) {
			s.host.Entered.add(s.mark(s.User), d.t.BruteForce.SlowWindow.of(), maxMarks)
		}
		return
	}
	if !s.SignIn() || !s.Refused() {
		return
	}
	const rule = "auth.bruteforce.ip"
	t, h := &d.t.BruteForce, s.host
	if d.over(rule, s.hostKey()) {
		h.SlowRefused.clear()
	}
	window := max(t.Window.of(), t.HighWindow.of(), d.t.SuccessAfterFail.Window.of())
	h.Refused.add(s.mark(s.Account), window, most(max(t.Medium, t.High)))
	h.SlowRefused.add(s.mark(s.Account), max(t.SlowWindow.of(), d.t.SuccessAfterFail.SlowWindow.of()), most(t.SlowMedium))

	rows, fast, slow := h.Refused.within(s.At, t.Window.of()), h.Refused.within(s.At, t.HighWindow.of()), h.SlowRefused.within(s.At, t.SlowWindow.of())
	n, honest := rows.count(), h.Entered.within(s.At, t.Window.of()).distinct()
	f := finding{principal: s.hostKey(), address: s.Address, rows: rows, title: "Refused sign-ins from one address"}
	switch {
	case fast.count() >= t.High && n >= 2*honest:
		f.severity, f.rows, f.threshold = High, fast, atLeast(t.High, "refused sign-ins", t.HighWindow)
	case n >= t.Medium && n >= 2*honest:
		f.severity, f.threshold = Medium, atLeast(t.Medium, "refused sign-ins", t.Window)
	case n >= t.Low:
		f.severity, f.threshold = Low, atLeast(t.Low, "refused sign-ins", t.Window)
	}
	if n, honest := slow.count(), h.Entered.within(s.At, t.SlowWindow.of()).distinct(); n >= 3*honest {
		switch {
		case n >= t.SlowMedium && f.severity < Medium:
			f.severity, f.rows, f.threshold = Medium, slow, atLeast(t.SlowMedium, "refused sign-ins", t.SlowWindow)
		case n >= t.SlowLow && f.severity < Low:
			f.severity, f.rows, f.threshold = Low, slow, atLeast(t.SlowLow, "refused sign-ins", t.SlowWindow)
		}
	}
	d.raise(s, rule, f)
}

func atLeast(n int, what string, window Duration) string {
	return fmt.Sprintf("at least %d %s within %s", n, what, short(window))
}

// short writes a duration without the zeros that time.Duration adds.
func short(d Duration) string {
	v := d.of()
	switch {
	case v%day == 0 && v > day:
		return fmt.Sprintf("%d days", v/day)
	case v%hour == 0:
		return fmt.Sprintf("%dh", v/hour)
	case v%minute == 0:
		return fmt.Sprintf("%dm", v/minute)
	default:
		return v.String()
	}
}

const history = 14 * day // of the tenant and of a user's requests

// spray counts refused sign-ins over all networks. One loud network is another
// rule's: each counts only so far.
func (d *Detector) spray(s *scene) {
	if !s.SignIn() || !s.Refused() || s.host == nil {
		return
	}
	const rule = "auth.spray.distributed"
	t, o := &d.t.Spray, d.tenant.at("", newOverall)
	if d.over(rule, everybody) {
		o.Refused.clear()
	}
	o.Refused.add(s.mark(s.network.String()), t.Window.of(), most(4*t.Count))
	o.count(s, t.PerNetwork)

	n, networks := o.Refused.counted(t.PerNetwork)
	f := finding{principal: everybody, rows: o.Refused, title: "Refused sign-ins from many networks"}
	usual := o.usual(s.At) * float64(t.Window.of()) / float64(hour)
	if n >= t.Count && networks >= t.Networks && float64(n) >= t.Factor*usual {
		f.severity = High
		f.threshold = fmt.Sprintf("at least %d refused sign-ins from %d networks within %s; usual are %.1f", t.Count, t.Networks, short(t.Window), usual)
	}
	if n*2 >= t.Count || f.severity != None { // mistyped ones do not keep it open
		d.raise(s, rule, f)
	}
}

// count adds a refused sign-in to its hour.
func (o *overall) count(s *scene, perNetwork int) {
	if h := hourOf(s.At); h != o.Hour {
		o.Hour = h
		clear(o.PerHour)
	}
	n := min(s.Weight(), max(0, perNetwork-o.PerHour[s.network]))
	o.PerHour[s.network] += n
	if n > 0 {
		o.Hourly.add(s.At, hour, history+hour, int64(n), n)
	}
}

// usual is the median of refused sign-ins in this hour over 14 days.
func (o *overall) usual(now event.Moment) float64 {
	this, perDay := hourOf(now), int64(day/hour)
	values := make([]int64, history/day)
	for _, slot := range o.Hourly {
		if ago := this - slot.Number; ago > 0 && ago%perDay == 0 && ago/perDay <= int64(len(values)) {
			values[ago/perDay-1] = slot.Amount
		}
	}
	slices.Sort(values)
	return float64(values[len(values)/2]+values[(len(values)-1)/2]) / 2
}

// entrance is how long after a sign-in was accepted its user is looked for: the
// log does not name him there; his session or his first request does.
const entrance = 2 * time.Minute

// successAfterFail looks for a user who gets in where many were refused. He
// himself mistypes at home and on his own device; there it is no incident.
func (d *Detector) successAfterFail(s *scene) {
	const rule = "auth.success_after_fail"
	t, h := &d.t.SuccessAfterFail, s.host
	if h == nil {
		return
	}
	if s.SignIn() && s.Accepted() {
		h.Pending, h.PendingAgent = s.At, s.Agent
		return
	}
	entered := s.Kind == event.Session || s.Kind == event.Request && s.user != nil && h.Pending != 0 &&
		s.At.Sub(h.Pending) < entrance && s.Agent == h.PendingAgent
	if !entered || s.user == nil {
		return
	}
	if s.Kind == event.Request {
		h.Pending = 0
	}
	rows, slow := h.Refused.within(s.At, t.Window.of()), h.SlowRefused.within(s.At, t.SlowWindow.of())
	f := finding{principal: s.userKey(), user: s.User, address: s.Address, rows: rows, title: "A sign-in succeeded after many were refused"}
	switch {
	case rows.count() >= t.Count:
		f.threshold = atLeast(t.Count, "refused sign-ins", t.Window) + ", then a session"
	case slow.count() >= t.SlowCount:
		f.rows, f.threshold = slow, atLeast(t.SlowCount, "refused sign-ins", t.SlowWindow)+", then a session"
	default:
		return
	}
	if d.athome(s) {
		return
	}
	f.rows = append(slices.Clone(f.rows), s.mark(""))
	switch f.severity = High; {
	case s.person.admin():
		f.severity = Critical
	case s.user.Sessions == 0 && f.rows.count() <= 2*t.Count:
		f.severity = Low // a new account knows no home: its owner may mistype
	}
	d.raise(s, rule, f)
}

// few is how many users a network has at most to speak for one of them alone.
const few = 5

// athome reports whether the user is known on the network, and on the device too
// where the network is that of many.
func (d *Detector) athome(s *scene) bool {
	if !s.user.Networks[s.network].known(s.At) {
		return false
	}
	if s.user.Devices[s.device].known(s.At) {
		return true
	}
	r, ok := d.networks.get(s.network.String())
	return !ok || len(r.Users) <= few
}
