package forecast

import (
	"math"
	"slices"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// The levels of the four bounds, and the quantiles of a normal variable there.
const (
	tail80, tail95     = 0.1, 0.025
	normal80, normal95 = 1.2815515655446004, 1.959963984540054
)

const (
	// priorTries is how many tries the width of noise alone counts for beside
	// the tries of the back-test.
	priorTries = 2
	// The days of one try lie side by side, and tries share days, so that few of them
	// know less of the tails than their number says: bounds widen by
	// 1 + tailMargin / tries.
	tailMargin = 1.5
	// drift is how much a week ahead adds to the width of noise alone.
	drift = 0.08
	// hourlyTries bounds the residuals that hours sort.
	hourlyTries = 24
)

// bounds are distances from a mean in units of its scale, by level.
type bounds struct{ lo80, hi80, lo95, hi95 float64 }

// residuals are the errors of earlier tries by week ahead, each in units of
// its scale.
type residuals struct {
	spread float64 // part of the scale that grows with the mean
	weeks  [][]float64
	tries  []int // with something in that week
}

// scale is the standard deviation of a count of this mean, up to a factor: the
// one of a Poisson count, and a share of the mean.
func scale(mean, spread float64) float64 {
	return math.Sqrt(mean + spread*spread*mean*mean)
}

// outcome is an earlier try: its bands for each step, by how much its
// intervals were stretched, and the values that came as far as they are known.
type outcome struct {
	bands                []band
	stretch80, stretch95 float64
	came                 []float64
	settled              bool // made when intervals rested on tries already
}

// addIntervals puts bounds around the days of r from the residuals of earlier
// tries: asymmetric, by week ahead, and never within those of a Poisson count.
func (s *study) addIntervals(r *run, earlier []*run) {
	if len(r.days) == 0 {
		return
	}
	var past []outcome
	for _, e := range recent(earlier, r.n) {
		past = append(past, newOutcome(e.days, e.stretch, r.history.raw[e.n:], e.n))
	}
	open := func(i int) bool { return r.open[i] }
	around(r.days, collect(past, r.spread, 1), r.spread, 1, open)
	r.stretch = stretch(r.days, past, 1, open)
}

func newOutcome(bands []band, by [2]float64, came []float64, n int) outcome {
	steps := min(len(bands), len(came))
	return outcome{bands: bands[:steps], stretch80: by[0], stretch95: by[1], came: came[:steps], settled: n >= fullDays}
}

// collect gathers the errors of earlier tries.
func collect(past []outcome, spread float64, perDay int) residuals {
	var actual, mean []float64
	for _, o := range past {
		for i, v := range o.came {
			actual, mean = append(actual, v), append(mean, o.bands[i].mean)
		}
	}
	res := residuals{spread: spread}
	if len(mean) > 0 {
		res.spread = relativeSpread(actual, mean)
	}
	for _, o := range past {
		for i, v := range o.came {
			week := i / (season * perDay)
			if week == len(res.weeks) {
				res.weeks, res.tries = append(res.weeks, nil), append(res.tries, 0)
			}
			if i%(season*perDay) == 0 {
				res.tries[week]++
			}
			if m := o.bands[i].mean; m > 0 && !math.IsNaN(v) {
				res.weeks[week] = append(res.weeks[week], (v-m)/scale(m, res.spread))
			}
		}
	}
	for _, w := range res.weeks {
		slices.Sort(w)
	}
	return res
}

// around sets the bounds of bands.
func around(bands []band, res residuals, spread float64, perDay int, open func(i int) bool) {
	var now bounds
	tries, week := 0.0, -1
	for i := range bands {
		if w := i / (season * perDay); w != week {
			week = w
			if b, k, ok := res.bounds(w); ok {
				now, tries = b, k
			}
		}
		b := &bands[i]
		if !open(i) {
			*b = band{}
			continue
		}
		noise := scale(b.mean, 1.25*spread) * (1 + drift*float64(week))
		known := scale(b.mean, res.spread)
		share := tries / (tries + priorTries)
		mix := func(own, normal float64) float64 { return share*own*known + (1-share)*normal*noise }
		b.set(mix(now.lo80, -normal80), mix(now.hi80, normal80), mix(now.lo95, -normal95), mix(now.hi95, normal95))
	}
}

// bounds of week w, with the tries that they rest on. Three tries at least.
func (r residuals) bounds(w int) (b bounds, tries float64, ok bool) {
	if w >= len(r.weeks) || r.tries[w] < 3 || len(r.weeks[w]) == 0 {
		return b, 0, false
	}
	values, k := r.weeks[w], float64(r.tries[w])
	margin := 1 + tailMargin/k
	b = bounds{
		lo80: quantile(values, tail80) * margin, hi80: quantile(values, 1-tail80) * margin,
		lo95: quantile(values, tail95) * margin, hi95: quantile(values, 1-tail95) * margin,
	}
	return b, k, true
}

// set puts distances around the mean, in order, above zero, and no closer than
// those of a Poisson count of that mean.
func (b *band) set(lo80, hi80, lo95, hi95 float64) {
	m := b.mean
	b.lo80 = max(min(m+lo80, poissonQuantile(m, tail80), m), 0)
	b.hi80 = max(m+hi80, poissonQuantile(m, 1-tail80), m)
	b.lo95 = max(min(m+lo95, poissonQuantile(m, tail95), b.lo80), 0)
	b.hi95 = max(m+hi95, poissonQuantile(m, 1-tail95), b.hi80)
}

// quantile of sorted values, as conformal prediction takes it: the n values
// cut the line into n + 1 parts of equal chance.
func quantile(sorted []float64, p float64) float64 {
	n := len(sorted)
	at := p*float64(n+1) - 1
	i := int(math.Floor(at))
	switch {
	case i < 0:
		return sorted[0]
	case i >= n-1:
		return sorted[n-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// poissonQuantile is the smallest count that a Poisson variable of this mean
// does not exceed with chance p; above 200 by a normal variable.
func poissonQuantile(mean, p float64) float64 {
	if mean > 200 {
		z := normal80
		if p == tail95 || p == 1-tail95 {
			z = normal95
		}
		if p < 0.5 {
			z = -z
		}
		return mean + z*math.Sqrt(mean) + (z*z-1)/6
	}
	term := math.Exp(-mean)
	sum, k := term, 0.0
	for sum < p && k < 1000 {
		k++
		term *= mean / k
		sum += term
	}
	return k
}

// totals sums the first days of r, with intervals from the errors of earlier
// tries' sums.
func (s *study) totals(r *run, earlier []*run) []Total {
	out := []Total{}
	perDay := s.grain.PerDay()
	for _, days := range []int{season, defaultHorizon} {
		t := Total{Days: days}
		for _, b := range s.bands(r)[:days*perDay] {
			t.Mean += b.mean
		}
		var ratios []float64
		for _, e := range recent(earlier, r.n) {
			if r.n-e.n < days || len(e.days) == 0 { // not over, or nothing came in the weeks before
				continue
			}
			mean, came := 0.0, 0.0
			for i, b := range s.bands(e)[:days*perDay] {
				if v := s.values.At(e.history.origin + 1 + series.Step(i)); !math.IsNaN(v) {
					mean, came = mean+b.mean, came+v
				}
			}
			if mean > 0 {
				ratios = append(ratios, came/mean-1)
			}
		}
		slices.Sort(ratios)
		k := float64(len(ratios))
		noise := r.spread * t.Mean * math.Max(1/math.Sqrt(float64(days)), 0.3) * (1 + drift*float64(days)/season)
		noise = normal80 * math.Sqrt(noise*noise+t.Mean)
		lo, hi := -noise, noise
		if k > 0 {
			share, margin := k/(k+2*priorTries), (1+tailMargin/k)*t.Mean
			lo = share*quantile(ratios, tail80)*margin - (1-share)*noise
			hi = share*quantile(ratios, 1-tail80)*margin + (1-share)*noise
		}
		b := band{mean: t.Mean}
		b.set(lo, hi, lo, hi)
		t.Mean, t.Lo80, t.Hi80 = round(t.Mean, decimals), round(b.lo80, decimals), round(b.hi80, decimals)
		out = append(out, t)
	}
	return out
}
