package forecast_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/analytics/forecast"
	"github.com/romashka/sidecar/internal/analytics/series"
)

// TestOddHistories: each has a forecast or a state with its reason, bounds in
// their order, and an accuracy no higher than that of the days after, or the
// reason for the difference.
func TestOddHistories(t *testing.T) {
	t.Parallel()
	const days, ahead = 200, 30
	usual := func(level float64, week ...float64) func(*rand.Rand, int) float64 {
		return func(r *rand.Rand, i int) float64 { return poisson(r, level*week[i%7]*math.Exp(0.08*r.NormFloat64())) }
	}
	often := usual(50, allWeek...)
	until := func(day int, before, after func(*rand.Rand, int) float64) func(*rand.Rand, int) float64 {
		return func(r *rand.Rand, i int) float64 {
			if i < day {
				return before(r, i)
			}
			return after(r, i)
		}
	}
	always := func(v float64) func(*rand.Rand, int) float64 { return func(*rand.Rand, int) float64 { return v } }
	times := func(by float64) func(*rand.Rand, int) float64 {
		return func(r *rand.Rand, i int) float64 { return math.Round(by * often(r, i)) }
	}
	chance := func(p, v, other float64) func(*rand.Rand, int) float64 {
		return func(r *rand.Rand, _ int) float64 {
			if r.Float64() < p {
				return v
			}
			return other
		}
	}
	for _, tt := range []struct {
		name   string
		y      func(r *rand.Rand, i int) float64
		status forecast.Status
		reason string // a part of it; "" = none
	}{
		{"as usual", often, forecast.OK, ""},
		{"zeros, then a start", until(120, always(0), often), forecast.OK, ""},
		{"a day in ten unknown", func(r *rand.Rand, i int) float64 { return often(r, i) * chance(0.1, math.NaN(), 1)(r, i) }, forecast.OK, ""},
		{"closed on two weekdays", usual(50, 1, 1, 1, 1, 0, 0, 1), forecast.OK, ""},
		{"a few on one weekday", usual(50, friSat...), forecast.OK, ""},
		{"a spike on the last day", until(days-1, often, until(days, times(20), often)), forecast.OK, ""},
		{"a spike lately", until(days-10, often, until(days-9, times(100), often)), forecast.OK, "% without them"},
		{"three times as much of late", until(days-10, often, times(3)), forecast.OK, "new level"},
		{"a fifth of late", until(days-10, often, times(0.2)), forecast.OK, "new level"},
		{"three times as much long since", until(days-60, often, times(3)), forecast.OK, ""},
		{"nothing of late", until(days-20, often, always(0)), forecast.OK, "brought 0, and"},
		{"nothing for long", until(days-60, often, always(0)), forecast.NoActivity, "last 8 weeks"},
		{"the last days unknown", until(days-4, often, until(days, always(math.NaN()), often)), forecast.Stale, "last 4 days are unknown"},
		{"three weeks unknown", until(days-60, often, until(days-39, always(math.NaN()), often)), forecast.OK, ""},
		{"one value", always(5), forecast.Constant, "the same value, 5"},
		{"one value but for a day", until(50, always(5), until(51, always(6), always(5))), forecast.OK, ""},
		{"the same each week", func(_ *rand.Rand, i int) float64 { return float64(10 + i%7) }, forecast.OK, ""},
		{"one each Monday", func(_ *rand.Rand, i int) float64 { return float64((7 - i%7) / 7) }, forecast.OK, "nobody can reach"},
		{"one a week", chance(1./7, 1, 0), forecast.OK, "nobody can reach"},
		{"one a year", until(1, always(1), always(0)), forecast.NoActivity, "last 8 weeks"},
		{"every second week", func(r *rand.Rand, i int) float64 { return often(r, i) * float64(i/7%2) }, forecast.OK, "nobody can reach"},
		{"as much as is read", func(r *rand.Rand, i int) float64 { return 1e10 * often(r, i) }, forecast.OK, ""},
		{"all or nothing", chance(0.5, 1e6, 0), forecast.OK, "nobody can reach"},
		{"without a mean", func(r *rand.Rand, _ int) float64 { return math.Round(math.Pow(r.Float64(), -1.5)) }, forecast.OK, "nobody can reach"},
		{"twice as much each month", func(r *rand.Rand, i int) float64 { return poisson(r, 3*math.Exp2(float64(i)/30)) }, forecast.OK, ""},
		{"ten a day", usual(10, allWeek...), forecast.OK, "nobody can reach 85 % for each day here"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(14, 1))
			y := make([]float64, days+ahead)
			for i := range y {
				y[i] = tt.y(r, i)
			}
			f := at(t, forecast.Request{Series: series.Series{First: firstDay, Values: y[:days]}})
			reason := ""
			if f.Reason != nil {
				reason = *f.Reason
			}
			if f.Status != tt.status || !strings.Contains(reason, tt.reason) || (reason == "") != (tt.reason == "") {
				t.Errorf("%s (%s), want %s (%s)", f.Status, reason, tt.status, tt.reason)
			}
			inOrder(t, f)
			if _, err := json.Marshal(f); err != nil {
				t.Error(err)
			}
			wrong, came := 0.0, 0.0
			for i, p := range f.Points {
				wrong, came = wrong+math.Abs(y[days+i]-p.Mean), came+y[days+i]
			}
			if hit := 1 - wrong/came; reason == "" && f.Accuracy != nil && f.Accuracy.Value > hit+0.05 {
				t.Errorf("accuracy %.3f is shown, and %.3f came", f.Accuracy.Value, hit)
			}
		})
	}
}

// inOrder holds the properties that are true of all forecasts.
func inOrder(t *testing.T, f forecast.Forecast) {
	t.Helper()
	told := f.Status == forecast.OK || f.Status == forecast.Preliminary
	if told != (len(f.Points) > 0) || !told && (f.Accuracy != nil || f.Reason == nil) {
		t.Errorf("%s: %d points, accuracy %v, reason %v", f.Status, len(f.Points), f.Accuracy, f.Reason)
	}
	for _, p := range f.Points {
		if !(p.Lo95 >= 0 && p.Lo95 <= p.Lo80 && p.Lo80 <= p.Mean && p.Mean <= p.Hi80 && p.Hi80 <= p.Hi95 && p.Hi95 < math.MaxFloat64) {
			t.Errorf("%+v", p)
		}
	}
	for _, total := range f.Totals {
		if !(total.Lo80 >= 0 && total.Lo80 <= total.Mean && total.Mean <= total.Hi80) {
			t.Errorf("%+v", total)
		}
	}
	if a := f.Accuracy; a != nil && (a.Value > 1 || a.Origins == 0 || f.Ceiling == nil || *f.Ceiling < a.Value-1e-4) {
		t.Errorf("%+v, ceiling %v", a, f.Ceiling)
	}
}
