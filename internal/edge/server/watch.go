package server

import (
	"context"
	"net"
	"sync"
	"syscall"
	"time"
)

const (
	watchAge  = 50 * time.Millisecond // younger requests are not looked at
	watchTick = 25 * time.Millisecond
)

// watcher cancels the requests of clients that have left, and those whose time
// is over. fasthttp does not notice while a handler runs, and reading to find
// out would eat a pipelined request; so one goroutine asks the kernel about the
// connections of requests that take long, and sleeps while there are none.
type watcher struct {
	onGone func()
	wake   chan struct{} // capacity 1
	done   sync.WaitGroup

	mu          sync.Mutex
	first, last *watch // by age, oldest first
	ended       bool
}

// watched is the part of a request that its watch may end.
type watched interface {
	cancelRequest()
	// expire ends it when its time is over, and reports whether it is.
	expire(now time.Time) bool
}

// watch is one request being served.
type watch struct {
	conn  net.Conn
	since time.Time
	on    watched
	gone  bool

	prev, next *watch
	listed     bool
}

func newWatcher(onGone func()) *watcher {
	return &watcher{onGone: onGone, wake: make(chan struct{}, 1)}
}

// start begins watching; it ends with ctx. wait on done to see it end.
func (w *watcher) start(ctx context.Context) {
	w.done.Go(func() { w.run(ctx) })
}

// add watches e until remove. The connection must stay open in between.
func (w *watcher) add(e *watch) {
	w.mu.Lock()
	if w.ended {
		w.mu.Unlock()
		e.on.cancelRequest()
		return
	}
	idle := w.first == nil
	e.listed, e.prev = true, w.last
	if w.last != nil {
		w.last.next = e
	} else {
		w.first = e
	}
	w.last = e
	w.mu.Unlock()
	if idle {
		select {
		case w.wake <- struct{}{}:
		default: // it is awake already
		}
	}
}

// remove ends the watch and reports whether the client left before.
func (w *watcher) remove(e *watch) (gone bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.unlink(e)
	return e.gone
}

func (w *watcher) unlink(e *watch) {
	if !e.listed {
		return
	}
	if e.prev != nil {
		e.prev.next = e.next
	} else {
		w.first = e.next
	}
	if e.next != nil {
		e.next.prev = e.prev
	} else {
		w.last = e.prev
	}
	e.prev, e.next, e.listed = nil, nil, false
}

func (w *watcher) run(ctx context.Context) {
	defer w.end()
	tick := time.NewTimer(watchTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
		for busy := true; busy; busy = w.sweep(time.Now()) {
			tick.Reset(watchTick)
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}
}

// sweep cancels the requests that have lost their client, and reports whether anything is left to watch.
func (w *watcher) sweep(now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	var old []*watch
	for next := w.first; next != nil && now.Sub(next.since) >= watchAge; {
		e := next
		next = e.next
		if e.on.expire(now) {
			w.unlink(e)
			continue
		}
		old = append(old, e)
	}
	for _, e := range hungUp(old) {
		w.unlink(e)
		e.gone = true
		e.on.cancelRequest()
		w.onGone()
	}
	return w.first != nil
}

// end cancels all that is left, and all that is yet to come: the server stops.
func (w *watcher) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	for e := w.first; e != nil; e = w.first {
		w.unlink(e)
		e.on.cancelRequest()
	}
}

// rawConn finds the socket under a connection.
func rawConn(nc net.Conn) (syscall.RawConn, bool) {
	if c, ok := nc.(*conn); ok {
		nc = c.Conn
	}
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return nil, false
	}
	raw, err := sc.SyscallConn()
	return raw, err == nil
}
