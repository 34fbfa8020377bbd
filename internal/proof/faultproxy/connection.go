package faultproxy

import (
	"net"
	"sync/atomic"
	"time"
)

// connection is one connection through a proxy, both ends of it.
type connection struct {
	proxy     *Proxy
	near, far net.Conn
	dead      atomic.Bool  // nothing passes any more
	open      atomic.Int32 // directions that are carried
}

// piece holds the bytes of one read, and the time they are due.
type piece struct {
	data []byte
	due  time.Time
}

// carry hands on the bytes of from, each when it is due, until either end closes.
func (c *connection) carry(from, to net.Conn) {
	defer func() {
		if c.open.Add(-1) == 0 {
			c.proxy.forget(c)
		}
	}()
	pieces := make(chan piece, 1024)
	c.proxy.work.Go(func() { c.read(from, pieces) })
	for p := range pieces {
		time.Sleep(time.Until(p.due)) //nolint:forbidigo // the delay is the point
		if c.dead.Load() {
			continue
		}
		if _, err := to.Write(p.data); err != nil {
			break
		}
	}
	from.Close() // its reader ends, and with it the channel
	for range pieces {
	}
	if !c.dead.Load() || to == c.far {
		to.Close()
	}
}

// read ends with its connection.
func (c *connection) read(from net.Conn, pieces chan<- piece) {
	defer close(pieces)
	for {
		buffer := make([]byte, 16<<10)
		n, err := from.Read(buffer)
		if n > 0 {
			pieces <- piece{buffer[:n], time.Now().Add(time.Duration(c.proxy.delay.Load()))}
		}
		if err != nil {
			return
		}
	}
}

func (c *connection) reset() {
	reset(c.near)
	reset(c.far)
}

// reset closes a connection without a word to come.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // fails only where it is closed already
	}
	c.Close()
}
