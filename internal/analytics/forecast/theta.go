package forecast

import "math"

// theta is the method of Assimakopoulos and Nikolopoulos (2000) as R's thetaf
// has it: the season taken out as a factor where it is significant, simple
// exponential smoothing, and half of the slope of a line through all. y has no
// unknown values. It gives the means of the next h values.
func theta(y []float64, season, h int) []float64 {
	factors := seasonFactors(y, season)
	flat := make([]float64, len(y))
	for i, v := range y {
		flat[i] = v / factors[i%len(factors)]
	}
	k := etsKind{}
	m := fitETS(k, flat, k.etsStarts()...)
	drift := slopeThrough(flat) / 2
	alpha := math.Max(m.params.alpha, 1e-10)
	start := (1 - math.Pow(1-alpha, float64(len(y)))) / alpha
	out := make([]float64, h)
	for i := range out {
		out[i] = (m.at.level + drift*(float64(i)+start)) * factors[(len(y)+i)%len(factors)]
	}
	return out
}

// seasonFactors are those of the classical multiplicative decomposition, or
// {1} where the season is not significant at 90 % or the factors are not all
// above zero.
func seasonFactors(y []float64, season int) []float64 {
	none := []float64{1}
	if season < 2 || len(y) <= 2*season || !seasonal(y, season) {
		return none
	}
	factors := classicalFactors(y, season)
	for _, f := range factors {
		if !(f >= 1e-2) {
			return none
		}
	}
	return factors
}

// seasonal reports whether the autocorrelation at the season stands out.
func seasonal(y []float64, season int) bool {
	r := autocorrelations(y, season)
	sum := 0.0
	for _, v := range r[:season-1] {
		sum += v * v
	}
	const limit = 1.6448536269514722 // of a normal variable at 95 %
	return math.Abs(r[season-1]) > limit*math.Sqrt((1+2*sum)/float64(len(y)))
}

// autocorrelations are those at lags 1 to most.
func autocorrelations(y []float64, most int) []float64 {
	mean := meanOf(y)
	total := 0.0
	for _, v := range y {
		total += (v - mean) * (v - mean)
	}
	out := make([]float64, most)
	for lag := 1; lag <= most && lag < len(y); lag++ {
		for i := lag; i < len(y); i++ {
			out[lag-1] += (y[i] - mean) * (y[i-lag] - mean)
		}
		out[lag-1] /= math.Max(total, tiny)
	}
	return out
}

// classicalFactors compares each value with the centred mean of one season
// around it; factor i belongs to value i.
func classicalFactors(y []float64, season int) []float64 {
	sum, count := make([]float64, season), make([]float64, season)
	half := season / 2
	for i := half; i+half < len(y); i++ {
		around := 0.0
		for j := i - half; j <= i+half; j++ {
			around += y[j]
		}
		if season%2 == 0 { // both ends count half
			around -= (y[i-half] + y[i+half]) / 2
		}
		sum[i%season] += y[i] * float64(season) / around
		count[i%season]++
	}
	total := 0.0
	for i := range sum {
		sum[i] /= count[i]
		total += sum[i]
	}
	for i := range sum {
		sum[i] *= float64(season) / total
	}
	return sum
}

// slopeThrough is the slope of the least-squares line through y.
func slopeThrough(y []float64) float64 {
	mean, middle := meanOf(y), float64(len(y)-1)/2
	above, below := 0.0, 0.0
	for i, v := range y {
		d := float64(i) - middle
		above, below = above+d*(v-mean), below+d*d
	}
	return above / math.Max(below, tiny)
}

// meanOf is the mean of known values; 0 for none.
func meanOf(y []float64) float64 {
	sum, n := 0.0, 0
	for _, v := range y {
		if v == v {
			sum, n = sum+v, n+1
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}
