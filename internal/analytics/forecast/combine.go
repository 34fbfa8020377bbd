package forecast

import "math"

// How earlier errors weigh the methods: the weight of a method falls with its
// error to this power, after priorDays days on which all are taken for alike,
// and a try counts half as much after halfLife days.
const (
	errorPower = 10
	priorDays  = 60
	halfLife   = 90
	tryWeeks   = 52 // how far back tries are looked at
)

// weigh gives each method of r its share in the headline from the errors that
// it made at earlier origins, as far as they are known at this one. A method
// is compared with the first of the pool over the tries that both have.
func (s *study) weigh(r *run, earlier []*run) {
	raw := r.history.raw
	for i := range r.pool {
		t := &r.pool[i]
		own, other, days := 0.0, 0.0, 0.0
		for _, e := range recent(earlier, r.n) {
			mine, base := e.trial(t.name), e.trial(r.pool[0].name)
			if mine == nil || base == nil {
				continue
			}
			decay := math.Exp2(-float64(r.n-e.n) / halfLife)
			for j := range mine.mean {
				at := e.n + j
				if at >= len(raw) || j >= defaultHorizon {
					break
				}
				if v := raw[at]; !math.IsNaN(v) {
					own += decay * math.Abs(v-mine.mean[j])
					other += decay * math.Abs(v-base.mean[j])
					days += decay
				}
			}
		}
		t.weight = 1
		if days > 0 && other > 0 {
			prior := priorDays * other / days
			t.weight = math.Pow((other+prior)/(own+prior), errorPower)
		}
	}
	total := 0.0
	for _, t := range r.pool {
		total += t.weight
	}
	for i := range r.pool {
		r.pool[i].weight /= total
	}
}

// recent are the tries of the last year before day n.
func recent(runs []*run, n int) []*run {
	i := 0
	for i < len(runs) && runs[i].n < n-tryWeeks*season {
		i++
	}
	return runs[i:]
}

func (r *run) trial(name string) *trial {
	for i := range r.pool {
		if r.pool[i].name == name {
			return &r.pool[i]
		}
	}
	return nil
}

// combine makes the headline of r.
func (s *study) combine(r *run, earlier []*run) {
	if len(r.pool) == 0 {
		return
	}
	s.weigh(r, earlier)
	r.days = make([]band, s.reach)
	for i := range r.days {
		for _, t := range r.pool {
			r.days[i].mean += t.weight * t.mean[i]
		}
	}
}
