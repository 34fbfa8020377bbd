package faultproxy

import (
	"net"
	"sync/atomic"
	"time"
)

// line is one connection through a wire.
type line struct {
	wire      *Wire
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
func (l *line) carry(from, to net.Conn) {
	defer func() {
		if l.open.Add(-1) == 0 {
			l.wire.forget(l)
		}
	}()
	pieces := make(chan piece, 1024)
	l.wire.work.Go(func() { l.read(from, pieces) })
	for p := range pieces {
		time.Sleep(time.Until(p.due)) //nolint:forbidigo // the delay is the point
		if l.dead.Load() {
			continue
		}
		if _, err := to.Write(p.data); err != nil {
			break
		}
	}
	from.Close() // its reader ends, and with it the channel
	for range pieces {
	}
	if !l.dead.Load() || to == l.far {
		to.Close()
	}
}

// read ends with its connection.
func (l *line) read(from net.Conn, pieces chan<- piece) {
	defer close(pieces)
	for {
		buffer := make([]byte, 16<<10)
		n, err := from.Read(buffer)
		if n > 0 {
			pieces <- piece{buffer[:n], time.Now().Add(time.Duration(l.wire.delay.Load()))}
		}
		if err != nil {
			return
		}
	}
}

func (l *line) reset() {
	reset(l.near)
	reset(l.far)
}

// reset closes a connection without a word to come.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // fails only where it is closed already
	}
	c.Close()
}
