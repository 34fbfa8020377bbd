package demo

import (
	"math"
	"slices"
	"time"
)

// Days is how far a tenant reaches back.
const Days = 90

// hourly is how a day's conversations spread over its hours, in UTC; weekly how
// a week's over its days, from Sunday. Read-only.
var (
	hourly = []float64{1, .7, .5, .4, .4, .6, 1.2, 2.5, 4.5, 6.5, 7.5, 7.2, 6.2, 6.4, 6.9, 6.6, 6, 5.2, 4.6, 4.1, 3.6, 3, 2.2, 1.5}
	weekly = []float64{.45, 1.15, 1.1, 1.05, 1.05, 1, .55}
)

// calendar is when n conversations begin, in order, over the Days before
// until's and that day so far: busier in office hours, on Mondays and, by a
// fifth, at the end. until is a full hour.
func calendar(seed uint16, n int, until time.Time) []time.Time {
	today := until.Truncate(24 * time.Hour)
	first := today.AddDate(0, 0, -Days)
	weights := make([]float64, Days+1)
	for d := range weights {
		noise := math.Exp(dice(seed, 0, d).NormFloat64() * .07)
		weights[d] = weekly[first.AddDate(0, 0, d).Weekday()] * (1 + .2*float64(d)/Days) * noise
	}
	soFar := hourly[:until.Hour()]
	weights[Days] *= sum(soFar) / sum(hourly)
	total, done := sum(weights), 0.0
	starts := make([]time.Time, 0, n)
	for d, w := range weights {
		done += w
		hours := hourly
		if d == Days {
			hours = soFar
		}
		r := dice(seed, 0, 2*Days+d)
		for len(starts) < int(math.Round(float64(n)*done/total)) {
			at := time.Duration(pick(r, hours))*time.Hour + time.Duration(r.Int64N(int64(time.Hour/time.Millisecond)))*time.Millisecond
			starts = append(starts, first.AddDate(0, 0, d).Add(at))
		}
	}
	slices.SortFunc(starts, time.Time.Compare)
	return starts
}

func sum(list []float64) (total float64) {
	for _, x := range list {
		total += x
	}
	return total
}

// after is a lognormal time: half are shorter than the median.
func after(median time.Duration, z, spread float64) time.Duration {
	return (time.Duration(float64(median) * math.Exp(z*spread))).Round(time.Millisecond)
}
