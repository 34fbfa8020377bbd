package forecast

import (
	"maps"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// The origins of the back-test: day firstOrigin of the history and each
// originStep days after it. The step is no multiple of a week, so that they
// fall on all weekdays, and the history of an origin has the same ones.
const (
	firstOrigin = 14
	originStep  = 6
)

// study is one series with the tries of all origins so far, oldest first.
type study struct {
	grain   series.Grain
	values  series.Series
	cal     series.Calendar
	horizon int         // steps, 0 = by length of history
	first   series.Step // the first day of the history
	reach   int         // days that each try looks ahead
	runs    []*run      // at the origins of the back-test
	memory  *memory     // of the newest of them
}

func newStudy(req Request) *study {
	s := &study{grain: req.Series.Grain, values: req.Series.Trim(), cal: req.Calendar, horizon: req.Horizon}
	s.memory = &memory{theta: map[etsKind][]float64{}}
	s.first = s.grain.Day(s.values.First)
	if s.grain.Hour(s.values.First) > 0 { // a first day that is not whole is no day
		s.first++
	}
	asked := (req.Horizon + s.grain.PerDay() - 1) / s.grain.PerDay()
	s.reach = max(asked, defaultHorizon) + 1 // an origin within a day needs one more
	return s
}

// lastStep is the last step of the n-th day of the history.
func (s *study) lastStep(n int) series.Step {
	return (s.first+series.Step(n))*series.Step(s.grain.PerDay()) - 1
}

// history is the part of the series that may be seen at origin.
func (s *study) history(origin series.Step) *history {
	if s.grain == series.Hourly {
		return s.hourly(origin)
	}
	h := &history{first: s.first, origin: origin}
	h.raw = s.values.Through(origin).Values
	return h
}

// at is the try at origin: one of the back-test's own where it is one.
func (s *study) at(origin series.Step) *run {
	h := s.history(origin)
	n := len(h.raw)
	for next := s.nextOrigin(); next <= n; next = s.nextOrigin() {
		if s.lastStep(next) > origin {
			break
		}
		s.runs = append(s.runs, s.try(s.history(s.lastStep(next)), s.memory))
	}
	for _, r := range s.runs {
		if r.history.origin == origin {
			return r
		}
	}
	before := s.runsBefore(n)
	return s.tryAfter(before, h, s.memoryAt(before))
}

func (s *study) nextOrigin() int { return firstOrigin + originStep*len(s.runs) }

// runsBefore are the tries of origins before day n.
func (s *study) runsBefore(n int) []*run {
	k := 0
	for k < len(s.runs) && s.runs[k].n < n {
		k++
	}
	return s.runs[:k]
}

// memoryAt is the knowledge of the searches after the last of runs.
func (s *study) memoryAt(runs []*run) *memory {
	if len(runs) == 0 {
		return &memory{theta: map[etsKind][]float64{}}
	}
	return &memory{theta: maps.Clone(runs[len(runs)-1].theta)}
}

func (s *study) try(h *history, m *memory) *run { return s.tryAfter(s.runs, h, m) }

// tryAfter fits at one origin, with the corrections learnt from earlier tries.
func (s *study) tryAfter(earlier []*run, h *history, m *memory) *run {
	r := &run{history: h, n: len(h.raw)}
	if r.n >= firstOrigin {
		s.fit(r, m)
		r.theta = maps.Clone(m.theta)
		s.combine(r, earlier)
		s.addIntervals(r, earlier)
		if s.grain == series.Hourly {
			s.addHours(r, earlier)
		}
	}
	return r
}

// run is a try at one origin.
type run struct {
	history *history
	n       int // days of history
	theta   map[etsKind][]float64
	pool    []trial // forecasts of the methods
	open    []bool  // by day ahead: not closed
	days    []band  // the headline by day ahead
	hours   []band  // the same by step ahead, for hours
	clips   []clip
	effects []Effect
	spread  float64
	usual   []float64 // of the last days of the history

	stretch, hourlyStretch [2]float64 // of intervals, at 80 and 95 %
}

// trial is one method's forecast: daily counts, and its share in the headline.
type trial struct {
	name   string
	mean   []float64
	weight float64
}

// band is a mean with its intervals.
type band struct {
	mean                   float64
	lo80, hi80, lo95, hi95 float64
}
