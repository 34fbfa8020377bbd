package predict

import (
	"fmt"
	"math"

	"github.com/romashka/sidecar/internal/analytics/forecast"
	"github.com/romashka/sidecar/internal/analytics/series"
)

// week is how many single values (ratings, or conversations that ended) a week
// had, their sum and their sum of squares.
type week struct {
	n, sum, squares float64
}

func (w *week) add(o week) { w.n, w.sum, w.squares = w.n+o.n, w.sum+o.sum, w.squares+o.squares }

func (w week) mean() float64 { return w.sum / w.n }

// level is a weekly mean that moves slowly, and its bounds.
type level struct {
	first       series.Step // Monday of the first week
	weeks       []week
	least, most float64 // a single value
	what        string  // "ratings"
}

// The needs of a weekly mean, and the bounds of looking at it.
const (
	weeksAhead  = 5  // the one that is under way, and four
	leastWeeks  = 8  // with values, for a forecast
	testedWeeks = 12 // for a back-test
	leastValues = 30 // in the recent weeks
	recentWeeks = 13
	scoredFrom  = 5 // values of a week that is scored
	staleWeeks  = 4
	season      = 7
)

// windows are how many weeks are taken together; which, past errors choose. Read-only.
var windows = [...]int{4, 8, 13, 26}

// Quantiles of the normal distribution, for 80 and 95 %.
const (
	quantile80 = 1.2815515655446004
	quantile95 = 1.959963984540054
)

// guess is a mean with the standard deviation of a week's mean around it.
type guess struct{ mean, deviation float64 }

// forecast gives the weeks after the last one.
func (l level) forecast() forecast.Forecast {
	if status, reason := l.state(); status != forecast.OK {
		f := nothing(status, reason)
		f.Origin = l.label(len(l.weeks) - 1)
		return f
	}
	n := len(l.weeks)
	window := l.choose(n)
	g := l.guess(n, window)
	f := nothing(forecast.OK, "")
	f.Reason, f.Origin, f.Horizon = nil, l.label(n-1), weeksAhead
	f.Method = fmt.Sprintf("mean of %d weeks", window)
	for i := range weeksAhead {
		f.Points = append(f.Points, l.point(n+i, g))
	}
	if f.Accuracy = l.backtest(); f.Accuracy == nil {
		reason := fmt.Sprintf("accuracy needs %d weeks with %s, %d are there", testedWeeks, l.what, l.known())
		f.Status, f.Reason = forecast.Preliminary, &reason
	}
	return f
}

func (l level) label(i int) string {
	return series.Daily.Label(l.first + series.Step(season*i))
}

func (l level) point(i int, g guess) forecast.Point {
	at := func(q float64) float64 { return round(min(l.most, max(l.least, g.mean+q*g.deviation))) }
	return forecast.Point{DS: l.label(i), Mean: round(g.mean), Lo80: at(-quantile80), Hi80: at(quantile80), Lo95: at(-quantile95), Hi95: at(quantile95)}
}

// state says whether there is enough to go on.
func (l level) state() (forecast.Status, string) {
	recent, latest, same := week{}, week{}, week{}
	for i, w := range l.weeks {
		same.add(w)
		if i >= len(l.weeks)-recentWeeks {
			recent.add(w)
		}
		if i >= len(l.weeks)-staleWeeks {
			latest.add(w)
		}
	}
	switch {
	case same.n == 0:
		return forecast.NoActivity, "no " + l.what + " are there"
	case latest.n == 0:
		return forecast.Stale, fmt.Sprintf("no %s in the last %d weeks", l.what, staleWeeks)
	case l.known() < leastWeeks || recent.n < leastValues:
		return forecast.InsufficientHistory, fmt.Sprintf("needs %d %s in the last %d weeks and %d weeks with some; %.0f and %d are there",
			leastValues, l.what, recentWeeks, leastWeeks, recent.n, l.known())
	case same.squares*same.n-same.sum*same.sum <= 1e-9*same.squares:
		return forecast.Constant, fmt.Sprintf("all %.0f %s are the same, %g", same.n, l.what, same.mean())
	}
	return forecast.OK, ""
}

// known is the number of weeks with values.
func (l level) known() (n int) {
	for _, w := range l.weeks {
		if w.n > 0 {
			n++
		}
	}
	return n
}

// guess takes the weeks before place n together. The deviation of a week's mean
// has three parts: its own few values, those of the window, and how much weeks
// differ beyond that.
func (l level) guess(n, window int) guess {
	pool := l.pool(n, window)
	if pool.n == 0 {
		pool = l.pool(n, n)
	}
	year := l.pool(n, 52)
	single := max(0, year.squares/year.n-year.mean()*year.mean()) // variance of one value
	expected := l.pool(n, leastWeeks).n / leastWeeks
	between, weeks := 0.0, 0.0
	for i := max(0, n-26); i < n; i++ {
		if w := l.weeks[i]; w.n > 0 {
			d := w.mean() - year.mean()
			between += d*d - single/w.n
			weeks++
		}
	}
	variance := single/max(1, expected) + single/pool.n + max(0, between/max(1, weeks))
	return guess{pool.mean(), math.Sqrt(variance)}
}

// pool adds up to window weeks before place n.
func (l level) pool(n, window int) (sum week) {
	for _, w := range l.weeks[max(0, n-window):n] {
		sum.add(w)
	}
	return sum
}

// choose returns the window that would have been nearest in the weeks before
// place n; the shortest that is as good.
func (l level) choose(n int) int {
	best, least := windows[1], math.Inf(1)
	for _, window := range windows {
		wrong := 0.0
		for at := leastWeeks; at < n; at++ {
			if w, pool := l.weeks[at], l.pool(at, window); w.n > 0 && pool.n > 0 {
				wrong += w.n * math.Abs(w.mean()-pool.mean())
			}
		}
		if wrong < least-1e-12 {
			best, least = window, wrong
		}
	}
	return best
}

// backtest scores the weeks ahead of each earlier week, the window chosen and
// the interval made from the weeks known then; nil if there are too few.
func (l level) backtest() *forecast.Accuracy {
	if l.known() < testedWeeks {
		return nil
	}
	var wrong, came, counted, in80, in95, steps, naive float64
	origins := 0
	for n := leastWeeks; n < len(l.weeks); n++ {
		if l.pool(n, n).n == 0 {
			continue
		}
		g, last, scored := l.guess(n, l.choose(n)), l.weeks[n-1], false
		for i := n; i < min(n+weeksAhead, len(l.weeks)); i++ {
			w := l.weeks[i]
			if w.n < scoredFrom {
				continue
			}
			scored = true
			p := l.point(i, g)
			wrong, came, counted = wrong+math.Abs(w.mean()-p.Mean), came+w.mean(), counted+1
			in80, in95 = in80+within(w.mean(), p.Lo80, p.Hi80), in95+within(w.mean(), p.Lo95, p.Hi95)
			if last.n > 0 {
				naive, steps = naive+math.Abs(w.mean()-last.mean()), steps+1
			}
		}
		if scored {
			origins++
		}
	}
	if came == 0 {
		return nil
	}
	a := &forecast.Accuracy{
		WAPE: round(wrong / came), Value: round(1 - wrong/came), Origins: origins, Horizon: weeksAhead,
		Coverage80: round(in80 / counted), Coverage95: round(in95 / counted),
	}
	if naive > 0 {
		mase := round(wrong / counted / (naive / steps))
		a.MASE = &mase
	}
	return a
}

func within(x, lo, hi float64) float64 {
	if lo <= x && x <= hi {
		return 1
	}
	return 0
}
