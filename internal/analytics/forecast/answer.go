package forecast

import (
	"fmt"
	"math"

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
	if f.Accuracy = s.accuracy(r); f.Accuracy != nil {
		f.reached(f.Accuracy.Value)
	}
	if reason == "" {
		f.Reason = s.remark(&f)
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

// reached raises the ceiling to an accuracy that was had: the noise around what is
// usual is taken for pure chance, and where a method sees more in it, is not.
func (f *Forecast) reached(accuracy float64) {
	if f.Ceiling == nil || *f.Ceiling >= accuracy {
		return
	}
	best := round(accuracy, 4)
	reachable := best >= target
	f.Ceiling, f.TargetReachable = &best, &reachable
}

// remark is what a reader of a good forecast must know; nil for nothing.
func (s *study) remark(f *Forecast) *string {
	var text string
	switch {
	case f.Accuracy == nil:
		text = "no accuracy: nothing came in the days that the back-test scores"
	case f.TargetReachable != nil && !*f.TargetReachable && f.MeanVolume != nil:
		text = fmt.Sprintf("nobody can reach %.0f %% for each %s here: the noise of %.3g on average leaves %.0f %% at most; rely on the totals of %d and %d days",
			100*target, s.grain, *f.MeanVolume, 100**f.Ceiling, season, defaultHorizon)
	default:
		return nil
	}
	return &text
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
