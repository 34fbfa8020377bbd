package forecast

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"
)

// The methods stand behind At and Backtest, which combine them. R has each of
// them alone, so this file looks inside.

// rows of a held CSV file, without its header.
func rows(tb testing.TB, name string) [][]string {
	tb.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	return all[1:]
}

func number(tb testing.TB, text string) float64 {
	tb.Helper()
	if text == "NA" {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// daily is a held series.
func daily(tb testing.TB, name string) []float64 {
	tb.Helper()
	var y []float64
	for _, r := range rows(tb, name+"_daily.csv") {
		y = append(y, number(tb, r[1]))
	}
	return y
}

// reference is R's result for one method and series.
type reference struct {
	n      int
	params map[string]float64
	mean   []float64
}

func references(tb testing.TB) map[string]*reference {
	tb.Helper()
	out := map[string]*reference{}
	get := func(r []string) *reference {
		key := r[0] + " " + r[2]
		if out[key] == nil {
			out[key] = &reference{n: int(number(tb, r[1])), params: map[string]float64{}}
		}
		return out[key]
	}
	for _, r := range rows(tb, "reference_parameters.csv") {
		get(r).params[r[3]] = number(tb, r[4])
	}
	for _, r := range rows(tb, "reference_forecasts.csv") {
		ref := get(r)
		ref.mean = append(ref.mean, number(tb, r[4]))
	}
	return out
}

var heldSeries = []string{"births1959", "nyctaxi"} // read-only

func near(tb testing.TB, what string, got, want []float64, relative float64) {
	tb.Helper()
	if len(got) != len(want) {
		tb.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= relative*math.Max(math.Abs(want[i]), 1)) {
			tb.Errorf("%s, step %d: %.9g, R has %.9g", what, i+1, got[i], want[i])
			return
		}
	}
}

// TestETSLikeR holds that R's parameters give R's forecasts, and that our
// search finds parameters at least as likely.
func TestETSLikeR(t *testing.T) {
	t.Parallel()
	refs := references(t)
	for _, name := range heldSeries {
		for method, kind := range map[string]etsKind{
			"ses": {}, "ets_ANA": {season: 7}, "ets_AAdA": {season: 7, damped: true},
		} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				ref := refs[name+" "+method]
				y := daily(t, name)[:ref.n]
				p := paramsOfR(ref.params, kind)
				sse, at := kind.filter(p, y)
				m := &etsModel{kind: kind, params: p, at: at}
				near(t, "mean", m.forecast(30), ref.mean, 1e-6)
				if logLik := -float64(ref.n) / 2 * math.Log(sse); math.Abs(logLik-ref.params["loglik"]) > 1e-3 {
					t.Errorf("log-likelihood %.4f, R has %.4f", logLik, ref.params["loglik"])
				}
				own := fitETS(kind, y, kind.etsStarts()...)
				if own.logLik < ref.params["loglik"]-0.5 {
					t.Errorf("our search reaches %.3f, R's %.3f", own.logLik, ref.params["loglik"])
				}
				if want, ok := ref.params["aicc"]; ok && own.aicc > want+1 {
					t.Errorf("AICc %.3f, R has %.3f", own.aicc, want)
				}
			})
		}
	}
}

// paramsOfR turns R's names into ours: its s0 is the newest of the seasons.
func paramsOfR(p map[string]float64, k etsKind) etsParams {
	out := etsParams{alpha: p["alpha"], beta: p["beta"], gamma: p["gamma"], phi: p["phi"], level: p["l"], slope: p["b"]}
	if k.season == 0 {
		return out
	}
	out.seasonal = make([]float64, k.season)
	for i := range k.season - 1 {
		v := p[fmt.Sprintf("s%d", i)]
		out.seasonal[k.season-1-i] = v
		out.seasonal[0] -= v
	}
	return out
}

func TestSTLLikeR(t *testing.T) {
	t.Parallel()
	refs := references(t)
	for _, name := range heldSeries {
		ref := refs[name+" stl_periodic_last7"]
		y := daily(t, name)[:ref.n]
		s, trend := stl(y, nil, periodicSTL(len(y), season, 0))
		want := make([]float64, season)
		for i := range want {
			want[i] = ref.params[fmt.Sprintf("seas%d", i+1)]
		}
		near(t, name+" season", s[len(s)-season:], want, 1e-6)
		near(t, name+" trend", trend[len(trend)-1:], []float64{refs[name+" stl_periodic_trend_last"].params["trend"]}, 1e-6)
	}
}

func TestThetaLikeR(t *testing.T) {
	t.Parallel()
	for key, ref := range references(t) {
		for _, name := range heldSeries {
			if key == name+" theta" {
				near(t, key, theta(daily(t, name)[:ref.n], season, 30), ref.mean, 1e-4)
			}
			if key == name+" snaive" {
				near(t, key, seasonalMean(daily(t, name)[:ref.n], season, 1, 30), ref.mean, 1e-9)
			}
		}
	}
}

func BenchmarkETS(b *testing.B) {
	y := daily(b, "births1959")
	for name, k := range map[string]etsKind{"ANA": {season: season}, "AAdA": {season: season, damped: true}} {
		warm := fitETS(k, y[:350], k.etsStarts()...).theta
		b.Run(name+" cold", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fitETS(k, y, k.etsStarts()...)
			}
		})
		b.Run(name+" warm", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fitETS(k, y, warm)
			}
		})
	}
}
