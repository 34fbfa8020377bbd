package forecast

import (
	"fmt"
	"math"

	"github.com/romashka/sidecar/internal/analytics/series"
)

// effects are factors on the usual value of a day, learnt from the history.
type effects struct {
	month    map[int]float64    // by place in the month
	holidays map[string]float64 // by name
	others   float64            // a holiday that was not there yet
	dates    map[series.Step]string
}

// learn measures how volume answered to holidays and days of the month. y is
// the history without holidays, u is usual for it.
func (s *study) learn(h *history, y, u []float64) effects {
	e := effects{dates: s.cal.Holidays, others: 1, holidays: map[string]float64{}}
	e.learnHolidays(h, s.cal, u)
	e.month = dayOfMonth(h, y, u)
	return e
}

// learnHolidays compares past holidays with the usual values around them. A
// holiday's factor is the mean of its own, drawn to that of all holidays as by
// one observation, and that to 1.
func (e *effects) learnHolidays(h *history, cal series.Calendar, u []float64) {
	own := map[string][]float64{}
	sum, n := 1.0, 1.0
	for i, v := range h.raw {
		day := h.day(i)
		name, ok := cal.Holidays[day]
		if share := cal.Share(day); !ok || share == 0 || math.IsNaN(v) || u[i] < 1 {
			continue
		}
		ratio := math.Min(v/cal.Share(day)/u[i], 3)
		own[name] = append(own[name], ratio)
		sum, n = sum+ratio, n+1
	}
	e.others = sum / n
	for name, ratios := range own {
		k := float64(len(ratios))
		e.holidays[name] = (k*meanOf(ratios) + e.others) / (k + 1)
	}
}

// The support that a day of the month needs before it counts.
const (
	minMonths = 3   // times that it was seen
	minScore  = 3.5 // standard errors away from usual
)

// dayOfMonth gives factors for the places in the month that stand out each
// time: bills, pay days.
func dayOfMonth(h *history, y, u []float64) map[int]float64 {
	ratios := map[int][]float64{}
	var all []float64
	for i := max(len(y)-fitDays, 0); i < len(y); i++ {
		if math.IsNaN(y[i]) || u[i] < 5 {
			continue
		}
		v := math.Log((y[i] + 0.5) / (u[i] + 0.5))
		place := placeInMonth(h.day(i))
		ratios[place] = append(ratios[place], v)
		all = append(all, math.Abs(v))
	}
	sd := math.Max(1.4826*medianInPlace(all), 0.01)
	out := map[int]float64{}
	for place, values := range ratios {
		n := len(values)
		if n < minMonths {
			continue
		}
		middle := medianInPlace(values)
		score := math.Abs(middle) / (sd * math.Sqrt(math.Pi/2/float64(n)))
		same := values[0] > sd/2 || values[n-1] < -sd/2 // sorted: all on one side
		if score > minScore && (same || n > 2*minMonths) {
			out[place] = math.Exp(middle * (1 - 1/(score*score)))
		}
	}
	return out
}

// placeInMonth counts the first 25 days from the start of the month, the rest
// from its end, 0 and below.
func placeInMonth(day series.Step) int {
	place, length := series.DayOfMonth(day)
	if place > 25 {
		return place - length
	}
	return place
}

func (e *effects) monthly(day series.Step) float64 {
	if f, ok := e.month[placeInMonth(day)]; ok {
		return f
	}
	return 1
}

func (e *effects) holiday(day series.Step) float64 {
	name, ok := e.dates[day]
	if !ok {
		return 1
	}
	if f, ok := e.holidays[name]; ok {
		return f
	}
	return e.others
}

// ahead lists the effects on the next reach days.
func (e *effects) ahead(h *history, n, reach int) []Effect {
	out := []Effect{}
	for i := range reach {
		day := h.day(n + i)
		label := series.Daily.Label(day)
		if f := e.holiday(day); f != 1 {
			out = append(out, Effect{DS: label, Name: e.dates[day], Factor: round(f, 4)})
		}
		if f := e.monthly(day); f != 1 {
			place, _ := series.DayOfMonth(day)
			out = append(out, Effect{DS: label, Name: fmt.Sprintf("day %d of the month", place), Factor: round(f, 4)})
		}
	}
	return out
}

// round keeps digits after the point.
func round(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}
