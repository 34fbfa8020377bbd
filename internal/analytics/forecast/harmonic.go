package forecast

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// yearDays is the history from which a year can be told from a trend.
const yearDays = 400

const (
	harmonics = 2      // waves of the year
	yearLen   = 365.25 // days
	maxOrder  = 7      // of the autoregression
	ridge     = 1e-3   // keeps waves of a year that was seen once from running wild
)

// harmonic is a regression of the logarithm on weekday, trend and waves of the
// year, with autoregressive errors. It looks at the whole history.
func harmonic(w *week, h int) []float64 {
	n := len(w.filled)
	y := make([]float64, n)
	for i, v := range w.filled {
		y[i] = math.Log1p(v)
	}
	span := float64(-w.places[0])
	columns := w.period + 1 + 2*harmonics
	x := mat.NewDense(n, columns, nil)
	for i := range n {
		row(x.RawRowView(i), i-n, w.places[i], span, w.period)
	}
	beta := regress(x, y)
	if beta == nil {
		return seasonalMean(w.y, w.period, 8, h)
	}
	fitted := mat.NewVecDense(n, nil)
	fitted.MulVec(x, beta)
	errors := make([]float64, n)
	for i := range errors {
		errors[i] = y[i] - fitted.AtVec(i)
	}
	rest := autoregress(errors, h)
	out := make([]float64, h)
	ahead := make([]float64, columns)
	place := 0
	for i := range out {
		for !w.open[place%season] {
			place++
		}
		row(ahead, i, place, span, w.period)
		place++
		mean := rest[i]
		for j, v := range ahead {
			mean += v * beta.AtVec(j)
		}
		out[i] = math.Expm1(mean)
	}
	return out
}

// row is the regressors of open day i and day place, both counted from the
// first day ahead.
func row(out []float64, i, place int, span float64, period int) {
	clear(out)
	out[((i%period)+period)%period] = 1
	out[period] = math.Min(float64(place), 0) / span // no trend is carried on
	for k := 1; k <= harmonics; k++ {
		angle := 2 * math.Pi * float64(k) * float64(place) / yearLen
		out[period+2*k-1], out[period+2*k] = math.Sin(angle), math.Cos(angle)
	}
}

// regress solves least squares with a little ridge; nil where it cannot.
func regress(x *mat.Dense, y []float64) *mat.VecDense {
	n, columns := x.Dims()
	normal := mat.NewSymDense(columns, nil)
	normal.SymOuterK(1, x.T())
	for i := range columns {
		normal.SetSym(i, i, normal.At(i, i)+ridge*float64(n))
	}
	right, beta := mat.NewVecDense(columns, nil), mat.NewVecDense(columns, nil)
	right.MulVec(x.T(), mat.NewVecDense(n, y))
	var chol mat.Cholesky
	if !chol.Factorize(normal) || chol.SolveVecTo(beta, right) != nil {
		return nil
	}
	return beta
}

// autoregress continues e by an autoregression whose order AIC chooses
// (Levinson and Durbin).
func autoregress(e []float64, h int) []float64 {
	r := autocorrelations(e, maxOrder)
	n := float64(len(e))
	best := []float64{}
	bestAIC, variance := 0.0, 1.0
	var phi []float64
	for p := 1; p <= maxOrder; p++ {
		k := r[p-1]
		for j, v := range phi {
			k -= v * r[p-2-j]
		}
		k /= math.Max(variance, tiny)
		next := make([]float64, p)
		for j, v := range phi {
			next[j] = v - k*phi[len(phi)-1-j]
		}
		next[p-1] = k
		phi, variance = next, variance*(1-k*k)
		if aic := n*math.Log(math.Max(variance, tiny)) + 2*float64(p); aic < bestAIC {
			best, bestAIC = phi, aic
		}
	}
	mean := meanOf(e)
	values := make([]float64, 0, len(e)+h)
	for _, v := range e {
		values = append(values, v-mean)
	}
	for range h {
		sum := 0.0
		for j, v := range best {
			sum += v * values[len(values)-1-j]
		}
		values = append(values, sum)
	}
	return values[len(e):]
}
