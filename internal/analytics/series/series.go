package series

import (
	"errors"
	"math"
	"slices"
	"time"
)

// Series is one count for each step from First on. NaN is unknown.
type Series struct {
	Grain  Grain
	First  Step
	Values []float64
}

// Count is how much came in one step.
type Count struct {
	Step Step
	N    float64
}

// Span is the steps From to To, both among them.
type Span struct{ From, To Step }

// Last is the newest step. A series without values has none.
func (s Series) Last() Step { return s.First + Step(len(s.Values)) - 1 }

// At is the value of a step, NaN outside of the series.
func (s Series) At(step Step) float64 {
	if i := int(step - s.First); i >= 0 && i < len(s.Values) {
		return s.Values[i]
	}
	return math.NaN()
}

// Through is the series up to and with last. It shares its values with s.
func (s Series) Through(last Step) Series {
	n := min(max(int(last-s.First)+1, 0), len(s.Values))
	s.Values = s.Values[:n:n]
	return s
}

// Trim drops the days before the first one with a value above zero: a tenant
// that was not there yet is no tenant without customers.
func (s Series) Trim() Series {
	i := slices.IndexFunc(s.Values, func(v float64) bool { return v > 0 })
	if i < 0 {
		i = len(s.Values)
	} else {
		i = max(i-s.Grain.Hour(s.First+Step(i)), 0)
	}
	s.First, s.Values = s.First+Step(i), s.Values[i:]
	return s
}

// FromCounts lays counts on the steps of span: a step without a count is zero,
// because every row was read; a step within unknown is NaN, and so is an hour
// that clocks in zone leap over. A step that comes more than once (clocks go
// back) is summed. Counts outside of the span are an error, for they mean that
// the span is not the one that was read.
//
// The step that is under way is not finished: end the span before it.
func FromCounts(g Grain, zone *time.Location, span Span, counts []Count, unknown ...Span) (Series, error) {
	s := Series{Grain: g, First: span.From, Values: make([]float64, max(int(span.To-span.From)+1, 0))}
	for _, c := range counts {
		if c.Step < span.From || c.Step > span.To {
			return Series{}, errors.New("a count at " + g.Label(c.Step) + " lies outside of the span that was read")
		}
		s.Values[c.Step-span.From] += c.N
	}
	for _, u := range unknown {
		for step := max(u.From, span.From); step <= min(u.To, span.To); step++ {
			s.Values[step-span.From] = math.NaN()
		}
	}
	for i := range s.Values {
		if g == Hourly && skipped(s.First+Step(i), zone) {
			s.Values[i] = math.NaN()
		}
	}
	return s, nil
}

// skipped reports whether clocks in zone never show the hour: they go forward.
func skipped(hour Step, zone *time.Location) bool {
	t := Hourly.moment(hour)
	local := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), 30, 0, 0, zone)
	return local.Hour() != t.Hour()
}
