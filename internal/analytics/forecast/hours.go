package forecast

import (
	"math"

	"github.com/romashka/sidecar/internal/analytics/series"
)

const (
	hoursPerWeek = season * series.HoursPerDay
	shapeWeeks   = 8 // that the shares of hours are measured over
	// shapePrior is how many customers of a weekday its shares take from the
	// shape of all days, which matters where few come.
	shapePrior = 15
)

// shape is how a day's count falls on its hours, by hour of the week from the
// hour 1970-01-01T00:00 on.
type shape struct {
	share  [hoursPerWeek]float64 // sums to 1 over each weekday
	seen   [hoursPerWeek]bool    // the hour occurs in the file
	spread float64               // of hours around their usual value
	usual  []float64             // of the hours of the last weeks
}

func hourOfWeek(step series.Step) int {
	return ((int(step) % hoursPerWeek) + hoursPerWeek) % hoursPerWeek
}

// hourly is the history of days at an origin in hours.
func (s *study) hourly(origin series.Step) *history {
	h := &history{first: s.first, origin: origin, shape: &shape{}}
	values := s.values.Through(origin)
	sum, count := [hoursPerWeek]float64{}, [hoursPerWeek]float64{}
	near := origin - shapeWeeks*hoursPerWeek
	for i, v := range values.Values {
		step := values.First + series.Step(i)
		if how := hourOfWeek(step); !math.IsNaN(v) {
			h.shape.seen[how] = true
			if step > near {
				sum[how], count[how] = sum[how]+v, count[how]+1
			}
		}
	}
	for how := range sum {
		sum[how] /= math.Max(count[how], 1)
	}
	days := h.wholeDays()
	h.raw = make([]float64, max(days, 0))
	for i := range h.raw {
		h.raw[i] = h.total(values, i, &sum)
	}
	h.measureShares(values)
	return h
}

// wholeDays is how many days are over at the origin: one is, too, when only
// hours are left that never occur.
func (h *history) wholeDays() int {
	day := series.Hourly.Day(h.origin)
	last := (day+1)*series.HoursPerDay - 1
	for step := h.origin + 1; step <= last; step++ {
		if h.shape.seen[hourOfWeek(step)] {
			return int(day - h.first)
		}
	}
	return int(day-h.first) + 1
}

// total is the count of day i. Unknown hours are filled with their usual
// values, if they are less than half of the day; else the day is
// unknown.
func (h *history) total(values series.Series, i int, usual *[hoursPerWeek]float64) float64 {
	from := h.day(i) * series.HoursPerDay
	var sum, known, all float64
	hours := 0
	for step := from; step < from+series.HoursPerDay; step++ {
		how := hourOfWeek(step)
		if !h.shape.seen[how] {
			continue
		}
		all += usual[how]
		if v := values.At(step); !math.IsNaN(v) {
			sum, known, hours = sum+v, known+usual[how], hours+1
		}
	}
	switch {
	case all == 0 && (hours > 0 || !h.occurs(from)):
		return sum // closed
	case known < all/2 || hours == 0:
		return math.NaN()
	}
	return sum * all / known
}

// occurs reports whether an hour of that weekday is ever in the file.
func (h *history) occurs(from series.Step) bool {
	for step := from; step < from+series.HoursPerDay; step++ {
		if h.shape.seen[hourOfWeek(step)] {
			return true
		}
	}
	return false
}

// measureShares takes the shares of hours from the last weeks, each day
// counting the same, so that one outbreak does not bend them.
func (h *history) measureShares(values series.Series) {
	n := len(h.raw)
	var parts [hoursPerWeek]float64
	var pooled [series.HoursPerDay]float64
	var days, volume [season]float64
	pooledDays := 0.0
	for i := max(n-shapeWeeks*season, 0); i < n; i++ {
		if !(h.raw[i] > 0) {
			continue
		}
		from := h.day(i) * series.HoursPerDay
		weekday := hourOfWeek(from) / series.HoursPerDay
		days[weekday]++
		volume[weekday] += h.raw[i]
		pooledDays++
		for hour := range series.Step(series.HoursPerDay) {
			if v := values.At(from + hour); !math.IsNaN(v) {
				parts[hourOfWeek(from+hour)] += v / h.raw[i]
				pooled[hour] += v / h.raw[i]
			}
		}
	}
	for how := range parts {
		weekday, hour := how/series.HoursPerDay, how%series.HoursPerDay
		if days[weekday] == 0 || parts[how] == 0 && days[weekday] >= 4 {
			continue
		}
		own := volume[weekday] / (volume[weekday] + shapePrior)
		h.shape.share[how] = own*parts[how]/days[weekday] + (1-own)*pooled[hour]/pooledDays
	}
	for weekday := range season {
		normalise(h.shape.share[weekday*series.HoursPerDay : (weekday+1)*series.HoursPerDay])
	}
	h.measureNoise(values)
}

// normalise makes values sum to 1, if any is above zero.
func normalise(values []float64) {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	if sum == 0 {
		return
	}
	for i := range values {
		values[i] /= sum
	}
}

// measureNoise compares the hours of the last weeks with the day's count times
// their share.
func (h *history) measureNoise(values series.Series) {
	var actual []float64
	n := len(h.raw)
	for i := max(n-shapeWeeks*season, 0); i < n; i++ {
		from := h.day(i) * series.HoursPerDay
		for hour := range series.Step(series.HoursPerDay) {
			v, u := values.At(from+hour), h.raw[i]*h.shape.share[hourOfWeek(from+hour)]
			if !math.IsNaN(v) && !math.IsNaN(u) {
				actual, h.shape.usual = append(actual, v), append(h.shape.usual, u)
			}
		}
	}
	h.shape.spread = relativeSpread(actual, h.shape.usual)
}

// addHours lays the days of r on hours.
func (s *study) addHours(r *run, earlier []*run) {
	if len(r.days) == 0 {
		return
	}
	h := r.history
	first := h.day(r.n) * series.HoursPerDay // of the days ahead
	r.hours = make([]band, (s.reach-1)*series.HoursPerDay)
	for i := range r.hours {
		step := h.origin + 1 + series.Step(i)
		if day := int(series.Hourly.Day(step - first)); step >= first {
			r.hours[i].mean = r.days[day].mean * h.shape.share[hourOfWeek(step)]
		}
	}
	earlier = recent(earlier, r.n)
	earlier = earlier[max(len(earlier)-hourlyTries, 0):]
	visible := s.values.Through(h.origin)
	var past []outcome
	for _, e := range earlier {
		past = append(past, newOutcome(e.hours, e.hourlyStretch, visible.Values[e.history.origin+1-visible.First:], e.n))
	}
	open := func(i int) bool { return r.hours[i].mean > 0 }
	spread := math.Hypot(h.shape.spread, r.spread)
	around(r.hours, collect(past, h.shape.spread, series.HoursPerDay), spread, series.HoursPerDay, open)
	const stride = 7 // hours; all of a day come up
	r.hourlyStretch = stretch(r.hours, past, stride, open)
}
