package detect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/romashka/sidecar/internal/security/event"
)

const (
	// piece is how finely bytes are added up.
	piece = 5 * minute
	// slowTaking is the longer window of exfiltration.
	slowTaking = 12 * hour
	// fewHours is how many hours with traffic make a user's own measure.
	fewHours = 3
)

// exfiltration adds up the answers to a user, within an hour and within half
// a day, and compares it with his own hours and days.
func (d *Detector) exfiltration(s *scene) {
	if s.Kind != event.Request || s.user == nil {
		return
	}
	const rule = "data.exfiltration"
	t, u := &d.t.Exfiltration, s.user
	if d.over(rule, s.userKey()) {
		u.Taken = u.Taken[:0]
	}
	u.Taken.add(s.At, piece, slowTaking, s.Bytes, 1)
	u.note(s)
	fast, _ := u.Taken.sum(s.At, piece, hour)
	slow, _ := u.Taken.sum(s.At, piece, slowTaking)
	f := finding{principal: s.userKey(), user: s.User, address: s.Address, session: s.Session, rows: window{s.mark("")}, title: "A user takes far more data than usual"}
	if fast > t.Bytes {
		if usual := u.usualHour(s.At); float64(fast) > t.Factor*float64(usual) {
			f.severity = High
			f.threshold = fmt.Sprintf("more than %s within 1h, and %.0f times the usual %s: %s", megabytes(t.Bytes), t.Factor, megabytes(usual), megabytes(fast))
		}
	}
	if f.severity == None && slow > t.SlowBytes {
		if usual := u.usualDay(s.At); float64(slow) > t.Factor*float64(usual) {
			f.severity = High
			f.threshold = fmt.Sprintf("more than %s within 12h, and %.0f times a usual day's %s: %s", megabytes(t.SlowBytes), t.Factor, megabytes(usual), megabytes(slow))
		}
	}
	switch {
	case f.severity == None:
	case len(u.Traffic) < fewHours:
		f.severity = Medium // there is nothing to compare with yet
	case !u.ownHour(s.At) || d.sessionSuspect(s):
		f.severity = Critical
	}
	if f.severity != None || fast >= t.Bytes/20 {
		d.raise(s, rule, f)
	}
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// note adds a request to the user's traffic of the hour.
func (u *user) note(s *scene) {
	h := hourOf(s.At)
	_, asked := u.Minutes.sum(s.At, minute, piece)
	if n := len(u.Traffic); n > 0 && u.Traffic[n-1].Hour >= h {
		last := &u.Traffic[n-1]
		last.Bytes += s.Bytes
		last.Peak = max(last.Peak, asked)
		return
	}
	n := 0
	for n < len(u.Traffic) && h-u.Traffic[n].Hour > int64(forgotten/hour) {
		n++
	}
	u.Traffic = append(slices.Delete(u.Traffic, 0, n), traffic{Hour: h, Bytes: s.Bytes, Peak: asked})
	if n := len(u.Traffic); n > maxHours {
		u.Traffic = slices.Delete(u.Traffic, 0, n-maxHours)
	}
}

// usualHour is the 95th percentile of the user's hours with traffic, without
// the present one.
func (u *user) usualHour(now event.Moment) int64 {
	var hours []int64
	for _, h := range u.Traffic {
		if hourOf(now)-h.Hour > 1 {
			hours = append(hours, h.Bytes)
		}
	}
	return percentile(hours, .95)
}

// usualDay is the same of his days.
func (u *user) usualDay(now event.Moment) int64 {
	const hours = int64(day / hour)
	days := map[int64]int64{}
	for _, h := range u.Traffic {
		if ago := hourOf(now) - h.Hour; ago > int64(slowTaking/hour) {
			days[ago/hours] += h.Bytes
		}
	}
	values := make([]int64, 0, len(days))
	for _, bytes := range days {
		values = append(values, bytes)
	}
	return percentile(values, .95)
}

// ownHour reports whether the user is there at this hour of the day, one before
// or after it, on one of twenty of his days; true where few of them are known.
func (u *user) ownHour(now event.Moment) bool {
	const perDay, enough = int64(day / hour), 10
	at := hourOf(now)
	all, near := map[int64]bool{}, map[int64]bool{}
	for _, h := range u.Traffic {
		if at-h.Hour <= int64(slowTaking/hour) {
			continue // the hours being judged do not speak for themselves
		}
		all[h.Hour/perDay] = true
		if apart := ((h.Hour-at)%perDay + perDay) % perDay; apart <= 1 || apart == perDay-1 {
			near[h.Hour/perDay] = true
		}
	}
	return len(all) < enough || 20*len(near) >= len(all)
}

// sessionSuspect reports whether an incident of the user's sessions goes on.
func (d *Detector) sessionSuspect(s *scene) bool {
	list, ok := d.lately.get(s.userKey())
	if !ok {
		return false
	}
	return slices.ContainsFunc(list.Keys, func(key string) bool {
		return strings.HasPrefix(key, "session.") || strings.HasPrefix(key, "auth.success_after_fail")
	})
}
