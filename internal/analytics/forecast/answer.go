package forecast

import (
	"fmt"
	"math"
	"strings"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// decimals are the digits that counts are told with.
const decimals = 4

// answer is the forecast at origin over the horizon that was asked for.
func (s *study) answer(origin series.Step) Forecast { return s.answerWith(origin, 0) }

// answerWith looks horizon steps ahead, or as far as was asked for where it is 0.
func (s *study) answerWith(origin series.Step, horizon int) Forecast {
	r := s.at(origin)
	status, reason := s.state(r)
	f := Forecast{
		Origin: s.grain.Label(origin), Status: status, Method: "none", Points: []Point{}, Totals: []Total{},
		Outliers: []Outlier{}, Calendar: []Effect{}, Weights: map[string]float64{},
	}
	if horizon == 0 {
		horizon = s.steps(r.n)
	}
	f.Horizon = horizon
	if reason != "" {
		f.Reason = &reason
	}
	s.describe(&f, r)
	if status != OK && status != Preliminary {
		return f
	}
	f.Method = "combination"
	for i, b := range s.bands(r)[:horizon] {
		f.Points = append(f.Points, b.rounded().point(s.grain.Label(origin+1+series.Step(i))))
	}
	if f.Accuracy = s.accuracy(r, nil); f.Accuracy != nil {
		f.reached(f.Accuracy.Value)
	}
	if reason == "" {
		f.Reason = s.remark(&f, r)
	}
	f.Totals = s.totals(r, s.runsBefore(r.n))
	for _, t := range r.pool {
		f.Weights[t.name] = round(t.weight, 4)
	}
	if r.effects != nil {
		f.Calendar = r.effects
	}
	return f
}

// reached raises the ceiling to an accuracy that was had: the ceiling takes the
// noise around the usual level for pure chance, which it is not where a method sees
// more in it.
func (f *Forecast) reached(accuracy float64) {
	if f.Ceiling == nil || *f.Ceiling >= accuracy {
		return
	}
	best := round(accuracy, 4)
	reachable := best >= target
	f.Ceiling, f.TargetReachable = &best, &reachable
}

// remark tells a reader of a good forecast all that the figures do not; nil for
// nothing.
func (s *study) remark(f *Forecast, r *run) *string {
	var parts []string
	switch {
	case f.Accuracy == nil:
		parts = append(parts, "no accuracy: nothing came in the days that the back-test scores")
	case f.TargetReachable != nil && !*f.TargetReachable && f.MeanVolume != nil:
		parts = append(parts, fmt.Sprintf("nobody can reach %.0f %% for each %s here: with %.3g on average, chance alone leaves %.0f %% at most; plan with the totals of %d and %d days",
			100*target, s.grain, *f.MeanVolume, 100**f.Ceiling, season, defaultHorizon))
	}
	if value, ok := s.withoutOutliers(f, r); ok {
		parts = append(parts, fmt.Sprintf("the accuracy counts the days that are named as outliers, and is %.1f %% without them", 100*value))
	}
	if came, told, ok := s.moved(r); ok {
		parts = append(parts, fmt.Sprintf("the last %d days brought %.0f, and %.0f were forecast for them: if that is a new level, the forecast is on its way to it, and its accuracy is that of the time before",
			movedDays, came, told))
	}
	if len(parts) == 0 {
		return nil
	}
	text := strings.Join(parts, "; ")
	return &text
}

// outlierCost is the share of accuracy from which on a reader is told that a few
// days took it.
const outlierCost = 0.03

// withoutOutliers is the accuracy on the other days, where that is clearly more.
func (s *study) withoutOutliers(f *Forecast, r *run) (value float64, ok bool) {
	if f.Accuracy == nil || len(r.clips) == 0 {
		return 0, false
	}
	without := map[series.Step]bool{}
	for _, c := range r.clips {
		without[r.history.day(c.at)] = true
	}
	a := s.accuracy(r, without)
	if a == nil || a.Value < f.Accuracy.Value+outlierCost {
		return 0, false
	}
	return a.Value, true
}

// The days in which a level may have moved, how many of them must then be beyond
// the 95 % interval of an earlier try, on the same side, and how many customers
// must have been expected where none came.
const (
	movedDays   = 10
	movedBeyond = 7
	movedAway   = 15
)

// moved gives the volume of the last days beside the forecast of the last try
// before them, and reports whether the two are too far apart to be chance.
func (s *study) moved(r *run) (came, told float64, ok bool) {
	runs := s.runsBefore(r.n - movedDays + 1)
	if len(runs) == 0 {
		return 0, 0, false
	}
	e := runs[len(runs)-1]
	above, below := 0, 0
	for at := r.n - movedDays; at < r.n; at++ {
		i, v := at-e.n, r.history.raw[at]
		if i >= len(e.days) || math.IsNaN(v) || !e.open[i] {
			continue
		}
		b := e.days[i]
		came, told = came+v, told+b.mean
		switch {
		case v > b.hi95:
			above++
		case v < b.lo95:
			below++
		}
	}
	return came, told, max(above, below) >= movedBeyond || came == 0 && told >= movedAway
}

// describe summarizes the history: volume, ceiling, outliers.
func (s *study) describe(f *Forecast, r *run) {
	perDay := series.Step(s.grain.PerDay())
	seen := s.values.Through(r.history.origin)
	from := max(int(r.history.origin+1-8*season*perDay-seen.First), 0)
	if from < len(seen.Values) {
		recent := round(meanOf(seen.Values[from:]), decimals)
		f.MeanVolume = &recent
	}
	for _, c := range r.clips {
		f.Outliers = append(f.Outliers, Outlier{
			DS: series.Daily.Label(r.history.day(c.at)), Y: round(c.was, decimals), Used: round(c.used, decimals),
		})
	}
	if len(r.days) == 0 {
		return
	}
	usual, spread := r.usual[max(len(r.usual)-8*season, 0):], r.spread
	if r.history.shape != nil {
		usual, spread = r.history.shape.usual, math.Hypot(r.history.shape.spread, r.spread)
	}
	best := round(ceiling(usual, spread), 4)
	reachable := best >= target
	f.Ceiling, f.TargetReachable = &best, &reachable
}

// rounded keeps the digits that are told. Rounding keeps the order of bounds.
func (b band) rounded() band {
	return band{
		mean: round(b.mean, decimals), lo80: round(b.lo80, decimals), hi80: round(b.hi80, decimals),
		lo95: round(b.lo95, decimals), hi95: round(b.hi95, decimals),
	}
}

func (b band) point(ds string) Point {
	return Point{DS: ds, Mean: b.mean, Lo80: b.lo80, Hi80: b.hi80, Lo95: b.lo95, Hi95: b.hi95}
}
