package forecast

import "math"

// target is the accuracy a day that a plan of staff can rest on.
const target = 0.85

// ceiling is the greatest 1 - WAPE that a forecast could have that knew the
// true mean of each step: usual holds these means, spread the noise beyond
// that of a Poisson count, as a share of the mean.
func ceiling(usual []float64, spread float64) float64 {
	wrong, total := 0.0, 0.0
	for _, u := range usual {
		if u > 0 {
			wrong += poissonDeviation(u) * math.Sqrt(1+spread*spread*u)
			total += u
		}
	}
	if total == 0 {
		return 0
	}
	return math.Max(1-wrong/total, 0)
}

// poissonDeviation is the mean distance of a Poisson count from its median.
func poissonDeviation(mean float64) float64 {
	if mean > 200 {
		return math.Sqrt(2 * mean / math.Pi)
	}
	median := poissonQuantile(mean, 0.5)
	term, sum := math.Exp(-mean), 0.0
	for k := 0.0; k < median || term > 1e-12; k++ {
		sum += term * math.Abs(k-median)
		term *= mean / (k + 1)
	}
	return sum
}
