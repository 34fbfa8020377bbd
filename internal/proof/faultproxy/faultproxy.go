// Package faultproxy is a TCP path between two programs that can be made slow, cut
// or broken, as networks are.
//
// It carries bytes and knows nothing of their meaning. A wire that is whole
// costs time, but no throughput. It is for tests and measurements; no part of
// the sidecar runs through it.
package faultproxy

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Wire listens at one end and leads to the other.
type Wire struct {
	listener net.Listener
	delay    atomic.Int64 // nanoseconds, one way
	work     sync.WaitGroup

	mu     sync.Mutex
	target string
	broken bool
	whole  chan struct{} // closed while the wire is not cut
	lines  map[*line]struct{}
	ended  bool
}

// Open lays a wire from a free port of this machine to target, host:port.
func Open(ctx context.Context, target string) (*Wire, error) {
	var c net.ListenConfig
	ln, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("lay a wire: %w", err)
	}
	w := &Wire{listener: ln, target: target, whole: make(chan struct{}), lines: map[*line]struct{}{}}
	close(w.whole)
	w.work.Go(w.accept)
	return w, nil
}

// Address is its near end, host:port.
func (w *Wire) Address() string { return w.listener.Addr().String() }

// Lead makes connections from now on go to another target.
func (w *Wire) Lead(target string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.target = target
}

// Delay keeps each byte for that long, each way.
func (w *Wire) Delay(each time.Duration) { w.delay.Store(int64(each)) }

// Cut lets nothing through any more, and closes no connection. Bytes on their
// way are lost, and the connections that are open stay silent for good: a
// firewall has forgotten them. Those that are opened now wait for Mend.
func (w *Wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.isCut() {
		return
	}
	w.whole = make(chan struct{})
	for l := range w.lines {
		l.dead.Store(true)
	}
}

// Break resets all connections, and each that is opened, until Mend.
func (w *Wire) Break() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = true
	for l := range w.lines {
		l.reset()
	}
}

// Mend ends Cut and Break. The far end of connections that are dead is closed,
// as it would find out by itself; their near end is left open.
func (w *Wire) Mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = false
	if w.isCut() {
		close(w.whole)
	}
	for l := range w.lines {
		if l.dead.Load() {
			l.far.Close()
		}
	}
}

// Close ends all connections and waits for the goroutines that carry their bytes.
func (w *Wire) Close() error {
	err := w.listener.Close()
	w.mu.Lock()
	w.ended = true
	if w.isCut() {
		close(w.whole)
	}
	for l := range w.lines {
		l.reset()
	}
	w.mu.Unlock()
	w.work.Wait()
	return err
}

// isCut reports whether Cut is in force; the caller holds mu.
func (w *Wire) isCut() bool {
	select {
	case <-w.whole:
		return false
	default:
		return true
	}
}

func (w *Wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.work.Go(func() { w.connect(near) })
	}
}

// connect makes a line of a connection that was accepted, once the wire is whole.
func (w *Wire) connect(near net.Conn) {
	w.mu.Lock()
	whole, target, refused := w.whole, w.target, w.broken || w.ended
	w.mu.Unlock()
	if refused {
		reset(near)
		return
	}
	<-whole
	const patience = 5 * time.Second
	far, err := (&net.Dialer{Timeout: patience}).DialContext(context.Background(), "tcp", target)
	if err != nil {
		reset(near)
		return
	}
	l := &line{wire: w, near: near, far: far}
	if !w.keep(l) {
		l.reset()
		return
	}
	w.work.Go(func() { l.carry(near, far) })
	w.work.Go(func() { l.carry(far, near) })
}

// keep adds a line, and reports whether it may: none may be there after Break or
// Close.
func (w *Wire) keep(l *line) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken || w.ended {
		return false
	}
	l.dead.Store(w.isCut())
	l.open.Store(2) // directions
	w.lines[l] = struct{}{}
	return true
}

func (w *Wire) forget(l *line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.lines, l)
}
