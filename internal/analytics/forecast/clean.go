package forecast

import (
	"math"
	"slices"
)

// season is the length of the week in days: daily methods repeat it.
const season = 7

// cleaned is a daily history as the fit sees it.
type cleaned struct {
	y      []float64 // NaN unknown; outliers clipped
	filled []float64 // y with the expected values in place of the unknown
	weight []float64 // 1 known, 0 filled in
	spread float64   // of a day around its usual value, as a share of that
	clips  []clip
}

// clip is a value that the fit does not see as it was.
type clip struct {
	at        int
	was, used float64
}

// The bounds of an outlier, in robust standard deviations of a day around
// its usual value: beyond outlierFar a value is one, and counts as if it stood
// at outlierNear.
const (
	outlierFar  = 4.5
	outlierNear = 2.0
)

// clean clips the values of y that are far from the usual ones of their day.
func clean(y, usual []float64) cleaned {
	c := cleaned{y: slices.Clone(y), filled: make([]float64, len(y)), weight: make([]float64, len(y))}
	c.spread = relativeSpread(y, usual)
	for i, v := range y {
		u := usual[i]
		if math.IsNaN(v) {
			c.filled[i] = u
			continue
		}
		c.weight[i] = 1
		sd := scale(u, c.spread)
		if d := v - u; math.Abs(d) > outlierFar*math.Max(sd, 1) {
			used := math.Max(u+math.Copysign(outlierNear*sd, d), 0)
			c.clips = append(c.clips, clip{i, v, used})
			c.y[i] = used
		}
		c.filled[i] = c.y[i]
	}
	return c
}

// Weeks and days around a day that give its usual value.
const (
	usualWeeks = 5
	usualDays  = 10
)

// usual is the expected value of each day: the median of the same weekday
// over the weeks around it, at the level of the days around it.
func usual(y []float64) []float64 {
	n := len(y)
	out := make([]float64, n)
	var values []float64
	for i := range y {
		values = values[:0]
		for k := -usualWeeks; k <= usualWeeks; k++ {
			if j := i + season*k; j >= 0 && j < n && !math.IsNaN(y[j]) {
				values = append(values, y[j])
			}
		}
		if out[i] = medianInPlace(values); out[i] == 0 {
			out[i] = meanOf(values) // something comes now and then
		}
	}
	level := make([]float64, n)
	for i := range y {
		values = values[:0]
		for j := max(i-usualDays, 0); j <= min(i+usualDays, n-1); j++ {
			if !math.IsNaN(y[j]) && out[j] > 0 {
				values = append(values, y[j]/out[j])
			}
		}
		level[i] = 1
		if len(values) >= usualDays/2 {
			level[i] = medianInPlace(values)
		}
	}
	for i := range out {
		out[i] *= level[i]
	}
	return out
}

// relativeSpread is the robust standard deviation of y around u, as a share of
// u, beyond the spread that a Poisson count has anyway.
func relativeSpread(y, u []float64) float64 {
	top := slices.Max(append([]float64{0}, u...))
	var ratios []float64
	poisson := 0.0
	for i, v := range y {
		if !math.IsNaN(v) && u[i] > 0.2*top && u[i] > 0 {
			ratios = append(ratios, math.Abs(v/u[i]-1))
			poisson += 1 / u[i]
		}
	}
	if len(ratios) == 0 {
		return 0
	}
	poisson /= float64(len(ratios))
	sd := 1.4826 * medianInPlace(ratios)
	return math.Sqrt(math.Max(sd*sd-poisson, 0.02*0.02))
}
