package insight

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Part is a share of one part of a tenant, week by week: a channel, a topic, an
// hour of the week.
type Part struct {
	Figure, Dimension, Value string
	Better                   int // 1: a higher share is better, -1: a lower one
	Weeks                    []Week
}

// Difference is a part that is worse than all others of its dimension together.
type Difference struct {
	Part        Part
	Share, Rest float64
	Rows        float64 // of the part
	Effect      float64 // rows a week that would change if the part were as the rest, above 0
	EffectLo95  float64
	EffectHi95  float64
	P, Adjusted float64
	Tests       int
}

// Differences tests each part against the rest of its figure and dimension, and
// gives those that are worse, largest effect first. tests is how many could be
// tested.
func Differences(parts []Part) (found []Difference, tests int) {
	type group struct{ figure, dimension string }
	groups := map[group][]Part{}
	var order []group
	for _, p := range parts {
		g := group{p.Figure, p.Dimension}
		if groups[g] == nil {
			order = append(order, g)
		}
		groups[g] = append(groups[g], p)
	}
	for _, g := range order {
		for i, p := range groups[g] {
			if d, ok := p.against(others(groups[g], i)); ok {
				found = append(found, d)
			}
		}
	}
	tests = len(found)
	ps := make([]float64, tests)
	for i, d := range found {
		ps[i] = d.P
	}
	for i, p := range holm(ps) {
		found[i].Adjusted, found[i].Tests = p, tests
	}
	found = slices.DeleteFunc(found, func(d Difference) bool {
		return d.Adjusted >= alpha || d.Effect < 1 || math.Abs(d.Share-d.Rest) < 0.05
	})
	slices.SortStableFunc(found, func(a, b Difference) int { return cmp.Compare(b.Effect, a.Effect) })
	return found, tests
}

// others adds up all parts but the i-th, week by week.
func others(parts []Part, i int) []Week {
	sum := make([]Week, len(parts[i].Weeks))
	for j, p := range parts {
		for k := range min(len(sum), len(p.Weeks)) {
			if j != i && !p.Weeks[k].Out {
				sum[k].Num, sum[k].Den = sum[k].Num+p.Weeks[k].Num, sum[k].Den+p.Weeks[k].Den
			}
		}
	}
	return sum
}

func (p Part) against(rest []Week) (d Difference, ok bool) {
	mine, other := pool(p.Weeks), pool(rest)
	if mine.n < leastRows || other.n < leastRows {
		return d, false
	}
	difference := mine.p - other.p
	deviation := math.Hypot(mine.deviation, other.deviation)
	a := distuv.UnitNormal
	half := a.Quantile(0.975) * deviation
	weekly := mine.n / float64(len(p.Weeks))
	worse := -float64(p.Better) * difference
	return Difference{
		Part: p, Share: mine.p, Rest: other.p, Rows: mine.n,
		Effect: weekly * worse, EffectLo95: weekly * (worse - half), EffectHi95: weekly * (worse + half),
		P: 2 * a.Survival(math.Abs(difference)/deviation),
	}, true
}

// pooled is a share over weeks, and its deviation.
type pooled struct{ p, n, deviation float64 }

// pool adds weeks up. If they differ by more than chance (answers of one
// conversation hang together, weeks do, too), the deviation grows with them.
func pool(weeks []Week) (s pooled) {
	num := 0.0
	for _, w := range weeks {
		if !w.Out {
			num, s.n = num+w.Num, s.n+w.Den
		}
	}
	if s.n == 0 {
		return s
	}
	s.p = num / s.n
	smooth := (num + 1) / (s.n + 2) // so that none of a few is not certain
	spread, count := 0.0, 0.0
	for _, w := range weeks {
		if !w.Out && w.Den > 0 {
			r := w.Num/w.Den - s.p
			spread, count = spread+w.Den*r*r/(smooth*(1-smooth)), count+1
		}
	}
	over := 1.0
	if count > 1 {
		over = max(1, spread/(count-1))
	}
	s.deviation = math.Sqrt(over * smooth * (1 - smooth) / s.n)
	return s
}

// Outcome is the effect of a recommendation, as measured afterwards.
type Outcome struct {
	State      string  `json:"state"` // came, worse, not_shown, too_few_rows
	Before     float64 `json:"before"`
	After      float64 `json:"after"`
	Effect     float64 `json:"effect"` // rows a week, above 0 where it went as hoped
	EffectLo95 float64 `json:"effect_low"`
	EffectHi95 float64 `json:"effect_high"`
}

// Came compares a part before and after with the rest before and after: a change
// that the rest shares is not the part's.
func Came(better int, before, after, restBefore, restAfter []Week) Outcome {
	b, a, rb, ra := pool(before), pool(after), pool(restBefore), pool(restAfter)
	o := Outcome{State: "too_few_rows", Before: b.p, After: a.p}
	if min(b.n, a.n, rb.n, ra.n) < leastRows {
		return o
	}
	gain := float64(better) * ((a.p - b.p) - (ra.p - rb.p))
	half := distuv.UnitNormal.Quantile(0.975) * math.Sqrt(b.deviation*b.deviation+a.deviation*a.deviation+rb.deviation*rb.deviation+ra.deviation*ra.deviation)
	weekly := a.n / float64(len(after))
	o.Effect, o.EffectLo95, o.EffectHi95 = weekly*gain, weekly*(gain-half), weekly*(gain+half)
	switch {
	case gain > half:
		o.State = "came"
	case gain < -half:
		o.State = "worse"
	default:
		o.State = "not_shown"
	}
	return o
}
