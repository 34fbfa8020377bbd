package exec

import (
	"container/list"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/romashka/sidecar/internal/postgrest/query"
)

// line hands out the right to a connection, first come, first served. Waiting
// here costs a tenth of waiting at the pool.
type line struct {
	mu   sync.Mutex
	free int       // connections that nobody has a right to
	size int       // connections
	wait list.List // of *waiter, the longest first

	waiting, waits, waited, timeouts atomic.Int64
}

// waiter is a request in line.
type waiter struct {
	together *query.Script // it may also be sent behind others; nil: it may not
	element  *list.Element // nil: it is not in line any more
	ready    chan place    // capacity 1
}

// place is what a waiter gets: a flight that was sent for it, or the right to a
// connection.
type place struct {
	flight *flight
	failed bool // neither: it is to stand in line again
}

// enter has the right to a connection at once, or a waiter that is to stand in
// line for it. together is what may as well be sent behind others, or nil.
func (l *line) enter(together *query.Script) *waiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.free > 0 {
		l.free--
		return nil
	}
	w := &waiter{together: together, ready: make(chan place, 1)}
	w.element = l.wait.PushBack(w)
	return w
}

// full: whoever wants a connection would have to wait.
func (l *line) full() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.free == 0
}

// empty: nobody waits.
func (l *line) empty() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.wait.Len() == 0
}

// leave gives a right back, to who has waited longest.
func (l *line) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if front := l.wait.Front(); front != nil {
		l.call(front.Value.(*waiter)).ready <- place{}
		return
	}
	l.free++
}

// call takes a waiter out of the line. It is for holders of mu.
func (l *line) call(w *waiter) *waiter {
	l.wait.Remove(w.element)
	w.element = nil
	return w
}

// longSearch is how many in line are asked whether they fly with others.
const longSearch = 32

// next calls who has waited longest of those who may be sent behind others and
// are fit for it; nil where there is none.
func (l *line) next(fit func(*query.Script) bool) *waiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.wait.Front()
	for i := 0; e != nil && i < longSearch; i++ {
		if w := e.Value.(*waiter); w.together != nil && fit(w.together) {
			return l.call(w)
		}
		e = e.Next()
	}
	return nil
}

// stand waits for a place.
func (l *line) stand(ctx context.Context, w *waiter, longest time.Duration) (place, error) {
	since := time.Now()
	l.waiting.Add(1)
	defer func() {
		l.waiting.Add(-1)
		l.waits.Add(1)
		l.waited.Add(int64(time.Since(since)))
	}()
	timeout := time.NewTimer(longest)
	defer timeout.Stop()
	var err error
	select {
	case p := <-w.ready:
		return p, nil
	case <-ctx.Done():
		err = &connectError{ctx.Err()}
	case <-timeout.C:
		err = l.timeout()
	}
	if p, called := l.giveUp(w); called {
		l.decline(p)
	}
	return place{}, err
}

// giveUp takes a waiter out of the line; called tells that it had been called.
func (l *line) giveUp(w *waiter) (_ place, called bool) {
	l.mu.Lock()
	if w.element != nil {
		l.call(w)
		l.mu.Unlock()
		return place{}, false
	}
	l.mu.Unlock()
	return <-w.ready, true
}

// decline gives back a place that came too late.
func (l *line) decline(p place) {
	switch {
	case p.flight != nil:
		p.flight.formation.drop(p.flight)
	case !p.failed:
		l.leave()
	}
}

// timeout counts a request that gets no connection in time.
func (l *line) timeout() error {
	l.timeouts.Add(1)
	return errPoolTimeout
}
