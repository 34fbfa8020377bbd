package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/romashka/sidecar/internal/platform/service"
)

const (
	// peakTime is how long the peak is measured.
	peakTime = 10 * time.Second
	// soakClients ask at the peak and at a share of it.
	soakClients = 32
	soakShare   = 0.7
	// looks is how often memory is looked at in a soak.
	looks = 60
)

// soak measures the peak of the clients' mix of requests, asks at a share of it
// for a long time, and holds that nothing fails and nothing grows.
func (h *deployment) soak(ctx context.Context, o options) error {
	h.crowd.leave()
	peak, err := h.peak(ctx)
	if err != nil {
		return err
	}
	rate := soakShare * peak
	fmt.Fprintf(o.out, "peak of this mix: %.0f requests/s; for %s at %.0f\n", peak, o.soak, rate)
	h.crowd = gather(h, soakClients, time.Duration(float64(soakClients)/rate*float64(time.Second)))
	r := h.crowd.open(nil)
	h.crowd.resume()
	taken, err := h.watch(ctx, o)
	h.crowd.pause()
	if err != nil {
		return err
	}
	wrong, err := h.audit(ctx)
	if err != nil {
		return err
	}
	return judgeSoak(o, taken, r, wrong)
}

// peak is the rate at which clients are served that ask without a pause.
func (h *deployment) peak(ctx context.Context) (float64, error) {
	h.crowd = gather(h, soakClients, 0)
	r := h.crowd.open(nil)
	h.crowd.resume()
	err := service.Sleep(ctx, peakTime)
	h.crowd.pause()
	served := r.counts()[outcomeGood]
	h.crowd.leave() // with which each may ask once more
	_, auditErr := h.audit(ctx)
	// The next crowd counts on from where the counters are now.
	reset := h.primary.do(ctx, "UPDATE chaos.counters SET n = 0")
	return float64(served) / peakTime.Seconds(), errors.Join(err, auditErr, reset, r.firstWrong())
}

// watch takes a census again and again until the time is over.
func (h *deployment) watch(ctx context.Context, o options) (taken []census, err error) {
	for range looks {
		if err := service.Sleep(ctx, o.soak/looks); err != nil {
			return taken, err
		}
		now, err := h.census(ctx)
		if err != nil {
			return taken, err
		}
		taken = append(taken, now)
	}
	return taken, nil
}

// judgeSoak compares the second quarter of the time, when all is warm, with
// the last, each by its median.
func judgeSoak(o options, taken []census, r *record, wrong []string) error {
	slowest, found := r.faults()
	wrong = append(wrong, found...)
	const quarter = looks / 4
	early, late := median(taken[quarter:2*quarter]), median(taken[3*quarter:])
	fmt.Fprintf(o.out, "%s; slowest %s\nmemory %d MB, then %d MB; goroutines %d, then %d; connections %d, then %d\n",
		answers(r.counts()), slowest.Round(time.Millisecond), early.memory>>20, late.memory>>20,
		early.goroutines, late.goroutines, early.connections, late.connections)
	if len(wrong) > 0 {
		return fmt.Errorf("%w: %s", errFailed, strings.Join(wrong[:min(len(wrong), 10)], "; "))
	}
	const tenth = 10 // of noise
	if late.memory > early.memory+early.memory/tenth || late.goroutines > early.goroutines+soakClients {
		return fmt.Errorf("%w: it grew", errFailed)
	}
	return nil
}

// median is that of each figure by itself.
func median(taken []census) census {
	middle := func(figure func(census) int) int {
		list := make([]int, len(taken))
		for i, c := range taken {
			list[i] = figure(c)
		}
		slices.Sort(list)
		return list[len(list)/2]
	}
	return census{
		goroutines:  middle(func(c census) int { return c.goroutines }),
		connections: middle(func(c census) int { return c.connections }),
		descriptors: middle(func(c census) int { return c.descriptors }),
		memory:      middle(func(c census) int { return c.memory }),
	}
}
