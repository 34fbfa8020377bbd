package forecast

import (
	"math"
	"slices"
)

// fitDays is how far back the methods look, but for the regression over the
// year: 56 weeks.
const fitDays = 56 * season

// week is a cleaned history without the weekdays that are closed: period of
// its days make a week. open is by place in the week, from the first day ahead.
type week struct {
	cleaned
	period int
	open   [season]bool
	places []int // in the history
}

// method is one way to go on with a week for h days of it.
type method struct {
	name    string
	minDays int
	mean    func(w *week, m *memory, h int) []float64
}

// methods is the pool. The first is there at all lengths, and the measure of
// the others. Read-only.
var methods = []method{
	{"mean_4_weeks", minDays, func(w *week, _ *memory, h int) []float64 { w = w.recent(); return seasonalMean(w.y, w.period, 4, h) }},
	{"mean_8_weeks", 2 * measuredDays, func(w *week, _ *memory, h int) []float64 { w = w.recent(); return seasonalMean(w.y, w.period, 8, h) }},
	{"level_share", minDays, func(w *week, _ *memory, h int) []float64 { w = w.recent(); return levelShare(w.filled, w.period, 4, h) }},
	{"ets", measuredDays, func(w *week, m *memory, h int) []float64 { w = w.recent(); return m.better(w.y, w.period).forecast(h) }},
	{"stl_ets", measuredDays, func(w *week, m *memory, h int) []float64 { return m.stlETS(w.recent(), h) }},
	{"theta", measuredDays, func(w *week, _ *memory, h int) []float64 { w = w.recent(); return theta(w.filled, w.period, h) }},
	{"harmonic", yearDays, func(w *week, _ *memory, h int) []float64 { return harmonic(w, h) }},
}

// fit fills the pool of r.
func (s *study) fit(r *run, m *memory) {
	h, from := r.history.recent()
	y := h.usualDays(s.cal)
	u := usual(y)
	e := s.learn(h, y, u)
	if len(e.month) > 0 {
		for i := range y {
			y[i] /= e.monthly(h.day(i))
		}
		u = usual(y)
	}
	c := clean(y, u)
	r.clips, r.spread, r.usual = c.clips, c.spread, u
	for i := range r.clips {
		r.clips[i].at += from
	}
	open, period := openWeekdays(c.y)
	if period == 0 { // so little comes that all of it was an outlier
		c.y, r.clips = y, nil
		open, period = openWeekdays(y)
	}
	if period == 0 {
		return
	}
	w := openWeek(c, open, period)
	ahead := make([]float64, s.reach)
	r.open = make([]bool, s.reach)
	count := 0
	for i := range ahead {
		day := r.history.day(r.n + i)
		ahead[i] = s.cal.Share(day) * e.monthly(day) * e.holiday(day)
		r.open[i] = open[i%season] && s.cal.Share(day) > 0
		if open[i%season] {
			count++
		}
	}
	r.effects = e.ahead(r.history, r.n, s.reach)
	for _, method := range methods {
		if r.n < method.minDays {
			continue
		}
		mean := method.mean(&w, m, count)
		r.pool = append(r.pool, trial{name: method.name, mean: spreadOut(mean, ahead, open)})
	}
}

// openWeek drops the closed weekdays of c.
func openWeek(c cleaned, open [season]bool, period int) week {
	w := week{period: period, open: open}
	n := len(c.y)
	for i := range c.y {
		if open[((i-n)%season+season)%season] {
			w.y = append(w.y, c.y[i])
			w.filled = append(w.filled, c.filled[i])
			w.weight = append(w.weight, c.weight[i])
			w.places = append(w.places, i-n)
		}
	}
	return w
}

// recent is w for methods that look back fitDays at most.
func (w *week) recent() *week {
	out := *w
	from := max(len(w.y)-fitDays/season*w.period, 0)
	out.y, out.filled, out.weight, out.places = w.y[from:], w.filled[from:], w.weight[from:], w.places[from:]
	return &out
}

// spreadOut lays a forecast of open days on all days ahead, times the
// calendar's factor of each.
func spreadOut(mean, ahead []float64, open [season]bool) []float64 {
	out := make([]float64, len(ahead))
	next := 0
	for i := range out {
		if !open[i%season] {
			continue
		}
		if v := mean[next] * ahead[i]; v > 0 { // NaN and negative counts are 0
			out[i] = v
		}
		next++
	}
	return out
}

// memory is where the searches of earlier origins ended: a good place for the
// next to begin. It holds nothing of the values after them.
type memory struct{ theta map[etsKind][]float64 }

func (m *memory) fit(k etsKind, y []float64) *etsModel {
	starts := [][]float64{m.theta[k]}
	if m.theta[k] == nil {
		starts = k.etsStarts()
	}
	model := fitETS(k, y, starts...)
	m.theta[k] = model.theta
	return model
}

// better fits the form without and the one with a damped trend, and gives the
// one that AICc prefers.
func (m *memory) better(y []float64, period int) *etsModel {
	if period == 1 {
		period = 0
	}
	plain, damped := m.fit(etsKind{season: period}, y), m.fit(etsKind{season: period, damped: true}, y)
	if damped.aicc < plain.aicc {
		return damped
	}
	return plain
}

// stlETS smooths the rest after the season is taken out robustly.
func (m *memory) stlETS(w *week, h int) []float64 {
	const robust = 6 // outer iterations
	if w.period == 1 {
		return m.better(w.y, 0).forecast(h)
	}
	s, _ := stl(w.filled, w.weight, periodicSTL(len(w.filled), w.period, robust))
	flat := slices.Clone(w.y)
	for i := range s {
		flat[i] -= s[i]
	}
	out := m.better(flat, 0).forecast(h)
	for i := range out {
		out[i] += s[len(s)-w.period+i%w.period]
	}
	return out
}

// levelShare is the mean of the last k weeks, split by the weekday's share of
// all weeks. filled has no unknown values.
func levelShare(filled []float64, period, k, h int) []float64 {
	weeks := len(filled) / period
	shares := make([]float64, period)
	total := 0.0
	whole := filled[len(filled)-weeks*period:]
	for i, v := range whole {
		shares[i%period] += v
		total += v
	}
	level := meanOf(filled[max(len(filled)-k*period, 0):])
	out := make([]float64, h)
	for i := range out {
		out[i] = level * float64(period) * shares[i%period] / math.Max(total, tiny)
	}
	return out
}
