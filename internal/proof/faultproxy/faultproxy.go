// Package faultproxy is a TCP path between two programs that can be made slow, cut
// or broken, as networks are.
//
// It carries bytes and knows nothing of their meaning. A proxy that is whole
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

// Proxy listens at one end and leads to the other.
type Proxy struct {
	listener net.Listener
	delay    atomic.Int64 // nanoseconds, one way
	work     sync.WaitGroup

	mu          sync.Mutex
	target      string
	broken      bool
	whole       chan struct{} // closed while the proxy is not cut
	connections map[*connection]struct{}
	ended       bool
}

// Open opens a proxy from a free port of this machine to target, host:port.
func Open(ctx context.Context, target string) (*Proxy, error) {
	var c net.ListenConfig
	ln, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a proxy: %w", err)
	}
	p := &Proxy{listener: ln, target: target, whole: make(chan struct{}), connections: map[*connection]struct{}{}}
	close(p.whole)
	p.work.Go(p.accept)
	return p, nil
}

// Address is its near end, host:port.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Lead makes connections from now on go to another target.
func (p *Proxy) Lead(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
}

// Delay keeps each byte for that long, each way.
func (p *Proxy) Delay(each time.Duration) { p.delay.Store(int64(each)) }

// Cut lets nothing through any more, and closes no connection. Bytes on their
// way are lost, and the connections that are open stay silent for good: a
// firewall has forgotten them. Those that are opened now wait for Mend.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isCut() {
		return
	}
	p.whole = make(chan struct{})
	for c := range p.connections {
		c.dead.Store(true)
	}
}

// Break resets all connections, and each that is opened, until Mend.
func (p *Proxy) Break() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = true
	for c := range p.connections {
		c.reset()
	}
}

// Mend ends Cut and Break. The far end of connections that are dead is closed,
// as it would find out by itself; their near end is left open.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = false
	if p.isCut() {
		close(p.whole)
	}
	for c := range p.connections {
		if c.dead.Load() {
			c.far.Close()
		}
	}
}

// Close ends all connections and waits for the goroutines that carry their bytes.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.mu.Lock()
	p.ended = true
	if p.isCut() {
		close(p.whole)
	}
	for c := range p.connections {
		c.reset()
	}
	p.mu.Unlock()
	p.work.Wait()
	return err
}

// isCut reports whether Cut is in force; the caller holds mu.
func (p *Proxy) isCut() bool {
	select {
	case <-p.whole:
		return false
	default:
		return true
	}
}

func (p *Proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.work.Go(func() { p.connect(near) })
	}
}

// connect carries a connection that was accepted on to the target, once the proxy
// is whole.
func (p *Proxy) connect(near net.Conn) {
	p.mu.Lock()
	whole, target, refused := p.whole, p.target, p.broken || p.ended
	p.mu.Unlock()
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
	c := &connection{proxy: p, near: near, far: far}
	if !p.keep(c) {
		c.reset()
		return
	}
	p.work.Go(func() { c.carry(near, far) })
	p.work.Go(func() { c.carry(far, near) })
}

// keep adds a connection, and reports whether it may: none may be there after Break
// or Close.
func (p *Proxy) keep(c *connection) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken || p.ended {
		return false
	}
	c.dead.Store(p.isCut())
	c.open.Store(2) // directions
	p.connections[c] = struct{}{}
	return true
}

func (p *Proxy) forget(c *connection) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.connections, c)
}
