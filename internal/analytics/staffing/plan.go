package staffing

import "fmt"

// Hour is one hour of a forecast. Mean is the expected number of contacts, Low
// and High are the ends of its 80 % interval, as the forecast gives them.
type Hour struct {
	Mean, Low, High float64
	Closed          bool // nobody is served: no agents, whatever is forecast
}

// Level is the share of hours in which the staff is enough for what comes.
type Level float64

// The levels of a plan: for the expected volume, or for four hours of five.
const (
	P50 Level = 0.5
	P80 Level = 0.8
)

// upper is P80 in the half above the mean of a normal distribution, as a share
// of the way to its 90 % quantile, the upper end of an 80 % interval: the
// quantiles are 0.8416 and 1.2816 standard deviations.
const upper = 0.8416212335729143 / 1.2815515655446004

// Volume returns the number of contacts of h to plan for at a level: the mean
// for P50, and for P80 the way from the mean to the upper end of the interval
// that a normal distribution has.
func (h Hour) Volume(l Level) float64 {
	if l == P80 {
		return h.Mean + upper*max(0, h.High-h.Mean)
	}
	return h.Mean
}

// Method is how the contacts of a plan are handled.
type Method struct {
	Work            // Volume is ignored
	Targets         // what the agents are to reach
	AIShare float64 // share of contacts that the AI resolves; they need no agent, 0 to 1
	Level   Level   // 0 = P50
}

// Plan returns the figures of each of hours, in their order. Figures of a closed
// hour are zero agents without load.
//
// Errors: those of Smallest.
func Plan(hours []Hour, m Method) ([]Figures, error) {
	if !(m.AIShare >= 0 && m.AIShare <= 1) {
		return nil, fmt.Errorf("share of the AI %v: %w", m.AIShare, ErrInvalid)
	}
	plan := make([]Figures, 0, len(hours))
	for _, h := range hours {
		w := m.Work
		w.Volume = 0
		if !h.Closed {
			w.Volume = remaining(max(0, h.Volume(m.Level)), m.AIShare)
		}
		f, err := Smallest(w, m.Targets)
		if err != nil {
			return nil, err
		}
		plan = append(plan, f)
	}
	return plan, nil
}
