package server

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/romashka/sidecar/internal/edge/clientip"
	"github.com/romashka/sidecar/internal/postgrest/answer"
)

const (
	writePiece    = 256 << 10 // bytes that a client must take within one write time-out
	hurriedPiece  = 64 << 10  // the same when others wait for the memory or connection that the answer holds
	hurriedTime   = 3 * time.Second
	lingerTime    = 2 * time.Second
	lingerMaximum = 64 << 20 // bytes
)

// listener makes a conn of each connection and knows them all.
type listener struct {
	net.Listener
	limits connLimits
	gate   *gate

	mu    sync.Mutex
	conns map[*conn]struct{}
	empty chan struct{} // closed when conns becomes empty; nil while nobody waits
	ended bool          // nobody may linger any more

	lingering sync.WaitGroup
}

// connLimits are the bounds of one connection, and of all together.
type connLimits struct {
	read, write time.Duration // for a request to arrive, for a piece of an answer to be taken
	short       time.Duration // for a head to arrive while connections are scarce
	head        int           // bytes
	bodies      *memory       // of all
	answers     *answer.Memory
}

func newListener(ln net.Listener, limits connLimits, g *gate) *listener {
	return &listener{Listener: ln, limits: limits, gate: g, conns: map[*conn]struct{}{}}
}

func (l *listener) Accept() (net.Conn, error) {
	for {
		nc, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		network, refused := l.gate.enter(clientip.Of(nc.RemoteAddr()))
		if refused != byNothing {
			l.turnAway(nc, refused)
			continue
		}
		c := &conn{Conn: nc, owner: l, network: network, buf: new([readAhead]byte)}
		l.mu.Lock()
		l.conns[c] = struct{}{}
		l.mu.Unlock()
		if now := time.Now(); l.gate.hurries(now) {
			l.hurry(now)
		}
		return c, nil
	}
}

// hurry shortens the wait of those that have sent nothing yet.
func (l *listener) hurry(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		if !c.started.Load() && !c.hurried.Swap(true) {
			_ = c.SetReadDeadline(now.Add(l.limits.short)) // of a connection that is closed: nothing
		}
	}
}

// Close stops accepting, and closes the connections that never sent anything:
// browsers open some in advance, and nothing is to be waited for on them. It may
// be called again.
func (l *listener) Close() error {
	err := l.Listener.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	l.closeWhere(func(c *conn) bool { return !c.started.Load() })
	return err
}

// closeWhere closes the connections that pick chooses.
func (l *listener) closeWhere(pick func(*conn) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		if pick(c) {
			c.Conn.Close() // not c.Close, which takes the lock and may linger
		}
	}
}

// end closes all connections and waits for those that linger.
func (l *listener) end() {
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.closeWhere(func(*conn) bool { return true })
	l.lingering.Wait()
}

// linger runs f on a goroutine that end waits for, and reports whether it does:
// not after end.
func (l *listener) linger(f func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.lingering.Go(f)
	}
	return !l.ended
}

// waitIdle waits until no connection is left, or ctx ends.
func (l *listener) waitIdle(ctx context.Context) {
	l.mu.Lock()
	if len(l.conns) == 0 {
		l.mu.Unlock()
		return
	}
	empty := make(chan struct{})
	l.empty = empty
	l.mu.Unlock()
	select {
	case <-empty:
	case <-ctx.Done():
	}
}

func (l *listener) forget(c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.conns[c]; known {
		delete(l.conns, c)
		l.gate.leave(c.network)
	}
	if len(l.conns) == 0 && l.empty != nil {
		close(l.empty)
		l.empty = nil
	}
}

// conn is one client connection.
//
// The half that fasthttp reads from is in read.go. This one gives each piece of an answer a
// deadline of its own, so that a long stream lives as long as its reader takes
// something. And it lingers when asked.
type conn struct {
	net.Conn
	owner   *listener
	network netip.Addr // that it counts under; zero = none

	buf        *[readAhead]byte
	start, end int    // unread part of buf
	pending    []byte // comes before buf
	late       error  // comes behind both; nil = the connection goes on

	large    time.Time    // when the body turned out to be large; zero while it has not
	held     int          // bytes that were read of the request being read
	reserved atomic.Int64 // bytes that its body takes of the memory for bodies
	starved  bool         // there were not enough of them
	handed   bool         // its bodies are not held: another reads them

	answer atomic.Int64                // bytes that the last answer takes of the memory for answers
	holds  atomic.Pointer[func() bool] // reports whether the stream being sent holds resources that others wait for; nil = no stream

	lineDone bool // the request line of the request being read is complete
	started  atomic.Bool
	hurried  atomic.Bool // its wait for the first byte was shortened
	linger   atomic.Bool
	closed   atomic.Bool
	onClose  func() // takes the place of the next Close; nil = none
}

// renew makes a conn of the same connection, for fasthttp to serve afresh: it
// may still hold on to c. rest was read already.
func (c *conn) renew(rest []byte) *conn {
	next := &conn{Conn: c.Conn, owner: c.owner, network: c.network, buf: c.buf, pending: rest}
	c.closed.Store(true)
	l := c.owner
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
	l.conns[next] = struct{}{}
	return next
}

// Write gives the client some time for each piece: little if others wait for
// the resources of its answer, a connection to the database or the last of the memory.
func (c *conn) Write(p []byte) (int, error) {
	written := 0
	for {
		size, patience, hurried := writePiece, c.owner.limits.write, c.hurries()
		if hurried {
			size, patience = hurriedPiece, min(patience, hurriedTime)
		}
		piece := p[written:min(len(p), written+size)]
		if err := c.SetWriteDeadline(time.Now().Add(patience)); err != nil {
			return written, err
		}
		n, err := c.Conn.Write(piece)
		written += n
		switch {
		case err != nil && hurried && errors.Is(err, os.ErrDeadlineExceeded) && !c.hurries():
			// Nobody waits any more.
		case err != nil || written == len(p):
			return written, err
		}
	}
}

// smallAnswer is the size, in bytes, up to which nobody is hurried to take an
// answer.
const smallAnswer = 64 << 10

// hurries reports whether others wait for the resources of the answer being sent. A
// stream that holds no connection any more may hold pieces that were read ahead.
func (c *conn) hurries() bool {
	holds := c.holds.Load()
	if holds != nil && (*holds)() {
		return true
	}
	return (holds != nil || c.answer.Load() > smallAnswer) && c.owner.limits.answers.Scarce()
}

// streams begins an answer that holds resources that others wait for while holds
// says so; nil when it was sent. The socket then takes little in advance, so
// that its pace shows how fast the client is.
func (c *conn) streams(holds func() bool) {
	if holds == nil {
		c.holds.Store(nil)
		return
	}
	c.holds.Store(&holds)
	takeLittle(c.Conn)
}

// keep notes that the answer takes so much of the memory for answers. It is
// given back when the client asks for more, or leaves: then it has the answer.
func (c *conn) keep(held int64) { c.owner.limits.answers.Give(c.answer.Swap(held)) }

// Close closes the connection. When the request was refused before it was read
// to its end, it first says so and reads the rest: closing over unread data
// resets the connection, and the client would never see why.
func (c *conn) Close() error {
	c.release()
	c.keep(0)
	if f := c.onClose; f != nil {
		c.onClose = nil
		f()
		return nil
	}
	if c.closed.Swap(true) {
		return nil
	}
	if !c.linger.Load() || c.CloseWrite() != nil {
		return c.close()
	}
	lingers := c.owner.linger(func() {
		c.drain()
		c.close()
	})
	if !lingers {
		return c.close()
	}
	return nil
}

// CloseWrite says to the client that nothing more comes.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

func (c *conn) close() error {
	c.owner.forget(c)
	return c.Conn.Close()
}

func (c *conn) drain() {
	if c.SetReadDeadline(time.Now().Add(lingerTime)) != nil {
		return
	}
	sink := make([]byte, 32<<10)
	for total := 0; total < lingerMaximum; {
		n, err := c.Conn.Read(sink)
		if err != nil {
			return
		}
		total += n
	}
}
