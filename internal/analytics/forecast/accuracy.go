package forecast

import (
	"math"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// plan is which origins a back-test has, as days of history, and over how many
// steps each is scored.
type plan struct {
	origins []int
	horizon int
}

// enoughOrigins are those that a shown accuracy rests on, where the history has
// them; the first ones then begin earlier.
const enoughOrigins = 8

// plan of a history of n days: none below 28; from day 14 over 14 days below
// 56; after that from day 56, or from an earlier one down to day 26 as long as
// the origins are too few. A horizon that does not fit is cut to the days left.
func (s *study) plan(n int) plan {
	const earliest = firstOrigin + 2*originStep
	first := fullDays
	var days int
	switch {
	case n < measuredDays:
		return plan{}
	case n < fullDays:
		first, days = firstOrigin, shortHorizon
	default:
		for latest := n - s.steps(n)/s.grain.PerDay() - (enoughOrigins-1)*originStep; first > max(latest, earliest); {
			first -= originStep
		}
		days = n - first
	}
	p := plan{horizon: min(s.steps(n), days*s.grain.PerDay())}
	for origin := first; s.lastStep(origin)+series.Step(p.horizon) <= s.lastStep(n); origin += originStep {
		p.origins = append(p.origins, origin)
	}
	return p
}

// steps is how far to look ahead of n days.
func (s *study) steps(n int) int {
	switch {
	case s.horizon > 0:
		return s.horizon
	case n < measuredDays:
		return shortHorizon * s.grain.PerDay()
	default:
		return defaultHorizon * s.grain.PerDay()
	}
}

// bands is the headline of r by step ahead.
func (s *study) bands(r *run) []band {
	if s.grain == series.Hourly {
		return r.hours
	}
	return r.days
}

// accuracy scores the tries that the plan of r's history names, but for the days of
// without; nil for none.
func (s *study) accuracy(r *run, without map[series.Step]bool) *Accuracy {
	p := s.plan(r.n)
	var wrong, came, scaled float64
	var in80, in95, counted, origins, withScale int
	for _, n := range p.origins {
		e := s.runs[(n-firstOrigin)/originStep]
		bands := s.bands(e)
		if status, _ := s.state(e); status != OK && status != Preliminary {
			continue // no forecast was given there
		}
		own, known := 0.0, 0
		for i, b := range bands[:p.horizon] {
			step := e.history.origin + 1 + series.Step(i)
			v := s.values.At(step)
			if math.IsNaN(v) || without[s.grain.Day(step)] {
				continue
			}
			b = b.rounded()
			own, came, known = own+math.Abs(v-b.mean), came+v, known+1
			if b.hi95 == 0 { // closed
				continue
			}
			counted++
			in80 += within(v, b.lo80, b.hi80)
			in95 += within(v, b.lo95, b.hi95)
		}
		wrong += own
		origins++
		if step := s.weeklyChange(e); step > 0 && known > 0 {
			scaled += own / float64(known) / step
			withScale++
		}
	}
	if came == 0 {
		return nil
	}
	a := &Accuracy{WAPE: round(wrong/came, 6), Origins: origins, Horizon: p.horizon}
	a.Value = round(1-a.WAPE, 6)
	a.Coverage80 = round(float64(in80)/float64(max(counted, 1)), 4)
	a.Coverage95 = round(float64(in95)/float64(max(counted, 1)), 4)
	if withScale > 0 {
		mase := round(scaled/float64(withScale), 6)
		a.MASE = &mase
	}
	return a
}

func within(v, lo, hi float64) int {
	if lo <= v && v <= hi {
		return 1
	}
	return 0
}

// weeklyChange is the mean distance of a step's value from that a week before,
// the unit of MASE; of hours, over the last 16 weeks.
func (s *study) weeklyChange(r *run) float64 {
	perWeek := series.Step(season * s.grain.PerDay())
	from := s.values.First
	if s.grain == series.Hourly {
		from = max(from, r.history.origin+1-gapWindow*perWeek)
	}
	sum, n := 0.0, 0
	for step := from + perWeek; step <= r.history.origin; step++ {
		if d := math.Abs(s.values.At(step) - s.values.At(step-perWeek)); !math.IsNaN(d) {
			sum, n = sum+d, n+1
		}
	}
	return sum / float64(max(n, 1))
}
