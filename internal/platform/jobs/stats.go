package jobs

import (
	"slices"
	"strings"
	"time"
)

// Stats are of one job of the timetable, as far as this process knows.
type Stats struct {
	Job     string
	Runs    map[Outcome]int64 // by this process, since it began
	Took    time.Duration     // of its last run by this process; 0 = none yet
	Failing bool              // the last run, of any process, failed
	Done    time.Time         // when it was last done, by any process; zero = never
	Overdue time.Duration     // since it was to be begun, and nobody has; 0 = it is not due, or under way
}

// Stats are of all jobs, by name.
func (r *Runner) Stats() []Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Stats, 0, len(r.stats))
	for _, s := range r.stats {
		c := *s
		c.Runs = map[Outcome]int64{}
		for _, o := range []Outcome{Succeeded, Failed, Stopped, Lost} {
			c.Runs[o] = s.Runs[o]
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b Stats) int { return strings.Compare(a.Job, b.Job) })
	return list
}

// saw remembers the state of the timetable.
func (r *Runner) saw(sights []sight) {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	there := map[string]bool{}
	for _, s := range sights {
		stats := r.of(s.Name)
		stats.Failing, stats.Overdue = s.Failing, 0
		if s.Wait != nil && *s.Wait < 0 {
			stats.Overdue = time.Duration(-*s.Wait * float64(time.Second))
		}
		if s.DoneAgo != nil {
			stats.Done = now.Add(-time.Duration(*s.DoneAgo * float64(time.Second)))
		}
		there[s.Name] = true
	}
	for name := range r.stats {
		if !there[name] {
			delete(r.stats, name)
		}
	}
}

func (r *Runner) count(job string, rep report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	stats := r.of(job)
	stats.Runs[rep.outcome]++
	stats.Took = rep.took
}

// of is the entry of a job; r.mu is held.
func (r *Runner) of(job string) *Stats {
	if r.stats[job] == nil {
		r.stats[job] = &Stats{Job: job, Runs: map[Outcome]int64{}}
	}
	return r.stats[job]
}
