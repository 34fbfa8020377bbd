package forecast

import (
	"math"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// history is the whole days up to an origin.
type history struct {
	first  series.Step // day
	origin series.Step // step
	raw    []float64   // counts of days; NaN unknown
	shape  *shape      // of hours
}

// day is the date of place i of the history, or beyond it.
func (h *history) day(i int) series.Step { return h.first + series.Step(i) }

// usual gives the days as a fit may take them for usual ones: a closed day and
// a holiday are out, a short day is scaled up.
func (h *history) usualDays(cal series.Calendar) []float64 {
	out := make([]float64, len(h.raw))
	for i, v := range h.raw {
		day := h.day(i)
		share := cal.Share(day)
		if _, holiday := cal.Holidays[day]; holiday || share == 0 {
			v = math.NaN()
		}
		out[i] = v / share
	}
	return out
}

// openWeekdays reports, by place in the week counted from the first day ahead,
// whether anything came on that weekday in the last 8 weeks.
func openWeekdays(y []float64) (open [season]bool, count int) {
	const weeks = 8
	n := len(y)
	for i := max(n-weeks*season, 0); i < n; i++ {
		if place := (i - n + weeks*season) % season; y[i] > 0 && !open[place] {
			open[place] = true
			count++
		}
	}
	return open, count
}
