package detect

import (
	"fmt"
	"slices"

	"github.com/romashka/sidecar/internal/security/event"
)

// enumeration counts distinct endpoints that are not there, or not for the
// client. A crawler on dead links and a page with dead pictures get other things
// too; who guesses gets little else.
func (d *Detector) enumeration(s *scene) {
	if s.Kind != event.Request || s.host == nil {
		return
	}
	const rule = "api.enumeration"
	t, h := &d.t.Enumeration, s.host
	h.Asked.add(s.At, minute, t.SlowWindow.of(), 0, s.Weight())
	if s.Status != 403 && s.Status != 404 {
		return
	}
	if d.over(rule, s.hostKey()) {
		h.SlowDead.clear()
	}
	m := s.mark(s.Endpoint())
	m.Weight = 1
	h.Dead.add(m, t.Window.of(), most(t.High))
	if !slices.ContainsFunc(h.SlowDead, func(old mark) bool { return old.Key == m.Key }) {
		h.SlowDead.add(m, t.SlowWindow.of(), most(t.SlowMedium))
	} else {
		h.SlowDead.prune(s.At, t.SlowWindow.of())
	}
	f := finding{principal: s.hostKey(), user: s.User, address: s.Address, rows: h.Dead, title: "Endpoints are guessed"}
	n := h.Dead.distinct()
	switch {
	case n >= t.High:
		f.severity, f.threshold = High, atLeast(t.High, "dead endpoints", t.Window)
	case n >= t.Medium && (n >= t.Certain || s.agent.Tool != "" || d.mostly(s, h.Dead.count(), t.Window, t.Share)):
		f.severity, f.threshold = Medium, atLeast(t.Medium, "dead endpoints", t.Window)
	case len(h.SlowDead) >= t.SlowMedium && d.mostly(s, len(h.SlowDead), t.SlowWindow, t.SlowShare):
		f.severity, f.rows, f.threshold = Medium, h.SlowDead, atLeast(t.SlowMedium, "dead endpoints, most of the requests,", t.SlowWindow)
	}
	d.raise(s, rule, f)
}

// mostly reports whether n is at least a share of the client's requests.
func (d *Detector) mostly(s *scene, n int, window Duration, share float64) bool {
	_, asked := s.host.Asked.sum(s.At, minute, window.of())
	return float64(n) >= share*float64(asked)
}

// payload looks at the path for an attack, and at the client's name for a scanner. One
// odd path is not an attack; a scanner's name alone is low.
func (d *Detector) payload(s *scene) {
	if s.Kind != event.Request || s.host == nil {
		return
	}
	carried := event.PayloadOf(s.Path)
	if carried == "" && s.agent.Tool == "" {
		return
	}
	const rule = "api.attack_tool_or_payload"
	t, h := &d.t.Payload, s.host
	if d.over(rule, s.hostKey()) {
		h.Payloads.clear()
	}
	if carried != "" {
		h.Payloads.add(s.mark(string(carried)), max(t.SlowWindow.of(), t.Window.of()), most(t.SlowMedium))
	}
	f := finding{principal: s.hostKey(), user: s.User, address: s.Address, rows: h.Payloads.within(s.At, t.Window.of()), title: "Requests that carry an attack"}
	switch {
	case f.rows.count() >= t.High:
		f.severity, f.threshold = High, atLeast(t.High, "payloads", t.Window)
	case h.Payloads.count() >= t.SlowMedium:
		f.severity, f.rows, f.threshold = Medium, h.Payloads, atLeast(t.SlowMedium, "payloads", t.SlowWindow)
	case s.agent.Tool != "":
		f.severity, f.rows, f.threshold, f.title = Low, window{s.mark("")}, "a scanner: "+s.agent.Tool, "A scanner that names itself"
	}
	d.raise(s, rule, f)
}

// abuse counts requests beyond a limit, of the user where he is known, else of
// the address; and requests of a user beside his own.
func (d *Detector) abuse(s *scene) {
	if s.Kind != event.Request || s.host == nil {
		return
	}
	if s.user != nil {
		s.user.Minutes.add(s.At, minute, hour, 0, s.Weight())
	}
	const rule = "api.abuse"
	t := &d.t.Abuse
	lately, slow, principal := &s.host.Limited, &s.host.SlowLimited, s.hostKey()
	if s.user != nil {
		lately, slow, principal = &s.user.Limited, &s.user.SlowLimited, s.userKey()
	}
	f := finding{principal: principal, user: s.User, address: s.Address}
	switch {
	case (s.Limited || s.Status == 429) && !s.SignIn():
		if d.over(rule, principal) {
			slow.clear()
		}
		lately.add(s.mark(""), t.Window.of(), most(t.Medium))
		slow.add(s.mark(""), t.SlowWindow.of(), most(t.SlowMedium))
		f.title, f.rows = "A client goes on beyond its limit", *lately
		switch {
		case lately.count() >= t.Medium:
			f.severity, f.threshold = Medium, atLeast(t.Medium, "requests beyond the limit", t.Window)
		case slow.count() >= t.SlowMedium:
			f.severity, f.rows, f.threshold = Medium, *slow, atLeast(t.SlowMedium, "requests beyond the limit", t.SlowWindow)
		case lately.count() >= t.Low:
			f.severity, f.threshold = Low, atLeast(t.Low, "requests beyond the limit", t.Window)
		}
	case s.user != nil:
		n, usual, ok := d.burst(s)
		if !ok {
			return
		}
		f.title, f.severity, f.rows = "Far more requests than usual", Medium, window{s.mark("")}
		f.threshold = fmt.Sprintf("at least %d requests within %s and %.0f times the usual: %d, usual are %d", t.Burst, short(t.Window), t.Factor, n, usual)
	default:
		return
	}
	d.raise(s, rule, f)
}

// burst compares the user's requests of five minutes with his own of 14 days.
func (d *Detector) burst(s *scene) (n, usual int, yes bool) {
	t, u := &d.t.Abuse, s.user
	_, n = u.Minutes.sum(s.At, minute, t.Window.of())
	if n < t.Burst {
		return n, 0, false
	}
	var peaks []int64
	for _, hour := range u.Traffic {
		if ago := hourOf(s.At) - hour.Hour; ago > 0 && ago <= int64(history/(60*minute)) {
			peaks = append(peaks, int64(hour.Peak))
		}
	}
	usual = int(percentile(peaks, .95))
	return n, usual, len(peaks) > 0 && float64(n) >= t.Factor*float64(usual)
}

// forbidden counts 403 of a signed-in user.
func (d *Detector) forbidden(s *scene) {
	if s.Kind != event.Request || s.user == nil || s.Status != 403 {
		return
	}
	const rule = "api.forbidden_probe"
	t, u := &d.t.Forbidden, s.user
	if d.over(rule, s.userKey()) {
		u.SlowForbidden.clear()
	}
	m := s.mark(s.Path)
	if s.Administrative() {
		m.Key |= 1 // which door it is, told by the key
	} else {
		m.Key &^= 1
	}
	u.Forbidden.add(m, t.Window.of(), most(t.Hits))
	if !slices.ContainsFunc(u.SlowForbidden, func(old mark) bool { return old.Key == m.Key }) {
		u.SlowForbidden.add(m, t.SlowWindow.of(), most(t.SlowEndpoints))
	} else {
		u.SlowForbidden.prune(s.At, t.SlowWindow.of())
	}
	f := finding{principal: s.userKey(), user: s.User, address: s.Address, session: s.Session, rows: u.Forbidden, title: "A user tries what he may not do"}
	switch {
	case u.Forbidden.distinct() >= t.Endpoints:
		f.severity, f.threshold = Medium, atLeast(t.Endpoints, "forbidden endpoints", t.Window)
	case u.Forbidden.count() >= t.Hits:
		f.severity, f.threshold = Medium, atLeast(t.Hits, "refusals", t.Window)
	case len(u.SlowForbidden) >= t.SlowEndpoints:
		f.severity, f.rows, f.threshold = Medium, u.SlowForbidden, atLeast(t.SlowEndpoints, "forbidden endpoints", t.SlowWindow)
	}
	if f.severity != None && slices.ContainsFunc(f.rows, func(m mark) bool { return m.Key&1 == 1 }) {
		f.severity = High
	}
	d.raise(s, rule, f)
}

// errorSpike counts answers that are the server's fault: of one address, and as
// a share of all. If most of them are one client's, as of a scanner that finds
// weak spots, the incident names it.
func (d *Detector) errorSpike(s *scene) {
	if s.Kind != event.Request {
		return
	}
	t, o := &d.t.Errors, d.tenant.at("", newOverall)
	o.Asked.add(s.At, minute, t.Window.of(), 0, s.Weight())
	if s.Status < 500 {
		return
	}
	o.Errors.add(s.mark(s.where.String()), t.Window.of(), maxErrors)
	_, asked := o.Asked.sum(s.At, minute, t.Window.of())
	spike := asked >= t.Least && float64(o.Errors.count()) >= t.Share*float64(asked)
	threshold := fmt.Sprintf("at least %.0f %% of %d requests or more within %s: %d of %d", 100*t.Share, t.Least, short(t.Window), o.Errors.count(), asked)

	const rule = "server.error_spike"
	own := 0
	if s.host != nil {
		s.host.Errors.add(s.mark(s.Path), t.Window.of(), maxErrors)
		own = s.host.Errors.count()
		f := finding{principal: s.hostKey(), user: s.User, address: s.Address, rows: s.host.Errors, title: "Many server errors of one address"}
		switch {
		case spike && 2*own > o.Errors.count():
			f.severity, f.threshold = Medium, threshold
		case own > t.Low:
			f.severity, f.threshold = Low, fmt.Sprintf("more than %d answers of 5xx within %s", t.Low, short(t.Window))
		}
		d.raise(s, rule, f)
	}
	if spike && 2*own <= o.Errors.count() {
		d.raise(s, rule, finding{principal: everybody, severity: Medium, rows: o.Errors, title: "Many server errors", threshold: threshold})
	}
}

// maxErrors bounds the errors of ten minutes; a share is not sharper beyond.
const maxErrors = 4096
