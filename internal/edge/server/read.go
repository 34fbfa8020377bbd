package server

import (
	"bytes"
	"errors"
	"time"
)

const (
	readAhead = 2 << 10  // bytes; holds the headers of an ordinary request
	slowest   = 16 << 10 // bytes a second; a client with less of a large body must hurry
)

var errStarved = errors.New("no memory is left for bodies")

// Read is fasthttp's, in a way that costs little where little comes.
//
// When fasthttp asks for a single byte, which is how it waits for the next
// request without holding its large buffer, conn reads ahead into a small one,
// and waits until the head is whole: an idle connection, and one whose client
// sends a head byte by byte, costs the bytes that came and not the whole header
// limit, and an ordinary request still costs one system call.
//
// When fasthttp asks for more than a head it has made room for a body, as large
// as the client says that it will be. That room is taken off the memory for
// bodies, or refused.
func (c *conn) Read(p []byte) (int, error) {
	switch {
	case len(c.pending) > 0:
		c.started.Store(true)
		c.lineDone = c.lineDone || bytes.IndexByte(c.pending, '\n') >= 0
		n := copy(p, c.pending)
		c.pending = c.pending[n:]
		return n, nil
	case c.start < c.end:
		n := copy(p, c.buf[c.start:c.end])
		c.start += n
		return n, nil
	case c.late != nil:
		return 0, c.late
	case len(p) == 1:
		return c.next(p)
	default:
		return c.more(p)
	}
}

// next waits for the next request and gives its first byte.
func (c *conn) next(p []byte) (int, error) {
	c.endRequest()
	if c.owner.gate.tight() { // fasthttp has set a longer one
		c.hurried.Store(true)
		if err := c.SetReadDeadline(time.Now().Add(c.owner.limits.short)); err != nil {
			return 0, err
		}
	}
	if c.answer.Load() > 0 {
		c.keep(0)
	}
	if c.buf == nil {
		c.buf = new([readAhead]byte)
	}
	n, err := c.Conn.Read(c.buf[:])
	if n <= 0 {
		return n, err
	}
	c.started.Store(true)
	c.start, c.end = 0, n
	if letter := c.buf[0] | 0x20; letter >= 'a' && letter <= 'z' && !endsHead(c.buf[:n], 0) { // anything but a head goes on at once
		c.collect()
		return c.Read(p)
	}
	c.lineDone = bytes.IndexByte(c.buf[:n], '\n') >= 0
	c.start = copy(p, c.buf[:1])
	return 1, nil
}

// collect waits for the rest of a head. A head that it cannot judge, fasthttp does.
func (c *conn) collect() {
	head := bytes.Clone(c.buf[:c.end])
	c.start, c.end = 0, 0
	wait := c.owner.limits.read
	if c.owner.gate.tight() {
		wait = c.owner.limits.short
	}
	c.late = c.SetReadDeadline(time.Now().Add(wait))
	for from := 0; c.late == nil && len(head) < c.owner.limits.head && !endsHead(head, from); {
		n, err := c.Conn.Read(c.buf[:])
		from = max(0, len(head)-len("\n\r")) // an end may have begun here
		head, c.late = append(head, c.buf[:n]...), err
	}
	c.lineDone = bytes.IndexByte(head, '\n') >= 0
	c.pending = head
}

// endsHead reports whether an empty line comes at from or behind it.
func endsHead(head []byte, from int) bool {
	head = head[from:]
	if bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		return true // as most requests without a body do
	}
	return bytes.Contains(head, []byte("\n\r\n")) || bytes.Contains(head, []byte("\n\n"))
}

// more reads more of a request.
func (c *conn) more(p []byte) (int, error) {
	if c.handed {
		c.buf = nil // it is empty, and a WebSocket may last for days
	}
	if len(p) > c.owner.limits.head && !c.reserve(c.held+len(p)) {
		c.owner.limits.bodies.spend(int64(len(p)))
		return 0, errStarved
	}
	n, err := c.Conn.Read(p)
	c.lineDone = c.lineDone || bytes.IndexByte(p[:max(n, 0)], '\n') >= 0
	c.held += n
	if !c.reserve(c.held) {
		return 0, errStarved
	}
	if err == nil && c.held > smallBody && !c.handed {
		err = c.extend(time.Now())
	}
	return n, err
}

// extend lets a large body take longer than a request may otherwise, while it
// comes at slowest bytes a second.
func (c *conn) extend(now time.Time) error {
	if c.large.IsZero() {
		c.large = now
	}
	earned := time.Duration(c.held) * time.Second / slowest
	return c.SetReadDeadline(c.large.Add(c.owner.limits.read + earned))
}

// reserve takes the bytes that the request needs beyond those reserved for it,
// and reports whether there were as many.
func (c *conn) reserve(bytes int) bool {
	missing := int64(bytes) - c.reserved.Load()
	if c.handed || missing <= 0 {
		return true
	}
	if !c.owner.limits.bodies.take(missing, int64(bytes)) {
		c.starved = true
		return false
	}
	c.reserved.Add(missing)
	return true
}

// reserveMore takes bytes for the body in its later form, and reports whether
// there were as many.
func (c *conn) reserveMore(bytes int) bool {
	total := c.reserved.Load() + int64(bytes)
	if !c.owner.limits.bodies.take(int64(bytes), total) {
		return false
	}
	c.reserved.Add(int64(bytes))
	return true
}

// release gives back the request's bytes. Close calls it last, even if others
// have called it before.
func (c *conn) release() {
	if c.reserved.Load() > 0 {
		c.owner.limits.bodies.giveSpent(c.reserved.Swap(0))
	}
}

// endRequest is for the end of a request, of which nothing is held any more.
func (c *conn) endRequest() {
	c.release()
	c.held, c.large = 0, time.Time{}
}
