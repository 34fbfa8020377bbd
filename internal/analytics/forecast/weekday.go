package forecast

import "math"

// seasonalMean is the mean of the last k known values of the same place in the
// season, for the next h. A place without a known value gets the mean of the
// others. k = 1 is the seasonal naive forecast. A value is looked for no
// further back than 2k seasons, or 4.
func seasonalMean(y []float64, season, k, h int) []float64 {
	place := make([]float64, season)
	for i := range place {
		sum, found := 0.0, 0
		for back := 1; back <= max(2*k, 4) && found < k; back++ {
			j := len(y) - season*back + i
			if j < 0 {
				break
			}
			if !math.IsNaN(y[j]) {
				sum, found = sum+y[j], found+1
			}
		}
		place[i] = sum / float64(found) // NaN for none
	}
	fill := meanOf(place)
	out := make([]float64, h)
	for i := range out {
		if out[i] = place[i%season]; math.IsNaN(out[i]) {
			out[i] = fill
		}
	}
	return out
}
