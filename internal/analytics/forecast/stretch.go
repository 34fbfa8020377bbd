package forecast

import (
	"math"
	"slices"
)

// The bounds of a stretch, and how many tries without one it counts for.
const (
	leastStretch, mostStretch = 0.9, 1.8
	priorStretch              = 4
)

// stretch widens or narrows bands by as much as the intervals of earlier tries
// would have needed to hold their promised share, and gives the factors at 80
// and at 95 %. Of a volume that drifts the errors to come
// are larger than those so far, again and again; this learns it. Every stride-th step is looked at.
func stretch(bands []band, past []outcome, stride int, open func(i int) bool) [2]float64 {
	var reach80, reach95 []float64
	tries := 0.0
	for _, o := range past {
		if !o.settled || len(o.came) == 0 {
			continue
		}
		tries++
		for i := 0; i < len(o.came); i += stride {
			b, v := o.bands[i], o.came[i]
			if math.IsNaN(v) || b.hi80 <= b.mean || b.lo80 >= b.mean {
				continue
			}
			wide80, wide95 := b.hi80-b.mean, b.hi95-b.mean
			if v < b.mean {
				wide80, wide95 = b.mean-b.lo80, b.mean-b.lo95
			}
			reach80 = append(reach80, math.Abs(v-b.mean)/wide80*o.stretch80)
			reach95 = append(reach95, math.Abs(v-b.mean)/wide95*o.stretch95)
		}
	}
	by := [2]float64{learnt(reach80, 1-2*tail80, tries), learnt(reach95, 1-2*tail95, tries)}
	for i := range bands {
		if b := &bands[i]; open(i) {
			b.set((b.lo80-b.mean)*by[0], (b.hi80-b.mean)*by[0], (b.lo95-b.mean)*by[1], (b.hi95-b.mean)*by[1])
		}
	}
	return by
}

// learnt is the quantile of the factors needed, drawn to 1 while tries are few.
func learnt(reach []float64, p, tries float64) float64 {
	if len(reach) == 0 {
		return 1
	}
	slices.Sort(reach)
	own := min(max(quantile(reach, p), leastStretch), mostStretch)
	return (tries*own + priorStretch) / (tries + priorStretch)
}
