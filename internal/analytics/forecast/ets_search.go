package forecast

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
)

// etsSearch holds the buffers of one evaluation, so that the next can use them again.
type etsSearch struct {
	kind   etsKind
	y      []float64
	known  int
	params etsParams
	value  float64   // of the last evaluation
	grad   []float64 // of the last evaluation

	// One column for each state at the start, and one for the data.
	level, slope, errors []float64
	seasonal             [][]float64 // by place in the season
	sums                 []float64   // products of all columns, row by row

	normal *mat.SymDense
	right  *mat.VecDense
	states *mat.VecDense
	chol   mat.Cholesky
}

func newETSSearch(k etsKind, y []float64) *etsSearch {
	smoothing, states := k.size()
	columns, places := states+1, max(k.season, 1)
	s := &etsSearch{
		kind: k, y: y, grad: make([]float64, smoothing),
		level: make([]float64, columns), slope: make([]float64, columns), errors: make([]float64, columns),
		seasonal: make([][]float64, places), sums: make([]float64, columns*columns),
		normal: mat.NewSymDense(states, nil), right: mat.NewVecDense(states, nil), states: mat.NewVecDense(states, nil),
	}
	for i := range s.seasonal {
		s.seasonal[i] = make([]float64, columns)
	}
	for _, v := range y {
		if !math.IsNaN(v) {
			s.known++
		}
	}
	s.params.seasonal = make([]float64, places)
	return s
}

// descend searches from start; the value is n/2 log(SSE), as in logLik.
func (s *etsSearch) descend(start []float64) (at []float64, value float64) {
	best, where := math.Inf(1), start
	var last []float64
	look := func(x []float64) {
		if slices.Equal(x, last) {
			return
		}
		last = append(last[:0], x...)
		s.evaluate(x)
		if s.value < best {
			best, where = s.value, slices.Clone(x)
		}
	}
	p := optimize.Problem{
		Func: func(x []float64) float64 { look(x); return s.value },
		Grad: func(g, x []float64) { look(x); copy(g, s.grad) },
	}
	settings := &optimize.Settings{
		MajorIterations: 60, FuncEvaluations: 200, GradientThreshold: 1e-2,
		Converger: &optimize.FunctionConverge{Absolute: 1e-3, Iterations: 2},
	}
	// An error of the line search (a flat valley at a bound) leaves the best
	// place that was seen, and that counts.
	_, _ = optimize.Minimize(p, start, settings, &optimize.BFGS{})
	return where, best
}

func logit(p float64) float64 { return math.Log(p / (1 - p)) }

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// slopeOf is the derivative of the logistic function.
func slopeOf(x float64) float64 {
	v := logistic(x)
	return v * (1 - v)
}

// unpack turns a place of the search into parameters: alpha in its bounds,
// beta below alpha, gamma below 1 - alpha, phi in its bounds. Order of x:
// alpha, then beta (damped), gamma (season), phi (damped).
func (s *etsSearch) unpack(x []float64) {
	p := &s.params
	p.alpha, p.beta, p.gamma, p.phi = etsLow+(etsHigh-etsLow)*logistic(x[0]), 0, 0, 0
	i := 1
	if s.kind.damped {
		p.beta = p.alpha * logistic(x[i])
		i++
	}
	if s.kind.season > 0 {
		p.gamma = (1 - p.alpha) * logistic(x[i])
		i++
	}
	if s.kind.damped {
		p.phi = phiLow + (phiHigh-phiLow)*logistic(x[i])
	}
}

// evaluate finds the best states for the smoothing at x, and leaves the
// parameters, n/2 log(SSE) and its gradient in s.
func (s *etsSearch) evaluate(x []float64) {
	s.unpack(x)
	s.respond()
	s.value = math.Inf(1)
	states, columns := len(s.level)-1, len(s.level)
	for i := range states {
		for j := i; j < states; j++ {
			s.normal.SetSym(i, j, s.sums[i*columns+j])
		}
		s.normal.SetSym(i, i, s.sums[i*columns+i]*(1+1e-10)+tiny)
		s.right.SetVec(i, -s.sums[i*columns+states])
	}
	if !s.chol.Factorize(s.normal) || s.chol.SolveVecTo(s.states, s.right) != nil {
		return
	}
	s.setStates()
	d, sse := s.derivatives()
	s.value = float64(s.known) / 2 * math.Log(math.Max(sse, tiny))
	s.setGradient(x, d, sse)
}

// respond runs all columns over y side by side: how the one-step errors answer
// to one unit of each state at the start, and, in the last column, the errors
// of the data with all states 0. It leaves the sums of their products.
func (s *etsSearch) respond() {
	columns := len(s.level)
	s.unitStates()
	p, place := &s.params, 0
	errors := s.errors
	level, slope := s.level[:columns], s.slope[:columns]
	for _, v := range s.y {
		season := s.seasonal[place][:columns]
		if place++; place == len(s.seasonal) {
			place = 0
		}
		if v != v { // unknown: the states go on alone
			for j := range level {
				trend := p.phi * slope[j]
				level[j] += trend
				slope[j] = trend
			}
			continue
		}
		for j := range level {
			trend := p.phi * slope[j]
			e := -(level[j] + trend + season[j])
			if j == columns-1 {
				e += v
			}
			errors[j] = e
			level[j] += trend + p.alpha*e
			slope[j] = trend + p.beta*e
			season[j] += p.gamma * e
		}
		for i, e := range errors[:columns] {
			row := s.sums[i*columns : (i+1)*columns]
			for j := i; j < columns; j++ {
				row[j] += e * errors[j]
			}
		}
	}
}

// unitStates sets each column to one unit of its state: level, slope, then the
// seasons but for the last, which balances them.
func (s *etsSearch) unitStates() {
	clear(s.sums)
	clear(s.level)
	clear(s.slope)
	for _, season := range s.seasonal {
		clear(season)
	}
	s.level[0] = 1
	first := s.firstSeason()
	if s.kind.damped {
		s.slope[1] = 1
	}
	for i := range s.kind.season - 1 {
		s.seasonal[i][first+i] = 1
		s.seasonal[s.kind.season-1][first+i] = -1
	}
}

func (s *etsSearch) firstSeason() int {
	if s.kind.damped {
		return 2
	}
	return 1
}

func (s *etsSearch) setStates() {
	p, first := &s.params, s.firstSeason()
	p.level, p.slope = s.states.AtVec(0), 0
	if s.kind.damped {
		p.slope = s.states.AtVec(1)
	}
	if s.kind.season == 0 {
		return
	}
	last := 0.0
	for i := range s.kind.season - 1 {
		p.seasonal[i] = s.states.AtVec(first + i)
		last -= p.seasonal[i]
	}
	p.seasonal[s.kind.season-1] = last
}

// setGradient turns derivatives of the SSE by alpha, beta, gamma and phi into
// those of the value by x. The states are the best ones for x, so that only
// the direct part counts (envelope theorem).
func (s *etsSearch) setGradient(x []float64, d [4]float64, sse float64) {
	p := &s.params
	scale := float64(s.known) / 2 / math.Max(sse, tiny)
	b, c, i := 0.0, 0.0, 1
	if s.kind.damped {
		b = logistic(x[i])
		s.grad[i] = scale * d[1] * p.alpha * slopeOf(x[i])
		i++
	}
	if s.kind.season > 0 {
		c = logistic(x[i])
		s.grad[i] = scale * d[2] * (1 - p.alpha) * slopeOf(x[i])
		i++
	}
	if s.kind.damped {
		s.grad[i] = scale * d[3] * (phiHigh - phiLow) * slopeOf(x[i])
	}
	s.grad[0] = scale * (etsHigh - etsLow) * slopeOf(x[0]) * (d[0] + b*d[1] - c*d[2])
}

// derivatives gives those of the SSE by alpha, beta, gamma and phi, and the SSE.
func (s *etsSearch) derivatives() (d [4]float64, sse float64) {
	const ofAlpha, ofBeta, ofGamma, ofPhi = 0, 1, 2, 3
	p, m := &s.params, len(s.params.seasonal)
	level, slope, place := p.level, p.slope, 0
	seasonal := slices.Clone(p.seasonal)
	var dLevel, dSlope [4]float64
	dSeason := make([][4]float64, m)
	for _, v := range s.y {
		trend := p.phi * slope
		e := v - (level + trend + seasonal[place])
		known := 1.0
		if e != e {
			e, known = 0, 0
		}
		sse += e * e
		ds := &dSeason[place]
		for j := range d {
			dTrend := p.phi * dSlope[j]
			if j == ofPhi {
				dTrend += slope
			}
			de := -known * (dLevel[j] + dTrend + ds[j])
			d[j] += 2 * e * de
			dLevel[j] += dTrend + p.alpha*de
			dSlope[j] = dTrend + p.beta*de
			ds[j] += p.gamma * de
		}
		dLevel[ofAlpha] += e
		dSlope[ofBeta] += e
		ds[ofGamma] += e
		level += trend + p.alpha*e
		slope = trend + p.beta*e
		seasonal[place] += p.gamma * e
		if place++; place == m {
			place = 0
		}
	}
	return d, sse
}
