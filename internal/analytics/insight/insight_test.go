package insight_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/romashka/sidecar/internal/analytics/insight"
)

// tenant makes up series of a year and a half in which nothing happens but
// growth, a season, and noise of weeks on top of chance.
func tenant(r *rand.Rand, weeks int, growth, season float64) (list []insight.Series) {
	for _, channel := range []string{"", "email", "whatsapp", "website", "instagram"} {
		dimension := "channel"
		if channel == "" {
			dimension = insight.All
		}
		volume := insight.Series{Figure: "conversations", Dimension: dimension, Value: channel, Kind: insight.Count}
		share := insight.Series{Figure: "resolution_rate", Dimension: dimension, Value: channel, Kind: insight.Share}
		level := insight.Series{Figure: "csat_mean", Dimension: dimension, Value: channel, Kind: insight.Level}
		for i := range weeks {
			mean := 150 * math.Exp(growth*float64(i)) * (1 + season*math.Sin(2*math.Pi*float64(i)/52.18)) * math.Exp(0.08*r.NormFloat64())
			n := poisson(r, mean)
			p, hits, sum := min(0.95, max(0.05, 0.6+0.03*r.NormFloat64())), 0.0, 0.0
			for range int(n) {
				if r.Float64() < p {
					hits++
				}
				sum += float64(1 + r.IntN(5))
			}
			volume.Weeks = append(volume.Weeks, insight.Week{Num: n})
			share.Weeks = append(share.Weeks, insight.Week{Num: hits, Den: n})
			level.Weeks = append(level.Weeks, insight.Week{Num: sum, Den: n})
		}
		list = append(list, volume, share, level)
	}
	return list
}

func poisson(r *rand.Rand, mean float64) float64 {
	return math.Max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64()))
}

// Of tenants where nothing happens, one in twenty at most is told anything, also
// where they grow and have a season.
func TestNothingHappened(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct {
		weeks          int
		growth, season float64
	}{"steady": {20, 0, 0}, "growing": {20, 0.01, 0}, "with a season": {80, 0, 0.35}, "both": {80, 0.005, 0.25}} {
		const runs = 150
		told, tests := 0, 0
		for i := range uint64(runs) {
			found, n := insight.Changes(tenant(rand.New(rand.NewPCG(i, 7)), of.weeks, of.growth, of.season))
			tests += n
			if len(found) > 0 {
				told++
			}
		}
		if tests != 15*runs {
			t.Errorf("%s: %d tests", name, tests)
		}
		if told > runs/20+8 { // three deviations more than 5 %
			t.Errorf("%s: something is told of %d of %d tenants where nothing happened", name, told, runs)
		}
	}
}

// A change is found, of the right part, with an interval that holds it.
func TestSomethingHappened(t *testing.T) {
	t.Parallel()
	const runs = 100
	seen, echoes, held := 0, 0, 0
	for i := range uint64(runs) {
		list := tenant(rand.New(rand.NewPCG(i, 8)), 80, 0.003, 0.1)
		for j, s := range list {
			if s.Figure == "resolution_rate" && s.Value == "email" {
				last := &list[j].Weeks[len(s.Weeks)-1]
				last.Num = math.Round(last.Num / 2) // from 60 % to 30 %
			}
		}
		found, _ := insight.Changes(list)
		for _, c := range found {
			if c.Series.Figure == "resolution_rate" && c.Series.Value == "email" {
				seen++
				if c.DiffLo95 <= -0.3 && -0.3 <= c.DiffHi95 {
					held++
				}
			} else {
				echoes++
			}
		}
	}
	if seen < 75 || held < 70 || echoes > 12 {
		t.Errorf("found in %d of %d, %d intervals hold it, %d others", seen, runs, held, echoes)
	}
}

// A week that moves each year is no news, and a week of which too little is known is not judged.
func TestSeason(t *testing.T) {
	t.Parallel()
	series := func(seed uint64, weeks int) insight.Series {
		r := rand.New(rand.NewPCG(seed, 9))
		s := insight.Series{Figure: "conversations", Dimension: insight.All, Kind: insight.Count}
		for i := range weeks {
			n := poisson(r, 400)
			if i == weeks-1 || i == weeks-53 {
				n *= 2 // the week of Christmas
			}
			s.Weeks = append(s.Weeks, insight.Week{Num: n})
		}
		return s
	}
	for seed := range uint64(20) {
		if found, tests := insight.Changes([]insight.Series{series(seed, 80)}); len(found) != 0 || tests != 1 {
			t.Errorf("with the year before: %d of %d", len(found), tests)
		}
		if found, _ := insight.Changes([]insight.Series{series(seed, 30)}); len(found) != 1 || found[0].YearBefore {
			t.Errorf("without it: %d", len(found))
		}
	}
	if _, tests := insight.Changes([]insight.Series{series(1, 8), {Kind: insight.Share, Weeks: make([]insight.Week, 20)}, {}}); tests != 0 {
		t.Errorf("%d series are judged of which too little is known", tests)
	}
}

// parts are shares of hours; the first is worse by so much.
func parts(r *rand.Rand, worse float64) (list []insight.Part) {
	for i := range 40 {
		p := insight.Part{Figure: "missed_rate", Dimension: "hour", Value: string(rune('A' + i)), Better: -1}
		for range 8 {
			w := insight.Week{Den: 20}
			odds := 0.1 + 0.02*r.NormFloat64()
			if i == 0 {
				odds += worse
			}
			for range 20 {
				if r.Float64() < odds {
					w.Num++
				}
			}
			p.Weeks = append(p.Weeks, w)
		}
		list = append(list, p)
	}
	return list
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	wrong, right, held := 0, 0, 0
	const runs = 80
	for i := range uint64(runs) {
		if found, tests := insight.Differences(parts(rand.New(rand.NewPCG(i, 1)), 0)); len(found) > 0 || tests != 40 {
			wrong++
		}
		found, _ := insight.Differences(parts(rand.New(rand.NewPCG(i, 2)), 0.3))
		if len(found) > 0 && found[0].Part.Value == "A" {
			right++
			if d := found[0]; d.EffectLo95 <= 6 && 6 <= d.EffectHi95 { // 0.3 of 20 a week
				held++
			}
		}
	}
	if wrong > 10 || right < 74 || held < 68 {
		t.Errorf("of %d: %d times something where nothing is; %d times found, %d intervals hold it", runs, wrong, right, held)
	}
}

func TestCame(t *testing.T) {
	t.Parallel()
	weeks := func(n int, num, den float64) (list []insight.Week) {
		for range n {
			list = append(list, insight.Week{Num: num, Den: den})
		}
		return list
	}
	for _, tt := range []struct {
		name                 string
		after, restAfter, of []insight.Week
		want                 string
	}{
		{"as hoped", weeks(4, 10, 100), weeks(4, 50, 500), weeks(8, 40, 100), "came"},
		{"as everything", weeks(4, 10, 100), weeks(4, 5, 500), weeks(8, 15, 100), "not_shown"},
		{"the other way", weeks(4, 60, 100), weeks(4, 50, 500), weeks(8, 40, 100), "worse"},
		{"nobody came", weeks(4, 0, 2), weeks(4, 50, 500), weeks(8, 40, 100), "too_few_rows"},
	} {
		if got := insight.Came(-1, tt.of, tt.after, weeks(8, 50, 500), tt.restAfter); got.State != tt.want {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}
