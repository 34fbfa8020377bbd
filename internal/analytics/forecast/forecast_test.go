package forecast_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/analytics/forecast"
	"github.com/romashka/sidecar/internal/analytics/series"
)

// Weeks of made series, from the first day on. Read-only.
var (
	allWeek  = []float64{1.15, 1.1, 1, 1.05, 0.95, 0.7, 0.6}
	friSat   = []float64{1.1, 1, 1.05, 1, 0.1, 0, 1.2}
	office   = []float64{1.2, 1.1, 1, 1.05, 0.95, 0, 0}
	firstDay = series.Step(19000) // 2022-01-08
)

// made is a series of days with a weekly shape and noise from a seed.
type made struct {
	days   int
	level  float64
	week   []float64
	noise  float64                              // standard deviation of the log of the mean; then Poisson
	change func(i int, day series.Step) float64 // a factor on the mean; nil = 1
}

func (m made) series(seed uint64) series.Series {
	r := rand.New(rand.NewPCG(seed, 1))
	s := series.Series{First: firstDay, Values: make([]float64, m.days)}
	for i := range s.Values {
		mean := m.level * m.week[i%7] * math.Exp(m.noise*r.NormFloat64())
		if m.change != nil {
			mean *= m.change(i, s.First+series.Step(i))
		}
		s.Values[i] = poisson(r, mean)
	}
	return s
}

func poisson(r *rand.Rand, mean float64) float64 {
	if mean > 300 {
		return math.Max(math.Round(mean+math.Sqrt(mean)*r.NormFloat64()), 0)
	}
	limit, k, p := math.Exp(-mean), 0.0, 1.0
	for {
		if p *= r.Float64(); p <= limit {
			return k
		}
		k++
	}
}

func at(tb testing.TB, req forecast.Request) forecast.Forecast {
	tb.Helper()
	found, err := forecast.At(req, req.Series.Last())
	if err != nil {
		tb.Fatal(err)
	}
	return found[0]
}

func held(tb testing.TB, name string) series.Series {
	tb.Helper()
	text, err := os.ReadFile("testdata/" + name + "_daily.csv")
	if err != nil {
		tb.Fatal(err)
	}
	s, err := series.ParseCSV(text, series.Daily)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func sum(points []forecast.Point) float64 {
	total := 0.0
	for _, p := range points {
		total += p.Mean
	}
	return total
}

func TestStates(t *testing.T) {
	t.Parallel()
	whole := made{days: 130, level: 60, week: allWeek, noise: 0.05}.series(1)
	days := func(n int) series.Series { return whole.Through(whole.First + series.Step(n) - 1) }
	with := func(n int, change func(i int, v float64) float64) series.Series {
		s := days(n)
		s.Values = append([]float64(nil), s.Values...)
		for i, v := range s.Values {
			s.Values[i] = change(i, v)
		}
		return s
	}
	for _, tt := range []struct {
		name     string
		in       series.Series
		want     forecast.Status
		points   int
		accuracy int // its horizon, 0 = none
		reason   string
	}{
		{"1 day", days(1), forecast.InsufficientHistory, 0, 0, "needs 14 days of history, 1 are there"},
		{"13 days", days(13), forecast.InsufficientHistory, 0, 0, "needs 14 days of history, 13 are there"},
		{"14 days", days(14), forecast.Preliminary, 14, 0, "accuracy needs 28 days of history, 14 are there"},
		{"27 days", days(27), forecast.Preliminary, 14, 0, "27 are there"},
		{"28 days", days(28), forecast.OK, 30, 14, ""},
		{"55 days", days(55), forecast.OK, 30, 14, ""},
		{"56 days", days(56), forecast.OK, 30, 30, ""},
		{"86 days", days(86), forecast.OK, 30, 30, ""},
		{"zeros, then 20 days", with(130, func(i int, v float64) float64 {
			if i < 110 {
				return 0
			}
			return v
		}), forecast.Preliminary, 14, 0, "20 are there"},
		{"zeros", with(100, func(int, float64) float64 { return 0 }), forecast.NoActivity, 0, 0, "no value above 0"},
		{"zeros for 9 weeks", with(130, func(i int, v float64) float64 {
			if i > 66 {
				return 0
			}
			return v
		}), forecast.NoActivity, 0, 0, "of the last 8 weeks"},
		{"twenty each day", with(100, func(int, float64) float64 { return 20 }), forecast.Constant, 0, 0, "same value, 20"},
		{"every third unknown", with(120, func(i int, v float64) float64 {
			if i%3 == 1 {
				return math.NaN()
			}
			return v
		}), forecast.Gappy, 0, 0, "% of the days"},
		{"the last five unknown", with(120, func(i int, v float64) float64 {
			if i >= 115 {
				return math.NaN()
			}
			return v
		}), forecast.Stale, 0, 0, "last 5 days are unknown"},
		{"a weekday never seen", with(16, func(i int, v float64) float64 {
			if i%7 == 4 {
				return math.NaN()
			}
			return v
		}), forecast.InsufficientHistory, 0, 0, "no known Wednesday"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := at(t, forecast.Request{Series: tt.in})
			scored := 0
			if got.Accuracy != nil {
				scored = got.Accuracy.Horizon
			}
			if got.Status != tt.want || len(got.Points) != tt.points || scored != tt.accuracy {
				t.Errorf("%s, %d points, accuracy over %d; want %s, %d, %d", got.Status, len(got.Points), scored, tt.want, tt.points, tt.accuracy)
			}
			reason := ""
			if got.Reason != nil {
				reason = *got.Reason
			}
			if !strings.Contains(reason, tt.reason) || tt.reason == "" && reason != "" {
				t.Errorf("reason %q, want %q", reason, tt.reason)
			}
		})
	}
}

// TestNoLeak: values after an origin do not change a byte.
func TestNoLeak(t *testing.T) {
	t.Parallel()
	shut := series.Calendar{Shares: map[series.Step]float64{firstDay + 140: 0, firstDay + 150: 0.5}, Holidays: map[series.Step]string{firstDay + 20: "a", firstDay + 160: "a"}}
	for name, s := range map[string]series.Series{
		"days":        made{days: 200, level: 80, week: friSat, noise: 0.1}.series(2),
		"late start":  startLate(made{days: 200, level: 80, week: allWeek, noise: 0.1}.series(2), 60),
		"hours":       hoursOf(made{days: 120, level: 80, week: office, noise: 0.1}.series(3), 4),
		"half a year": made{days: 190, level: 5, week: allWeek}.series(4),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(9, 9))
			for _, part := range []float64{0.1, 0.25, 0.5, 0.71, 0.93} {
				origin := s.First + series.Step(part*float64(len(s.Values)))
				cut := s.Through(origin)
				want := line(t, forecast.Request{Series: cut, Calendar: shut}, origin)
				other := s
				other.Values = append([]float64(nil), s.Values...)
				for i := int(origin-s.First) + 1; i < len(other.Values); i++ {
					other.Values[i] = []float64{math.NaN(), 0, 1e6 * r.Float64()}[r.IntN(3)]
				}
				for what, changed := range map[string]series.Series{"as it was": s, "changed": other} {
					if got := line(t, forecast.Request{Series: changed, Calendar: shut}, origin); got != want {
						t.Errorf("origin %s, future %s:\n%s\nwithout it:\n%s", s.Grain.Label(origin), what, got, want)
					}
				}
			}
		})
	}
}

func startLate(s series.Series, n int) series.Series {
	clear(s.Values[:n])
	return s
}

// line is the forecast at origin as JSON, asked for with others.
func line(t *testing.T, req forecast.Request, origin series.Step) string {
	t.Helper()
	found, err := forecast.At(req, origin, req.Series.First)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAccuracy holds that the accuracy shown is computed from the lines of the
// back-test, on days and hours.
func TestAccuracy(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]series.Series{
		"births":   held(t, "births1959"),
		"46 days":  held(t, "births1959").Through(held(t, "births1959").First + 45),
		"70 days":  held(t, "births1959").Through(held(t, "births1959").First + 69),
		"hours":    hoursOf(made{days: 100, level: 300, week: office, noise: 0.05}.series(5), 6),
		"one hole": holed(made{days: 250, level: 100, week: allWeek, noise: 0.1}.series(6), 100, 140),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := forecast.Request{Series: s}
			shown := at(t, req).Accuracy
			lines, err := forecast.Backtest(req)
			if err != nil {
				t.Fatal(err)
			}
			wrong, came, used := 0.0, 0.0, 0
			for _, l := range lines {
				if len(l.Points) == 0 {
					continue
				}
				used++
				if len(l.Points) != shown.Horizon {
					t.Fatalf("%d points, scored over %d", len(l.Points), shown.Horizon)
				}
				for _, p := range l.Points {
					step, err := s.Grain.ParseLabel(p.DS)
					if err != nil {
						t.Fatal(err)
					}
					if v := s.At(step); !math.IsNaN(v) {
						wrong, came = wrong+math.Abs(v-p.Mean), came+v
					}
				}
			}
			if got := 1 - wrong/came; math.Abs(got-shown.Value) > 1e-5 || used != shown.Origins {
				t.Errorf("lines give %.6f over %d origins, shown %.6f over %d", got, used, shown.Value, shown.Origins)
			}
		})
	}
}

// TestOrigins: an accuracy rests on eight origins as soon as the history has them,
// and a longer history never has fewer.
func TestOrigins(t *testing.T) {
	t.Parallel()
	s := made{days: 140, level: 100, week: allWeek}.series(1)
	before := 0
	for _, tt := range []struct{ days, origins int }{{56, 1}, {70, 3}, {85, 5}, {86, 6}, {92, 7}, {98, 8}, {110, 8}, {128, 8}, {134, 9}} {
		f := at(t, forecast.Request{Series: s.Through(s.First + series.Step(tt.days) - 1)})
		if got := f.Accuracy.Origins; got != tt.origins || got < before || f.Accuracy.Horizon != 30 {
			t.Errorf("%d days: %d origins over %d days, want %d over 30", tt.days, got, f.Accuracy.Horizon, tt.origins)
		}
		before = tt.origins
	}
}

func holed(s series.Series, from, to int) series.Series {
	for i := from; i < to; i++ {
		s.Values[i] = math.NaN()
	}
	return s
}

// TestShuffled: a history without its order predicts less, and the accuracy
// shown is lower.
func TestShuffled(t *testing.T) {
	t.Parallel()
	s := made{days: 200, level: 100, week: allWeek, noise: 0.05}.series(1)
	before := at(t, forecast.Request{Series: s}).Accuracy.Value
	r := rand.New(rand.NewPCG(3, 3))
	r.Shuffle(len(s.Values), func(i, j int) { s.Values[i], s.Values[j] = s.Values[j], s.Values[i] })
	if after := at(t, forecast.Request{Series: s}).Accuracy.Value; after > before-0.02 {
		t.Errorf("%.3f, shuffled %.3f", before, after)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := made{days: 60, level: 60, week: allWeek}.series(1)
	for _, req := range []forecast.Request{{}, {Series: s, Horizon: -1}, {Series: s, Horizon: 100000}} {
		if _, err := forecast.At(req, firstDay); err == nil {
			t.Errorf("horizon %d, %d values: taken", req.Horizon, len(req.Series.Values))
		}
	}
	if _, err := forecast.At(forecast.Request{Series: s}, s.Last()+1); err == nil || !strings.Contains(err.Error(), "lies outside") {
		t.Errorf("an origin after the series: %v", err)
	}
}

// FuzzAt: for any counts, bounds are in order and all figures finite.
func FuzzAt(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 6, 7, 9, 200, 255}, uint8(30), false)
	f.Add([]byte(strings.Repeat("\x00\x05\x07\xff\x03\x00\x00", 12)), uint8(7), true)
	f.Fuzz(func(t *testing.T, counts []byte, horizon uint8, hourly bool) {
		if len(counts) == 0 || len(counts) > 2000 {
			return
		}
		s := series.Series{First: 19000}
		if hourly {
			s.Grain, s.First = series.Hourly, 19000*24+5
		}
		for _, c := range counts {
			v := float64(c)
			if c == 255 {
				v = math.NaN()
			}
			if c > 250 {
				v *= 1e9
			}
			s.Values = append(s.Values, v)
		}
		got := at(t, forecast.Request{Series: s, Horizon: int(horizon)})
		checkOrder(t, got)
	})
}

func checkOrder(t *testing.T, f forecast.Forecast) {
	t.Helper()
	if _, err := json.Marshal(f); err != nil {
		t.Fatal(err)
	}
	for _, p := range f.Points {
		if !(0 <= p.Lo95 && p.Lo95 <= p.Lo80 && p.Lo80 <= p.Mean && p.Mean <= p.Hi80 && p.Hi80 <= p.Hi95) {
			t.Fatalf("out of order: %+v", p)
		}
	}
}

func BenchmarkBacktest(b *testing.B) {
	days := made{days: 731, level: 500, week: office, noise: 0.08}.series(1)
	for name, s := range map[string]series.Series{"2 years of days": days, "2 years of hours": hoursOf(days, 1)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got := at(b, forecast.Request{Series: s}); got.Accuracy == nil {
					b.Fatal(strconv.Quote(*got.Reason))
				}
			}
		})
	}
}
