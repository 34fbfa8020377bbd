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

// lookBack is how many days of a history are looked at: 3 years of weeks, so
// that the work at an origin is bounded.
const lookBack = 3 * 52 * season

// recent is the part of h that is looked at, and where it begins.
func (h *history) recent() (*history, int) {
	from := max(len(h.raw)-lookBack, 0)
	out := *h
	out.first, out.raw = h.day(from), h.raw[from:]
	return &out, from
}

// openWeekdays reports, by place in the week counted from the first day ahead,
// whether anything came on that weekday in the last 8 weeks. A weekday on which
// nothing came is closed only where the others leave no doubt: where little
// comes at all, a few empty Sundays mean nothing.
func openWeekdays(y []float64) (open [season]bool, count int) {
	const weeks, doubt = 8, 10 // doubt: customers that would have been expected
	n := len(y)
	var empty [season]float64
	from := max(n-weeks*season, 0)
	for i := from; i < n; i++ {
		switch place := (i - n + weeks*season) % season; {
		case y[i] > 0:
			open[place] = true
		case y[i] == 0:
			empty[place]++
		}
	}
	mean := meanOf(y[from:])
	for place := range open {
		if mean > 0 && empty[place] > 0 && empty[place]*mean < doubt {
			open[place] = true
		}
		if open[place] {
			count++
		}
	}
	return open, count
}
