package staffing

import (
	"math/big"
	"sort"
)

// smallest returns the smallest number of agents that meets the targets.
func (d desk) smallest() (int, error) {
	if d.exact.Sign() == 0 {
		return 0, nil
	}
	if d.model() == ErlangAModel {
		return d.smallestLeaving()
	}
	// Occupancy is load / agents: the cap gives a number that is exact.
	capped := ceil(new(big.Rat).Quo(d.exact, decimal(d.targets.MaxOccupancy)))
	if !capped.IsInt64() || capped.Int64() > MaxAgents {
		return 0, ErrTooLarge
	}
	if d.model() == Workload {
		return int(capped.Int64()), nil
	}
	return d.smallestWaiting(int(capped.Int64()))
}

// smallestWaiting looks upward from least, with one step of the recursion for
// each agent.
func (d desk) smallestWaiting(least int) (int, error) {
	within := seconds(d.targets.Within)
	b := 1.0
	for n := 1; n <= MaxAgents; n++ {
		b = nextB(d.load, n, b)
		if n < least || !d.carries(n) {
			continue
		}
		if queueC(d.load, d.handling, within, n, b).answered >= d.targets.ServiceLevel {
			return n, nil
		}
	}
	return 0, ErrTooLarge
}

// smallestLeaving finds the number for a queue that contacts leave. There the
// service level rises and occupancy falls with each agent, so it can be halved
// into place.
func (d desk) smallestLeaving() (int, error) {
	meets := func(n int) bool {
		q := d.queue(n)
		return q.answered >= d.targets.ServiceLevel && q.occupancy <= d.targets.MaxOccupancy
	}
	enough := 1
	for !meets(enough) {
		if enough >= MaxAgents {
			return 0, ErrTooLarge
		}
		enough = min(2*enough, MaxAgents)
	}
	below := enough / 2
	return below + 1 + sort.Search(enough-below-1, func(i int) bool { return meets(below + 1 + i) }), nil
}
