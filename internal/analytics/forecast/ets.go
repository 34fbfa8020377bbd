package forecast

import (
	"math"
	"slices"
)

// etsKind is a form of exponential smoothing with additive errors.
type etsKind struct {
	damped bool // a damped additive trend; without it, none
	season int  // length of the season; 0 = none
}

// etsParams are the parameters of smoothing and the states before the first
// value. seasonal[i] belongs to value i, i + season, and so on; their sum is 0
// at the start. R's s0 is the last of them, its s1 the one before.
type etsParams struct {
	alpha, beta, gamma, phi float64
	level, slope            float64
	seasonal                []float64
}

// etsModel is a fitted form, with its states at the end of the history.
type etsModel struct {
	kind   etsKind
	params etsParams
	logLik float64 // R's: -n/2 log(sum of squared errors), without constants
	aicc   float64
	at     etsStates
	theta  []float64 // where the optimiser ended
}

// etsStates are the states after some values; next is the season's place of
// the value to come.
type etsStates struct {
	level, slope float64
	seasonal     []float64
	next         int
}

// The bounds of R's ets: parameters inside of them give forecasts that forget
// the distant past.
const (
	etsLow  = 1e-4
	etsHigh = 1 - 1e-4
	phiLow  = 0.8
	phiHigh = 0.98
)

// filter runs p over y and gives the sum of squared one-step errors and the
// states at the end. An unknown value (NaN) leaves the states to go on alone.
func (k etsKind) filter(p etsParams, y []float64) (sse float64, at etsStates) {
	at = etsStates{level: p.level, slope: p.slope, seasonal: append([]float64(nil), p.seasonal...)}
	if k.season == 0 {
		at.seasonal = []float64{0}
	}
	for _, v := range y {
		e := v - (at.level + p.phi*at.slope + at.seasonal[at.next])
		if math.IsNaN(e) {
			e = 0
		}
		sse += e * e
		at.level += p.phi*at.slope + p.alpha*e
		at.slope = p.phi*at.slope + p.beta*e
		at.seasonal[at.next] += p.gamma * e
		at.next = (at.next + 1) % len(at.seasonal)
	}
	return sse, at
}

// forecast gives the means of the next h values.
func (m *etsModel) forecast(h int) []float64 {
	out := make([]float64, h)
	sum, factor := 0.0, 1.0
	for i := range out {
		factor *= m.params.phi
		sum += factor
		out[i] = m.at.level + sum*m.at.slope + m.at.seasonal[(m.at.next+i)%len(m.at.seasonal)]
	}
	return out
}

// size is how many parameters of smoothing and how many states are free.
func (k etsKind) size() (smoothing, states int) {
	smoothing, states = 1, 1
	if k.damped {
		smoothing, states = 3, 2
	}
	if k.season > 0 {
		smoothing, states = smoothing+1, states+k.season-1
	}
	return smoothing, states
}

// fitETS finds the parameters of greatest likelihood. The states at the start
// enter the errors linearly, so that for each choice of smoothing the best
// states are a least-squares solution, and the search has 1 to 4 dimensions.
// starts are places to begin from; from each the search goes down, the best
// end counts.
func fitETS(k etsKind, y []float64, starts ...[]float64) *etsModel {
	search := newETSSearch(k, y)
	best := math.Inf(1)
	var theta []float64
	for _, start := range starts {
		at, value := search.descend(start)
		if value < best {
			best, theta = value, at
		}
	}
	if theta == nil {
		theta = starts[0]
	}
	search.evaluate(theta)
	search.params.seasonal = slices.Clone(search.params.seasonal)
	m := &etsModel{kind: k, params: search.params, theta: theta}
	sse, at := k.filter(m.params, y)
	m.at = at
	n := float64(search.known)
	smoothing, states := k.size()
	np := float64(smoothing + states + 1)
	m.logLik = -n / 2 * math.Log(math.Max(sse, tiny))
	m.aicc = -2*m.logLik + 2*np + 2*np*(np+1)/math.Max(n-np-1, 1)
	return m
}

// tiny stands in for zero where a logarithm or a quotient is taken.
const tiny = 1e-12

// etsStarts are where a search begins that knows nothing: slow and quick
// levels. Columns as in unpack.
func (k etsKind) etsStarts() [][]float64 {
	small, quick := logit(0.05), logit(0.6)
	switch {
	case k.damped && k.season > 0:
		return [][]float64{{small, logit(0.1), logit(0.05), 1}, {quick, logit(0.02), logit(0.05), 1}}
	case k.damped:
		return [][]float64{{small, logit(0.1), 1}, {quick, logit(0.02), 1}}
	case k.season > 0:
		return [][]float64{{small, logit(0.05)}, {quick, logit(0.3)}}
	default:
		return [][]float64{{small}, {quick}}
	}
}
