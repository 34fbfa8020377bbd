package exec

import (
	"container/list"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/romashka/sidecar/internal/postgrest/query"
)

// queue hands out the right to a connection, first come, first served; or a
// place behind others, to requests that may have one. Waiting here costs a tenth
// of waiting at the pool.
type queue[P any] struct {
	mu      sync.Mutex
	free    int       // connections that nobody has a right to
	size    int       // connections
	tickets list.List // of *ticket[P], the longest first

	waiting, waits, waited, timeouts atomic.Int64
}

// ticket is a request in the queue.
type ticket[P any] struct {
	script  *query.Script // it may also be sent behind others; nil: it may not
	element *list.Element // nil: it is not in the queue any more
	called  chan grant[P] // capacity 1
}

// grant is a ticket's result: a place behind others, or the right to a
// connection.
type grant[P any] struct {
	place  *P
	failed bool // neither: the request is to enter again
}

// enter takes the right to a connection at once, where there is one; then the
// ticket is nil. script is that which may as well be sent behind others, or nil.
func (q *queue[P]) enter(script *query.Script) *ticket[P] {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.free > 0 {
		q.free--
		return nil
	}
	t := &ticket[P]{script: script, called: make(chan grant[P], 1)}
	t.element = q.tickets.PushBack(t)
	return t
}

// full reports whether the next request for a connection has to wait.
func (q *queue[P]) full() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.free == 0
}

// empty reports whether nobody waits.
func (q *queue[P]) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.tickets.Len() == 0
}

// leave gives a right back, to the ticket that has waited longest.
func (q *queue[P]) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if front := q.tickets.Front(); front != nil {
		q.remove(front.Value.(*ticket[P])).called <- grant[P]{}
		return
	}
	q.free++
}

// remove takes a ticket out of the queue. It is for holders of mu.
func (q *queue[P]) remove(t *ticket[P]) *ticket[P] {
	q.tickets.Remove(t.element)
	t.element = nil
	return t
}

// longSearch is how many tickets are looked at for one that may share.
const longSearch = 32

// next takes out the ticket that has waited longest of those that may be sent
// behind others and are fit for it; nil where there is none.
func (q *queue[P]) next(fit func(*query.Script) bool) *ticket[P] {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.tickets.Front()
	for i := 0; e != nil && i < longSearch; i++ {
		if t := e.Value.(*ticket[P]); t.script != nil && fit(t.script) {
			return q.remove(t)
		}
		e = e.Next()
	}
	return nil
}

// wait waits until the ticket is called. late says that it was, but too late: the
// grant comes with an error then, and is to be given back.
func (q *queue[P]) wait(ctx context.Context, t *ticket[P], longest time.Duration) (g grant[P], late bool, err error) {
	since := time.Now()
	q.waiting.Add(1)
	defer func() {
		q.waiting.Add(-1)
		q.waits.Add(1)
		q.waited.Add(int64(time.Since(since)))
	}()
	timeout := time.NewTimer(longest)
	defer timeout.Stop()
	select {
	case g := <-t.called:
		return g, false, nil
	case <-ctx.Done():
		err = &connectError{ctx.Err()}
	case <-timeout.C:
		err = q.timeout()
	}
	g, late = q.giveUp(t)
	return g, late, err
}

// giveUp takes a ticket out of the queue, or returns the grant that it was called for.
func (q *queue[P]) giveUp(t *ticket[P]) (_ grant[P], called bool) {
	q.mu.Lock()
	if t.element != nil {
		q.remove(t)
		q.mu.Unlock()
		return grant[P]{}, false
	}
	q.mu.Unlock()
	return <-t.called, true
}

// timeout counts a request that gets no connection in time.
func (q *queue[P]) timeout() error {
	q.timeouts.Add(1)
	return errPoolTimeout
}
