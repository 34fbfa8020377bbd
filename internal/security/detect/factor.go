package detect

import (
	"net/netip"
	"slices"
	"time"

	"github.com/romashka/sidecar/internal/security/event"
)

// codeGuess counts refused codes of second factors: of a user until one is
// accepted, and of an address that tries those of several.
func (d *Detector) codeGuess(s *scene) {
	if s.Kind == event.Factor && s.Change == event.Limited {
		d.guessMet(s)
		return
	}
	if _, ok := s.Code(); !ok {
		return
	}
	if s.Accepted() {
		if s.user != nil {
			s.user.Codes.clear()
			s.user.SlowCodes.clear()
		}
		if s.host != nil {
			key := keyOf(s.User)
			s.host.Codes = slices.DeleteFunc(s.host.Codes, func(m mark) bool { return m.Key == key })
		}
		return
	}
	if s.Refused() {
		d.guessOfUser(s)
		d.guessOfHost(s)
	}
}

const guessRule = "mfa.bruteforce"

// guessMet takes the word of the limit of codes: of those that it counted, the log
// has told most. The others, which a log that is off, thinned or of other hands does
// not have, count as refused now.
func (d *Detector) guessMet(s *scene) {
	if s.user == nil {
		return
	}
	told := s.user.SlowCodes.within(s.At, limitWindow).count()
	if s.Weight() <= told {
		return
	}
	untold, e := *s, *s.Event
	e.Count = s.Weight() - told
	untold.Event = &e
	d.guessOfUser(&untold)
	d.guessOfHost(&untold)
}

// limitWindow is the time in which the limit of codes counts.
const limitWindow = hour

func (d *Detector) guessOfUser(s *scene) {
	if s.user == nil {
		return
	}
	t, u := &d.t.CodeGuess, s.user
	if d.over(guessRule, s.userKey()) {
		u.SlowCodes.clear()
	}
	u.Codes.add(s.mark(""), t.Window.of(), most(t.High))
	u.SlowCodes.add(s.mark(""), t.SlowWindow.of(), most(t.SlowMedium))
	f := d.guesses(u.Codes, u.SlowCodes)
	f.principal, f.user, f.address = s.userKey(), s.User, s.Address
	d.raise(s, guessRule, f)
}

func (d *Detector) guessOfHost(s *scene) {
	if s.host == nil {
		return
	}
	t, h := &d.t.CodeGuess, s.host
	h.Codes.add(s.mark(s.User), t.Window.of(), most(t.High))
	if s.user != nil && h.Codes.distinct() < 2 {
		return // the user's own incident names the address
	}
	f := d.guesses(h.Codes, nil)
	f.principal, f.address = s.hostKey(), s.Address
	d.raise(s, guessRule, f)
}

func (d *Detector) guesses(lately, slow window) finding {
	t := &d.t.CodeGuess
	f := finding{rows: lately, title: "Codes of a second factor are guessed"}
	switch n := lately.count(); {
	case n >= t.High:
		f.severity, f.threshold = High, atLeast(t.High, "refused codes", t.Window)
	case n >= t.Medium:
		f.severity, f.threshold = Medium, atLeast(t.Medium, "refused codes", t.Window)
	case slow.count() >= t.SlowMedium:
		f.severity, f.rows, f.threshold = Medium, slow, atLeast(t.SlowMedium, "refused codes, none accepted,", t.SlowWindow)
	}
	return f
}

// factorRemoved looks for a second factor that is taken away. An owner who has
// just confirmed another one keeps his protection; on a network that is new to
// him he may not be the owner.
func (d *Detector) factorRemoved(s *scene) {
	change, id := s.FactorChange()
	if change == 0 || s.user == nil {
		return
	}
	t, u := &d.t.FactorRemoved, s.user
	if change == event.Added {
		u.Factors = slices.DeleteFunc(u.Factors, func(f factor) bool { return f.ID == id })
		u.Factors = append(u.Factors, factor{s.At, id})
		if n := len(u.Factors); n > maxFactors {
			u.Factors = slices.Delete(u.Factors, 0, n-maxFactors)
		}
		return
	}
	u.Factors = slices.DeleteFunc(u.Factors, func(f factor) bool { return id != "" && f.ID == id })
	replaced := slices.ContainsFunc(u.Factors, func(f factor) bool { return f.ID != id && s.At.Sub(f.At) < t.Replaced.of() })
	strange, address := d.fromNewNetwork(s, t.NewNetwork.of())
	if here, _ := d.fromNewNetwork(s, t.Replaced.of()); replaced && (s.familiar() || !here) {
		return // a day elsewhere does not make him a stranger at home
	}
	f := finding{
		principal: s.userKey(), severity: Medium, user: s.User, address: address, rows: window{s.mark("")},
		title: "A second factor was removed", threshold: "a factor removed and not replaced within " + short(t.Replaced),
	}
	switch {
	case strange && s.familiar():
		f.severity, f.threshold = High, "a factor removed where the user is known, and a network new to him within "+short(t.NewNetwork)
	case strange:
		f.severity, f.threshold = Critical, "a factor removed, and a network new to the user within "+short(t.NewNetwork)
	case s.person.admin():
		f.severity = High
	}
	d.raise(s, "mfa.removed", f)
}

// fromNewNetwork reports whether the user was on a network new to him within a
// time, now included, and at which address.
func (d *Detector) fromNewNetwork(s *scene, within time.Duration) (yes bool, address netip.Addr) {
	u := s.user
	if s.network.IsValid() && u.Sessions > 0 && u.Networks[s.network].new(s.At, forgotten) {
		return true, s.Address
	}
	if u.NewNetwork != 0 && s.At.Sub(u.NewNetwork) < within {
		return true, u.NewAddress
	}
	return false, s.Address
}
