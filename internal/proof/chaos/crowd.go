package main

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// crowd is a number of clients that ask without end, unless they are paused.
type crowd struct {
	clients []*client
	pace    time.Duration // between the requests of one client; 0 = none
	gate    sync.RWMutex  // held for reading by each request, for writing by who paused them
	record  atomic.Pointer[record]
	cancel  context.CancelFunc
	work    sync.WaitGroup
	paused  bool // of who pauses and resumes
}

// record counts the outcomes of the requests since it was opened.
type record struct {
	honest []string // outcomes that may be, beside good ones

	mu       sync.Mutex
	outcomes map[string]int
	slowest  time.Duration
	wrong    []string
}

// gather makes so many clients, paused.
func gather(h *deployment, number int, pace time.Duration) *crowd {
	ctx, cancel := context.WithCancel(context.Background())
	w := &crowd{cancel: cancel, pace: pace, paused: true}
	w.open(nil)
	w.gate.Lock()
	for user := range number {
		const slack = 20 * time.Second // to distinguish a late answer from none
		c := newClient(user+1, (user+1)%number+1, h.sidecar.api, h.keys, h.limits.longest()+slack)
		w.clients = append(w.clients, c)
		w.work.Go(func() { w.drive(ctx, c) })
	}
	return w
}

// dropIdle closes the connections that clients keep for another request.
func (w *crowd) dropIdle() {
	for _, c := range w.clients {
		c.http.CloseIdleConnections()
	}
}

// drive lets c ask until ctx ends. A request that was begun is finished.
func (w *crowd) drive(ctx context.Context, c *client) {
	defer c.http.CloseIdleConnections()
	tick := time.NewTicker(max(w.pace, 1))
	defer tick.Stop()
	for number := 0; ; number++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		w.gate.RLock()
		r := mix[number%len(mix)](c, number)
		w.judge(c, r, c.send(context.WithoutCancel(ctx), r))
		w.gate.RUnlock()
	}
}

func (w *crowd) judge(c *client, r *request, a reply) {
	outcome, wrong := a.outcome(r)
	c.acks.enter(r, outcome)
	if outcome != outcomeGood {
		c.streak.Store(0)
	} else if c.streak.Add(1) == 1 {
		c.since.Store(time.Now().UnixNano())
	}
	w.record.Load().add(outcome, wrong, a, r)
}

func (r *record) add(outcome string, wrong error, a reply, q *request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outcomes[outcome]++
	r.slowest = max(r.slowest, a.took)
	switch {
	case wrong != nil:
		r.wrong = append(r.wrong, wrong.Error())
	case outcome != outcomeGood && !slices.Contains(r.honest, outcome):
		text := q.method + " " + q.path + ": " + outcome
		if a.err != nil {
			text += ": " + a.err.Error()
		} else {
			text += ": " + string(a.body)
		}
		r.wrong = append(r.wrong, text)
	}
}

// open begins a record; requests under way are counted in it.
func (w *crowd) open(honest []string) *record {
	r := &record{honest: honest, outcomes: map[string]int{}}
	w.record.Store(r)
	return r
}

// counts is a copy of the outcomes so far.
func (r *record) counts() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.outcomes)
}

// faults are a copy of the slowest answer and the wrong answers so far.
func (r *record) faults() (slowest time.Duration, wrong []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.slowest, slices.Clone(r.wrong)
}

// pause returns when no request is under way, and none will be.
func (w *crowd) pause() {
	w.gate.Lock()
	w.paused = true
}

func (w *crowd) resume() {
	w.paused = false
	w.gate.Unlock()
}

// leave sends the clients away.
func (w *crowd) leave() {
	w.cancel()
	if w.paused {
		w.resume()
	}
	w.work.Wait()
}

// untilWell waits until each client had a good answer to each kind of request
// in a row, and returns when the last of them began to be well. Answers from
// before do not count.
func (w *crowd) untilWell(ctx context.Context) (time.Time, error) {
	for _, c := range w.clients {
		c.streak.Store(0)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := until(ctx, "all clients are well", func() bool {
		return !slices.ContainsFunc(w.clients, func(c *client) bool { return c.streak.Load() < int64(len(mix)) })
	})
	var last int64
	for _, c := range w.clients {
		last = max(last, c.since.Load())
	}
	return time.Unix(0, last), err
}
