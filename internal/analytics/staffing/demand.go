package staffing

// Hour is one hour of a forecast. Mean is the expected number of contacts, High
// the upper end of its 80 % interval.
type Hour struct {
	Mean, High float64
	Closed     bool // nobody is served: no agents, whatever is forecast
}

// Level is the share of hours in which the staff is enough for the contacts that come.
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

// Demand returns how many contacts of h the agents are to be planned for: of
// the forecast at a level, the part that the AI does not resolve. aiShare is
// from 0 to 1. The level P80 is the way from the mean to the upper end of the
// interval that a normal distribution has. A closed hour has no demand.
func (h Hour) Demand(l Level, aiShare float64) float64 {
	if h.Closed {
		return 0
	}
	volume := h.Mean
	if l == P80 {
		volume += upper * max(0, h.High-h.Mean)
	}
	return remaining(max(0, volume), min(1, max(0, aiShare)))
}
