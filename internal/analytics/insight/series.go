package insight

import "math"

// Kind is the nature of a week's figure: how it varies by chance.
type Kind int

// The kinds. A Count is Num alone; a Share is Num of Den rows; a Level is the mean
// Num / Den of Den rows.
const (
	Count Kind = iota
	Share
	Level
)

// Week is a figure of one week. A week with Out does not count: a holiday
// lay in it, or it is not known.
type Week struct {
	Num, Den float64
	Out      bool
}

// Series is a figure of one part of a tenant, week by week without gaps, oldest
// first. The last week is the one that is judged.
type Series struct {
	Figure    string // as in the list of figures
	Dimension string // all, channel, team, topic, ...
	Value     string // of the dimension; "" of all
	Kind      Kind
	Weeks     []Week
}

// The needs of a judgement.
const (
	baseline  = 12 // weeks before the one that is judged
	least     = 8  // of them that count
	yearAgo   = 52 // weeks: the same weekdays, and about the same season
	leastRows = 30 // of the week that is judged, and of a typical one
	leastOf   = 10 // expected of a count
)

// value is Num / Den, or Num of a count.
func (k Kind) value(w Week) float64 {
	if k == Count {
		return w.Num
	}
	return w.Num / w.Den
}

// expectation is the forecast of one week from the weeks before.
type expectation struct {
	got, want float64
	deviation float64 // of got - want, if nothing happened
	free      float64 // degrees of freedom
}

// expect fits a straight line to the baseline before week i, and goes on with it.
// Noise is that of the weeks around the line, and never less than chance alone
// makes; so weeks that differ much by themselves make a finding harder. ok
// is false where there are too few weeks or rows.
func (s Series) expect(i int) (e expectation, ok bool) {
	if i < baseline || i >= len(s.Weeks) || s.Weeks[i].Out {
		return e, false
	}
	b := s.before(i)
	n := float64(len(b.x))
	if n < least {
		return e, false
	}
	if s.Kind == Count && b.num/n < leastOf || s.Kind != Count && (s.Weeks[i].Den < leastRows || b.den/n < leastRows) {
		return e, false
	}
	line := fit(b.x, b.y, b.w)
	noise := max(line.residual/(n-2), s.Kind.chance(b.num, b.den, n))
	e = expectation{got: s.Kind.value(s.Weeks[i]), want: s.Kind.possible(line.at0), free: n - 2}
	e.deviation = math.Sqrt(noise * (1/weight(s.Kind, s.Weeks[i]) + line.variance0))
	return e, e.deviation > 0
}

// base holds the weeks before another that count: places, values and weights for
// the line, and their sums.
type base struct {
	x, y, w  []float64
	num, den float64
}

// before is the baseline of week i.
func (s Series) before(i int) (b base) {
	for j := i - baseline; j < i; j++ {
		week := s.Weeks[j]
		if week.Out || s.Kind != Count && week.Den == 0 {
			continue
		}
		b.x, b.y = append(b.x, float64(j-i)), append(b.y, s.Kind.value(week))
		b.w = append(b.w, weight(s.Kind, week))
		b.num, b.den = b.num+week.Num, b.den+week.Den
	}
	return b
}

// chance is the variance that chance alone makes: of a count, or of a row of a
// share. A level has none: its rows vary by themselves.
func (k Kind) chance(num, den, weeks float64) float64 {
	switch k {
	case Count:
		return num / weeks
	case Share:
		p := (num + 1) / (den + 2)
		return p * (1 - p)
	case Level:
	}
	return 0
}

// possible is v within the values that a figure can have.
func (k Kind) possible(v float64) float64 {
	switch k {
	case Count:
		return max(v, 0)
	case Share:
		return min(max(v, 0), 1)
	case Level:
	}
	return v
}

func weight(k Kind, w Week) float64 {
	if k == Count {
		return 1
	}
	return w.Den
}

// straight is a weighted least-squares line: its value at 0, the variance of that
// for a noise of 1, and the weighted sum of squared residuals.
type straight struct{ at0, variance0, residual float64 }

func fit(x, y, w []float64) (l straight) {
	var sw, sx, sy float64
	for i := range x {
		sw, sx, sy = sw+w[i], sx+w[i]*x[i], sy+w[i]*y[i]
	}
	mx, my := sx/sw, sy/sw
	var sxx, sxy float64
	for i := range x {
		sxx, sxy = sxx+w[i]*(x[i]-mx)*(x[i]-mx), sxy+w[i]*(x[i]-mx)*(y[i]-my)
	}
	slope := sxy / sxx
	for i := range x {
		r := y[i] - my - slope*(x[i]-mx)
		l.residual += w[i] * r * r
	}
	l.at0, l.variance0 = my-slope*mx, 1/sw+mx*mx/sxx
	return l
}
