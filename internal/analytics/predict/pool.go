package predict

import (
	"slices"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/analytics/staffing"
)

// pool makes one queue of the channels that wait, and one pile of work of the
// others. Times are means over the contacts that need an agent; of patience, the
// rates are: where nobody leaves, it is 0.
func (h *handling) pool() {
	var ai, aht, factor, leaving, later mean
	missing, laterMissing := false, false
	for _, c := range h.Channels {
		share, each := c.human(), deref(c.AHT.Value)
		ai.add(c.Share, deref(c.AIShare.Value), c.AIShare)
		if c.Deferred {
			later.add(share, each / *c.Factor.Value, c.AHT)
			laterMissing = laterMissing || share > 0 && each == 0
			continue
		}
		missing = missing || share > 0 && each == 0
		aht.add(share, each, c.AHT)
		factor.add(share*each, 1 / *c.Factor.Value, c.Factor)
		leaving.add(share, c.Patience.inverse(), c.Patience)
	}
	h.AIShare, h.AHT, h.DeferredAHT = ai.assumption(), aht.assumption(), later.assumption()
	if aht.weight == 0 { // nobody waits
		h.AHT = h.Channels[0].AHT
	}
	if missing {
		h.AHT.Value = nil
	}
	if laterMissing {
		h.DeferredAHT.Value = nil
	}
	h.Factor, h.Patience = known(1, "usual", 0), leaving.assumption()
	if f := factor.assumption(); f.Value != nil {
		h.Factor = known(f.inverse(), f.Source, f.Count)
	}
	if rate := h.Patience.inverse(); rate > 0 {
		*h.Patience.Value = rate
	} else {
		h.Patience.Value = nil
	}
}

// inverse is 1 / the value; 0 where it is not known.
func (a Assumption) inverse() float64 {
	if deref(a.Value) == 0 {
		return 0
	}
	return 1 / *a.Value
}

// mean is the mean of the channels' assumptions, by their weight.
type mean struct {
	weight, sum float64
	sources     []string
	count       int64 // the largest of a channel, which may be that of all
}

func (m *mean) add(weight, value float64, from Assumption) {
	if weight <= 0 {
		return
	}
	m.weight, m.sum, m.count = m.weight+weight, m.sum+weight*value, max(m.count, from.Count)
	if !slices.Contains(m.sources, from.Source) {
		m.sources = append(m.sources, from.Source)
	}
}

func (m *mean) assumption() Assumption {
	if m.weight == 0 {
		return Assumption{Source: "unknown"}
	}
	return known(m.sum/m.weight, strings.Join(m.sources, ", "), m.count)
}

// work is an hour of contacts that wait for an agent, without their volume.
func (h handling) work() staffing.Work {
	w := staffing.Work{Interval: time.Hour, Factor: *h.Factor.Value, AHT: inSeconds(deref(h.AHT.Value))}
	if h.Patience.Value != nil {
		w.Patience = inSeconds(*h.Patience.Value)
	}
	return w
}

// later is an hour of contacts that can be put off, without their volume.
func (h handling) later() staffing.Work {
	return staffing.Work{Interval: time.Hour, Factor: 1, AHT: inSeconds(deref(h.DeferredAHT.Value)), Deferred: true}
}

// deferredShare is the part of the contacts that need an agent which can be put off.
func (h handling) deferredShare() float64 {
	later, sum := 0.0, 0.0
	for _, c := range h.Channels {
		sum += c.human()
		if c.Deferred {
			later += c.human()
		}
	}
	if sum == 0 {
		return 0
	}
	return later / sum
}
