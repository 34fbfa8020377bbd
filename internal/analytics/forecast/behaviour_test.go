package forecast_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/analytics/forecast"
	"github.com/romashka/sidecar/internal/analytics/series"
)

// scored is how a method does over origins of one series.
type scored struct {
	wrong, came      float64
	in80, in95, open int
	weekdayWrong     float64 // of the mean of 8 weeks
}

func (s scored) accuracy() float64 { return 1 - s.wrong/s.came }

func score(t *testing.T, s series.Series, cal series.Calendar, origins ...int) scored {
	t.Helper()
	steps := make([]series.Step, len(origins))
	for i, o := range origins {
		steps[i] = s.First + series.Step(o) - 1
	}
	found, err := forecast.At(forecast.Request{Series: s, Calendar: cal, Horizon: 30}, steps...)
	if err != nil {
		t.Fatal(err)
	}
	var out scored
	for k, f := range found {
		for i, p := range f.Points {
			v := s.Values[origins[k]+i]
			out.wrong, out.came = out.wrong+math.Abs(v-p.Mean), out.came+v
			out.weekdayWrong += math.Abs(v - eightWeeks(s.Values[:origins[k]], i))
			if p.Hi95 == 0 {
				continue
			}
			out.open++
			if p.Lo80 <= v && v <= p.Hi80 {
				out.in80++
			}
			if p.Lo95 <= v && v <= p.Hi95 {
				out.in95++
			}
		}
	}
	return out
}

func eightWeeks(y []float64, ahead int) float64 {
	sum := 0.0
	for k := 1; k <= 8; k++ {
		sum += y[len(y)-7*k+ahead%7]
	}
	return sum / 8
}

func everyNth(first, last, step int) []int {
	var out []int
	for o := first; o <= last; o += step {
		out = append(out, o)
	}
	return out
}

// TestHeldSeries holds the figures of results.md that can be held here.
func TestHeldSeries(t *testing.T) {
	t.Parallel()
	births := score(t, held(t, "births1959"), series.Calendar{}, 84, 112, 140, 168, 196, 223, 251, 279, 307, 335)
	if births.accuracy() < 0.86 {
		t.Errorf("births1959: %.4f", births.accuracy())
	}
	taxis := score(t, held(t, "nyctaxi"), series.Calendar{}, 84, 95, 106, 118, 129, 140, 151, 163, 174, 185)
	if taxis.accuracy() < 0.925 {
		t.Errorf("nyctaxi: %.4f", taxis.accuracy())
	}
}

// TestCallCentres: on series of every kind, the headline is not behind the mean
// of 8 weeks, and intervals hold their share of the values.
func TestCallCentres(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		made
		gain float64 // over the mean of 8 weeks
	}{
		{"office days", made{days: 330, level: 400, week: office, noise: 0.07}, -0.005},
		{"closed on Saturday, quiet on Friday", made{days: 330, level: 300, week: friSat, noise: 0.07}, -0.005},
		{"five a day", made{days: 330, level: 6, week: allWeek}, 0},
		{"growth", made{days: 330, level: 150, week: allWeek, noise: 0.07, change: func(i int, _ series.Step) float64 { return math.Exp(0.003 * float64(i)) }}, 0.02},
		{"a new level", made{days: 330, level: 150, week: allWeek, noise: 0.07, change: func(i int, _ series.Step) float64 {
			if i > 170 {
				return 1.7
			}
			return 1
		}}, 0},
		{"bills on the 1st and 2nd", made{days: 330, level: 300, week: allWeek, noise: 0.06, change: func(_ int, day series.Step) float64 {
			if place, _ := series.DayOfMonth(day); place <= 2 {
				return 1.6
			}
			return 1
		}}, 0.01},
		{"outages", made{days: 330, level: 300, week: allWeek, noise: 0.06, change: func(i int, _ series.Step) float64 {
			if i%29 == 3 {
				return 0.1
			}
			return 1
		}}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := score(t, tt.series(11), series.Calendar{}, everyNth(120, 300, 15)...)
			if gain := got.accuracy() - (1 - got.weekdayWrong/got.came); gain < tt.gain {
				t.Errorf("accuracy %.3f, %+.3f beside the mean of 8 weeks", got.accuracy(), gain)
			}
			in80, in95 := float64(got.in80)/float64(got.open), float64(got.in95)/float64(got.open)
			if in80 < 0.7 || in80 > 0.95 || in95 < 0.88 {
				t.Errorf("80 %% interval holds %.2f, 95 %% interval %.2f", in80, in95)
			}
		})
	}
}

func TestOutliersAreNamedAndClipped(t *testing.T) {
	t.Parallel()
	s := made{days: 200, level: 60, week: allWeek, noise: 0.06}.series(1)
	before := at(t, forecast.Request{Series: s})
	s.Values[190] *= 40
	s.Values[191] *= 40
	after := at(t, forecast.Request{Series: s})
	if ratio := sum(after.Points) / sum(before.Points); ratio < 0.9 || ratio > 1.1 {
		t.Errorf("total %.2f of that without the outbreak", ratio)
	}
	named := map[string]bool{}
	for _, o := range after.Outliers {
		named[o.DS] = o.Used < o.Y/10
	}
	for _, i := range []int{190, 191} {
		if label := series.Daily.Label(s.First + series.Step(i)); !named[label] {
			t.Errorf("%s is not named: %+v", label, after.Outliers)
		}
	}
}

func TestCalendar(t *testing.T) {
	t.Parallel()
	s := made{days: 200, level: 100, week: allWeek, noise: 0.05}.series(7)
	plain := at(t, forecast.Request{Series: s})
	last := s.Last()
	cal := series.Calendar{Shares: map[series.Step]float64{last + 3: 0, last + 9: 0.5}}
	got := at(t, forecast.Request{Series: s, Calendar: cal})
	for i, p := range got.Points {
		want := plain.Points[i].Mean
		switch i {
		case 2:
			if p != (forecast.Point{DS: p.DS}) {
				t.Errorf("a closed day: %+v", p)
			}
		case 8:
			if math.Abs(p.Mean/want-0.5) > 0.01 {
				t.Errorf("half a day: %.2f of %.2f", p.Mean, want)
			}
		default:
			if p.Mean != want {
				t.Errorf("%s: %v, without the calendar %v", p.DS, p.Mean, want)
			}
		}
	}
}

// TestHolidays: how volume answered to a holiday is carried on, and one without
// any before it is a usual day.
func TestHolidays(t *testing.T) {
	t.Parallel()
	cal := series.Calendar{Holidays: map[series.Step]string{}}
	for i := 20; i < 230; i += 30 {
		cal.Holidays[firstDay+series.Step(i)] = []string{"one", "two"}[i/30%2]
	}
	s := made{days: 220, level: 200, week: allWeek, noise: 0.05, change: func(_ int, day series.Step) float64 {
		if cal.Holidays[day] != "" {
			return 0.2
		}
		return 1
	}}.series(8)
	ahead := firstDay + 229
	cal.Holidays[ahead] = "one"
	with, without := at(t, forecast.Request{Series: s, Calendar: cal}), at(t, forecast.Request{Series: s})
	i := int(ahead - s.Last() - 1)
	if ratio := with.Points[i].Mean / without.Points[i].Mean; ratio < 0.15 || ratio > 0.45 {
		t.Errorf("a holiday ahead is %.2f of a usual day, those before were 0.2", ratio)
	}
	if len(with.Calendar) != 1 || with.Calendar[0].Name != "one" {
		t.Errorf("not named: %+v", with.Calendar)
	}
	first := series.Calendar{Holidays: map[series.Step]string{ahead: "one"}}
	if got := at(t, forecast.Request{Series: s, Calendar: first}); got.Points[i].Mean != without.Points[i].Mean {
		t.Errorf("a holiday without any before it: %v, usual %v", got.Points[i].Mean, without.Points[i].Mean)
	}
}

// TestLowVolume: few customers are noise that no method takes away, and the
// answer says so.
func TestLowVolume(t *testing.T) {
	t.Parallel()
	f := at(t, forecast.Request{Series: made{days: 300, level: 10, week: []float64{1, 1, 1, 1, 1, 1, 1}}.series(3)})
	if *f.Ceiling < 0.6 || *f.Ceiling > 0.76 || *f.TargetReachable {
		t.Errorf("ceiling %v, reachable %v; Poisson of 10 leaves 0.75", *f.Ceiling, *f.TargetReachable)
	}
	if f.Accuracy.Value > *f.Ceiling+0.02 {
		t.Errorf("accuracy %v above the ceiling %v", f.Accuracy.Value, *f.Ceiling)
	}
	if f.Reason == nil || !strings.Contains(*f.Reason, "nobody can reach 85 %") {
		t.Errorf("reason %v", f.Reason)
	}
	if len(f.Totals) != 2 || f.Totals[0].Days != 7 || f.Totals[1].Days != 30 {
		t.Errorf("totals %+v", f.Totals)
	}
	for _, p := range f.Points { // 80 % of a Poisson variable of 10 lies in 6 to 14
		if p.Lo80 > 7 || p.Hi80 < 13 {
			t.Errorf("narrower than Poisson: %+v", p)
		}
	}
	big := at(t, forecast.Request{Series: made{days: 300, level: 2000, week: allWeek, noise: 0.03}.series(3)})
	if !*big.TargetReachable || big.Reason != nil {
		t.Errorf("2000 a day: ceiling %v, reason %v", *big.Ceiling, big.Reason)
	}
}

// TestCeiling: an accuracy that a method reaches is not called out of reach,
// also if the volume swings in another rhythm than a week.
func TestCeiling(t *testing.T) {
	t.Parallel()
	everySecondWeek := made{days: 300, level: 400, week: allWeek, noise: 0.02, change: func(i int, _ series.Step) float64 { return 0.8 + 0.6*float64(i/7%2) }}
	for name, s := range map[string]series.Series{
		"every second week": everySecondWeek.series(3),
		"3 a day":           made{days: 300, level: 3, week: allWeek}.series(3),
	} {
		f := at(t, forecast.Request{Series: s})
		if *f.Ceiling < f.Accuracy.Value-1e-4 || *f.TargetReachable != (*f.Ceiling >= 0.85) {
			t.Errorf("%s: accuracy %v above the ceiling %v", name, f.Accuracy.Value, *f.Ceiling)
		}
	}
}

// TestFewCustomers: with few contacts, empty Sundays do not make Sunday a closed
// day.
func TestFewCustomers(t *testing.T) {
	t.Parallel()
	s := made{days: 120, level: 1, week: []float64{1, 1, 1, 1, 1, 1, 0}}.series(5)
	for _, p := range at(t, forecast.Request{Series: s}).Points {
		if p.Hi80 == 0 {
			t.Errorf("closed at one customer a day: %+v", p)
		}
	}
	pause := made{days: 300, level: 20, week: allWeek, change: func(i int, _ series.Step) float64 {
		if i > 60 && i < 160 {
			return 0
		}
		return 1
	}}.series(2)
	if f := at(t, forecast.Request{Series: pause}); f.Status != forecast.OK {
		t.Errorf("a pause of 14 weeks: %s", f.Status)
	}
	for seed := range uint64(20) { // a few large days, in weeks of nothing
		r := rand.New(rand.NewPCG(seed, 7))
		now := made{days: 28 + int(seed), level: 500, week: allWeek, change: func(int, series.Step) float64 {
			return math.Floor(r.Float64() + 0.15)
		}}.series(seed)
		if f := at(t, forecast.Request{Series: now}); f.Status != forecast.NoActivity {
			checkOrder(t, f)
			if got := sum(f.Points); f.Status == forecast.OK && got <= 0 {
				t.Errorf("%d days, %s: %v ahead", len(now.Values), f.Status, got)
			}
		}
	}
	s = made{days: 120, level: 50, week: []float64{1, 1, 1, 1, 1, 1, 0}}.series(5)
	if p := at(t, forecast.Request{Series: s}).Points[5]; p.Hi95 != 0 { // day 126, a seventh
		t.Errorf("eight empty Sundays at fifty a day: %+v", p)
	}
}

// hoursOf spreads days over the hours from 8 to 18, and in 24 hours each.
func hoursOf(days series.Series, seed uint64) series.Series {
	r := rand.New(rand.NewPCG(seed, 2))
	s := series.Series{Grain: series.Hourly, First: days.First * 24, Values: make([]float64, 24*len(days.Values))}
	for i, v := range days.Values {
		for range int(v) {
			s.Values[i*24+8+int(10*(r.Float64()+r.Float64())/2)]++
		}
	}
	return s
}

func TestHours(t *testing.T) {
	t.Parallel()
	days := made{days: 90, level: 200, week: office, noise: 0.05}.series(12)
	s := hoursOf(days, 5)
	f := at(t, forecast.Request{Series: s, Horizon: 14 * 24})
	daily := at(t, forecast.Request{Series: days, Horizon: 14})
	checkOrder(t, f)
	for i, day := range daily.Points {
		total := 0.0
		for _, p := range f.Points[24*i : 24*(i+1)] {
			total += p.Mean
			hour, err := series.Hourly.ParseLabel(p.DS)
			if err != nil {
				t.Fatal(err)
			}
			if h := series.Hourly.Hour(hour); (h < 8 || h > 17) && p.Hi95 > 0 {
				t.Errorf("closed hour %+v", p)
			}
		}
		if math.Abs(total-day.Mean) > 1e-6*day.Mean+0.01 {
			t.Errorf("%s: hours sum to %v, the day is %v", day.DS, total, day.Mean)
		}
	}
	if f.Accuracy == nil || f.Accuracy.Horizon != 14*24 {
		t.Errorf("accuracy %+v", f.Accuracy)
	}
}

// TestHoursWithoutNights: hours that never occur are closed, an hour that is
// missing is unknown, and an origin within a day leaves the rest of it ahead.
func TestHoursWithoutNights(t *testing.T) {
	t.Parallel()
	s := hoursOf(made{days: 80, level: 200, week: office, noise: 0.05}.series(13), 5)
	whole := at(t, forecast.Request{Series: s, Horizon: 168})
	for i := range s.Values {
		if h := i % 24; h < 8 || h > 17 || i == 24*70+9 {
			s.Values[i] = math.NaN()
		}
	}
	got := at(t, forecast.Request{Series: s.Through(s.First + 24*80 - 7), Horizon: 168}) // 17:00, the last that occurs
	if ratio := sum(got.Points) / sum(whole.Points); got.Status != forecast.OK || math.Abs(ratio-1) > 0.03 {
		t.Errorf("%s, %.3f of the total with nights as zeros", got.Status, ratio)
	}
	found, err := forecast.At(forecast.Request{Series: s, Horizon: 24}, s.First+24*74+11) // Wednesday 11:00
	if err != nil {
		t.Fatal(err)
	}
	if first := found[0].Points[0]; first.Mean < 5 {
		t.Errorf("the hour after an origin within a day: %+v", first)
	}
}
