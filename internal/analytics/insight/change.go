package insight

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

const alpha = 0.05 // of all tests of a call together

// Change is a series whose last week was not to be expected.
type Change struct {
	Series        Series
	Got, Expected float64
	Lo95, Hi95    float64 // in which the week was to be expected
	Difference    float64 // Got - Expected
	DiffLo95      float64 // its 95 % interval, by itself
	DiffHi95      float64
	P, Adjusted   float64 // by itself, and among Tests
	Tests         int
	Weeks         int  // that the expectation rests on
	YearBefore    bool // the same weeks a year before are known, and did not move alike

	seasonal float64 // P against them; 0 where they are not known
}

// Changes judges the last week of each series, largest first by its certainty. tests
// is how many could be judged; none changed where nothing passed.
//
// Weekdays do not matter, for weeks are whole. Growth does not, for a line goes on.
// The season does not where the year before is known: a week that passed must then
// also be a change against how the same weeks moved a year before, corrected once
// more.
func Changes(list []Series) (found []Change, tests int) {
	for _, s := range list {
		if c, ok := s.judge(); ok {
			found = append(found, c)
		}
	}
	tests = len(found)
	found = passed(found, func(c Change) float64 { return c.P })
	found = passed(found, func(c Change) float64 { return c.seasonal })
	for i := range found {
		found[i].Tests = tests
	}
	found = slices.DeleteFunc(found, func(c Change) bool { return !c.matters() })
	slices.SortStableFunc(found, func(a, b Change) int { return cmp.Compare(a.P, b.P) })
	return withoutEchoes(found), tests
}

// passed are those whose p holds among all of list.
func passed(list []Change, p func(Change) float64) (kept []Change) {
	ps := make([]float64, len(list))
	for i, c := range list {
		ps[i] = p(c)
	}
	for i, adjusted := range holm(ps) {
		if adjusted < alpha {
			list[i].Adjusted = max(list[i].Adjusted, adjusted)
			kept = append(kept, list[i])
		}
	}
	return kept
}

// judge tests the last week.
func (s Series) judge() (c Change, ok bool) {
	last := len(s.Weeks) - 1
	e, ok := s.expect(last)
	if !ok {
		return c, false
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: e.free}
	half := t.Quantile(0.975) * e.deviation
	c = Change{
		Series: s, Got: e.got, Expected: e.want, Lo95: e.want - half, Hi95: e.want + half,
		Difference: e.got - e.want, DiffLo95: e.got - e.want - half, DiffHi95: e.got - e.want + half,
		P: 2 * t.Survival(math.Abs(e.got-e.want)/e.deviation), Weeks: int(e.free) + 2,
	}
	switch s.Kind {
	case Count:
		c.Lo95 = max(c.Lo95, 0)
	case Share:
		c.Lo95, c.Hi95 = max(c.Lo95, 0), min(c.Hi95, 1)
	case Level:
	}
	if then, known := s.expect(last - yearAgo); known && then.want > 0 && e.want > 0 {
		c.YearBefore = true
		c.seasonal = 2 * t.Survival(math.Abs(seasonal(s.Kind, e, then)))
	}
	return c, true
}

// seasonal is how far a week moved beside the same week a year before, in
// deviations: counts and levels by their ratio, shares by their difference. The
// noise of a week that doubles doubles as well.
func seasonal(k Kind, now, then expectation) float64 {
	if k == Share {
		return (now.got - now.want - then.got + then.want) / math.Hypot(now.deviation, then.deviation)
	}
	moved := max(1, then.got/then.want)
	return (now.got/now.want - then.got/then.want) / (moved * math.Hypot(now.deviation/now.want, then.deviation/then.want))
}

// matters reports whether a change is large enough to be told: a tenth of a count
// or level, two points of a share. Of a million rows a smaller one is certain, too.
func (c Change) matters() bool {
	if c.Series.Kind == Share {
		return math.Abs(c.Difference) >= 0.02
	}
	return math.Abs(c.Difference) >= 0.1*c.Expected
}

// withoutEchoes leaves out the parts of a figure that changed as all did.
func withoutEchoes(list []Change) []Change {
	whole := map[string]Change{}
	for _, c := range list {
		if c.Series.Dimension == All {
			whole[c.Series.Figure] = c
		}
	}
	return slices.DeleteFunc(list, func(c Change) bool {
		w, ok := whole[c.Series.Figure]
		if !ok || c.Series.Dimension == All {
			return false
		}
		scale := 1.0
		if c.Series.Kind != Share {
			scale = c.Expected / w.Expected
		}
		return c.DiffLo95 <= w.Difference*scale && w.Difference*scale <= c.DiffHi95
	})
}

// All is the dimension of a whole tenant.
const All = "all"

// holm corrects for as many tests as there are, dependent or not.
func holm(ps []float64) []float64 {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ps[a], ps[b]) })
	adjusted := make([]float64, len(ps))
	most := 0.0
	for rank, i := range order {
		most = max(most, min(1, ps[i]*float64(len(ps)-rank)))
		adjusted[i] = most
	}
	return adjusted
}
