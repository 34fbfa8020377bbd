package forecast

import (
	"math"
	"slices"
)

// stlWindows are the settings of a decomposition by loess (Cleveland and
// others, 1990), with the meanings and defaults of R's stl.
type stlWindows struct {
	period                           int
	seasonal, trend, low             int // lengths of the smoothers
	seasonalDegree                   int // 0 or 1; the others have 1
	seasonalJump, trendJump, lowJump int
	inner, outer                     int // outer > 0 is the robust form
	periodic                         bool
}

// periodicSTL are the windows for a season that stays the same.
func periodicSTL(n, period, outer int) stlWindows {
	w := stlWindows{period: period, seasonal: 10*n + 1, inner: 2, outer: outer, periodic: true}
	w.trend = nextOdd(math.Ceil(1.5 * float64(period) / (1 - 1.5/float64(w.seasonal))))
	w.low = nextOdd(float64(period))
	if outer > 0 {
		w.inner = 1
	}
	w.seasonalJump, w.trendJump, w.lowJump = tenth(w.seasonal), tenth(w.trend), tenth(w.low)
	return w
}

func nextOdd(x float64) int { return int(x) | 1 }

func tenth(n int) int { return (n + 9) / 10 }

// stl splits y into season and trend. weight, if given, is 0 for values that
// only fill a gap; the robust form lowers the weight of outliers too.
func stl(y, weight []float64, w stlWindows) (seasonal, trend []float64) {
	n := len(y)
	s := &stlRun{stlWindows: w, y: y, seasonal: make([]float64, n), trend: make([]float64, n), robust: make([]float64, n)}
	s.cycle = make([]float64, n+2*w.period)
	s.a, s.b, s.c = make([]float64, n+2*w.period), make([]float64, n+2*w.period), make([]float64, n+2*w.period)
	s.w = make([]float64, n+2)
	for i := range s.robust {
		s.robust[i] = 1
		if weight != nil {
			s.robust[i] = weight[i]
		}
	}
	s.weighted = weight != nil
	for pass := 0; ; pass++ {
		for range w.inner {
			s.step()
		}
		if pass >= w.outer {
			break
		}
		s.reweigh(weight)
		s.weighted = true
	}
	if w.periodic {
		s.averageSeason()
	}
	return s.seasonal, s.trend
}

type stlRun struct {
	stlWindows
	y, seasonal, trend, robust []float64
	cycle, a, b, c, w          []float64 // scratch
	weighted                   bool
}

// step is one inner iteration: the season from y without the trend, then the
// trend from y without the season.
func (s *stlRun) step() {
	n, p := len(s.y), s.period
	for i := range s.y {
		s.a[i] = s.y[i] - s.trend[i]
	}
	s.smoothCycles(s.a[:n])
	low := s.movingAverages()
	s.loess(low, s.low, 1, s.lowJump, nil, s.b[:n])
	for i := range s.y {
		s.seasonal[i] = s.cycle[p+i] - s.b[i]
		s.a[i] = s.y[i] - s.seasonal[i]
	}
	s.loess(s.a[:n], s.stlWindows.trend, 1, s.trendJump, s.weights(), s.trend)
}

func (s *stlRun) weights() []float64 {
	if s.weighted {
		return s.robust
	}
	return nil
}

// smoothCycles smooths each place of the season over the cycles, one step
// beyond both ends, into s.cycle.
func (s *stlRun) smoothCycles(y []float64) {
	n, p := len(y), s.period
	for j := range p {
		k := (n-1-j)/p + 1
		sub, out := s.b[:k], s.c[:k+2]
		var weights []float64
		if s.weighted {
			weights = make([]float64, k)
		}
		for i := range sub {
			sub[i] = y[j+i*p]
			if weights != nil {
				weights[i] = s.robust[j+i*p]
			}
		}
		s.loess(sub, s.stlWindows.seasonal, s.seasonalDegree, s.seasonalJump, weights, out[1:k+1])
		if v, ok := s.at(sub, s.stlWindows.seasonal, s.seasonalDegree, 0, 1, min(s.stlWindows.seasonal, k), weights); ok {
			out[0] = v
		} else {
			out[0] = out[1]
		}
		if v, ok := s.at(sub, s.stlWindows.seasonal, s.seasonalDegree, float64(k+1), max(1, k-s.stlWindows.seasonal+1), k, weights); ok {
			out[k+1] = v
		} else {
			out[k+1] = out[k]
		}
		for m, v := range out {
			if i := m*p + j; i < len(s.cycle) {
				s.cycle[i] = v
			}
		}
	}
}

// movingAverages is the low-pass filter: twice over the period, once over 3.
func (s *stlRun) movingAverages() []float64 {
	first := movingAverage(s.cycle, s.period, s.a)
	second := movingAverage(first, s.period, s.b)
	return movingAverage(second, 3, s.c)
}

func movingAverage(y []float64, n int, out []float64) []float64 {
	sum := 0.0
	for _, v := range y[:n] {
		sum += v
	}
	out = out[:len(y)-n+1]
	out[0] = sum / float64(n)
	for i := n; i < len(y); i++ {
		sum += y[i] - y[i-n]
		out[i-n+1] = sum / float64(n)
	}
	return out
}

// loess smooths y into out at each jump-th place, and draws lines between.
func (s *stlRun) loess(y []float64, length, degree, jump int, weights, out []float64) {
	n := len(y)
	if n < 2 {
		copy(out, y)
		return
	}
	jump = min(jump, n-1)
	half := (length + 1) / 2
	left, right := 1, min(length, n)
	fit := func(i int) {
		v, ok := s.at(y, length, degree, float64(i), left, right, weights)
		if !ok {
			v = y[i-1]
		}
		out[i-1] = v
	}
	for i := 1; i <= n; i += jump {
		switch {
		case length >= n || i < half:
			left, right = 1, min(length, n)
		case i >= n-half+1:
			left, right = n-length+1, n
		default:
			left, right = i-half+1, length+i-half
		}
		fit(i)
	}
	if jump == 1 {
		return
	}
	for i := 1; i <= n-jump; i += jump {
		between(out, i, i+jump)
	}
	if k := (n-1)/jump*jump + 1; k != n {
		fit(n)
		between(out, k, n)
	}
}

// between draws a line from place i to place j, counted from 1.
func between(out []float64, i, j int) {
	delta := (out[j-1] - out[i-1]) / float64(j-i)
	for k := i + 1; k < j; k++ {
		out[k-1] = out[i-1] + delta*float64(k-i)
	}
}

// at is the local fit at x over places left to right, counted from 1.
func (s *stlRun) at(y []float64, length, degree int, x float64, left, right int, weights []float64) (float64, bool) {
	n := len(y)
	h := math.Max(x-float64(left), float64(right)-x)
	if length > n {
		h += float64((length - n) / 2)
	}
	sum := 0.0
	w := s.w[:right-left+1]
	for i := range w {
		w[i] = 0
		r := math.Abs(float64(left+i) - x)
		if r > 0.999*h {
			continue
		}
		w[i] = 1
		if r > 0.001*h {
			q := r / h
			q = 1 - q*q*q
			w[i] = q * q * q
		}
		if weights != nil {
			w[i] *= weights[left+i-1]
		}
		sum += w[i]
	}
	if sum <= 0 {
		return 0, false
	}
	for i := range w {
		w[i] /= sum
	}
	if h > 0 && degree > 0 {
		tilt(w, left, x, float64(n-1))
	}
	out := 0.0
	for i, v := range w {
		out += v * y[left+i-1]
	}
	return out, true
}

// tilt makes weights of a local mean those of a local line at x.
func tilt(w []float64, left int, x, span float64) {
	a := 0.0
	for i, v := range w {
		a += v * float64(left+i)
	}
	b, c := x-a, 0.0
	for i, v := range w {
		c += v * (float64(left+i) - a) * (float64(left+i) - a)
	}
	if math.Sqrt(c) <= 0.001*span {
		return
	}
	b /= c
	for i := range w {
		w[i] *= b*(float64(left+i)-a) + 1
	}
}

// reweigh lowers the weight of values far from the fit (bisquare, at 6 times
// the median distance).
func (s *stlRun) reweigh(weight []float64) {
	r := s.a[:0]
	for i, v := range s.y {
		if weight == nil || weight[i] > 0 {
			r = append(r, math.Abs(v-s.trend[i]-s.seasonal[i]))
		}
	}
	limit := 6 * medianInPlace(r)
	for i, v := range s.y {
		d := math.Abs(v - s.trend[i] - s.seasonal[i])
		switch {
		case d <= 0.001*limit:
			s.robust[i] = 1
		case d <= 0.999*limit:
			q := d / limit
			s.robust[i] = (1 - q*q) * (1 - q*q)
		default:
			s.robust[i] = 0
		}
		if weight != nil {
			s.robust[i] *= weight[i]
		}
	}
}

// averageSeason gives each place of the season its mean over the cycles.
func (s *stlRun) averageSeason() {
	for j := range s.period {
		sum, n := 0.0, 0
		for i := j; i < len(s.seasonal); i += s.period {
			sum, n = sum+s.seasonal[i], n+1
		}
		for i := j; i < len(s.seasonal); i += s.period {
			s.seasonal[i] = sum / float64(n)
		}
	}
}

// medianInPlace sorts values; 0 for none.
func medianInPlace(values []float64) float64 {
	n := len(values)
	if n == 0 {
		return 0
	}
	slices.Sort(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
