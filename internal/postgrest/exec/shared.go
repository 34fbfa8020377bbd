package exec

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/romashka/sidecar/internal/postgrest/query"
)

// sharedConn is runs on one connection, each sent before the one ahead has its
// answer: to a database that is far away more is under way than there are
// connections. Each is a transaction of its own, and answers come in the order
// of requests, so the run at the head reads, and then passes on to the next.
//
// Only short reads share, only when no connection is free, as a request behind a
// long one would wait for it, and never through a pooler. A run that fails with
// the connection is repeated by itself, as any read.
//
// The session's mu is also held while anything is sent.
type sharedConn struct {
	*session
	queue   *queue[follower] // of the requests that it may take in
	all     *sharedConns     // those to join, with it
	release func()           // gives the connection back

	behind []*follower // sent, and not yet at the head; in order
	joined int         // runs in all
	broken bool        // the connection is of no more use
	since  time.Time   // the head was sent, or came to the head
}

// follower is a run that was sent behind others.
type follower struct {
	*run
	on       *sharedConn
	patience time.Duration // until it is repeated, alone
	left     bool          // nobody waits for the answer any more
	turn     chan bool     // says that the answer is next, or will not come
}

const (
	// shortRead is the longest that a read may have taken, beyond the way to
	// the server and back, to share a connection.
	shortRead = 20 * time.Millisecond
	// maxBehind bounds the runs behind the head at a time, and so does the way to
	// the server: one for each apart of it. More would only wait.
	maxBehind, apart = 7, 100 * time.Microsecond
	// maxJoined bounds the runs in all: requests in the queue for a connection of
	// their own are to get one.
	maxJoined = 32
	// maxSmall is the size of messages, in bytes, that surely go into the
	// socket without waiting for the server to read.
	maxSmall = 16 << 10
	// patience is how long a follower waits to come to the head; then it is
	// repeated alone, and its answer is thrown away when it comes.
	patience = 250 * time.Millisecond
)

// errAlone asks for a connection of one's own.
var errAlone = errors.New("no shared connection answers")

// sharable reports whether a script may share a connection: a read of one
// relation or a call that changes nothing, which is the same however often it is
// run.
func sharable(s *query.Script) bool {
	return light(s) && s.Tx == query.Tx{ReadOnly: true}
}

// wellKnown reports whether the server, and no pooler, knew all statements of a
// run: then no statement is made or closed while it is under way.
func (r *run) wellKnown() bool {
	if r.known == nil || !r.direct || r.afresh {
		return false
	}
	return !slices.ContainsFunc(r.steps, func(s step) bool { return s.kind == stepPrepare || s.kind == stepClose })
}

// short reports whether the statement is known to take little time and, where its
// rows are assembled, was described.
func (p *preparedStatement) short(s *session, assembled bool) bool {
	return (p.shape != nil || !assembled) && p.took > 0 && p.took < s.fastest+shortRead
}

// measure notes how long a run of a light script took.
func (r *run) measure() {
	if r.sent.IsZero() || r.broken {
		return
	}
	took := time.Since(r.sent)
	if r.fastest == 0 || took < r.fastest {
		r.fastest = took
	}
	if r.main.took == 0 {
		r.main.took = took
	}
	r.main.took = (3*r.main.took + took) / 4
}

// fill sends requests of the queue for which there is room. It is for holders of mu.
func (c *sharedConn) fill() {
	for c.open() {
		t := c.queue.next(c.fits)
		if t == nil {
			return
		}
		f := c.add(t.script)
		t.called <- grant[follower]{place: f, failed: f == nil}
	}
}

// open reports whether another run may be sent behind. It is for holders of mu.
func (c *sharedConn) open() bool {
	return !c.closed && len(c.behind) < min(1+int(c.fastest/apart), maxBehind) &&
		c.joined < maxJoined && time.Since(c.since) < c.fastest+shortRead
}

// fits reports whether the server knows all that s asks for, and takes little
// time for it. It is for holders of mu.
func (c *sharedConn) fits(s *query.Script) bool {
	size := s.Settings.Size()
	for i := range s.Main {
		p, ok := c.known.find(statementKey{role: s.Role, sql: s.Main[i].SQL})
		if !ok || i == 0 && !p.short(c.session, s.Main[i].Assemble) {
			return false
		}
		size += s.Main[i].Size()
	}
	if _, ok := c.known.find(statementKey{sql: resetSettings}); !ok || size > maxSmall {
		return false
	}
	_, ok := c.known.find(statementKey{role: s.Role, sql: s.Settings.SQL})
	return ok
}

// add sends s, which fits, behind the others; nil when the connection broke.
// It is for holders of mu.
func (c *sharedConn) add(s *query.Script) *follower {
	r := newRun(c.session, s.Role)
	r.shared = true
	if r.encode(s, nil) != nil || r.write() != nil {
		c.closed, c.broken = true, true
		r.recycle()
		return nil
	}
	f := &follower{run: r, on: c, patience: patience + 2*c.fastest, turn: make(chan bool, 1)}
	c.joined++
	c.behind = append(c.behind, f)
	c.all.count.Add(1)
	return f
}

// receive returns the answer to a run behind others. errAlone: there will be none.
func (f *follower) receive(ctx context.Context) ([]query.Result, error) {
	if err := f.await(ctx); err != nil {
		return nil, err
	}
	defer func() {
		f.giveUp()
		f.on.pass(f.run, true)
		f.recycle()
	}()
	f.stop = f.watch(ctx)
	return f.finish()
}

// await returns when f is at the head.
func (f *follower) await(ctx context.Context) error {
	limit := time.NewTimer(f.patience)
	defer limit.Stop()
	var err error
	select {
	case whole := <-f.turn:
		return aloneUnless(whole)
	case <-ctx.Done():
		err = ctx.Err()
	case <-limit.C:
		err = errAlone
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case whole := <-f.turn: // just now
		return aloneUnless(whole)
	default:
	}
	f.left, f.closed = true, true
	return err
}

func aloneUnless(whole bool) error {
	if whole {
		return nil
	}
	return errAlone
}

// drop is for a follower that nobody waits for.
func (f *follower) drop() {
	f.mu.Lock()
	select {
	case whole := <-f.turn:
		f.mu.Unlock()
		if whole {
			go f.skip()
		}
	default:
		f.left = true
		f.mu.Unlock()
	}
}

// pass lets the run behind r read, or gives the connection back after the last.
// followed says that r was sent behind others itself.
func (c *sharedConn) pass(r *run, followed bool) {
	c.mu.Lock()
	c.measure(r, followed)
	if r.broken || c.broken {
		c.broken, c.closed = true, true
		for _, other := range c.behind {
			if !other.left {
				other.turn <- false
			}
		}
		c.behind = nil
	}
	c.since = time.Now()
	c.fill()
	var next *follower
	if len(c.behind) > 0 {
		next, c.behind = c.behind[0], c.behind[1:]
	}
	c.closed = c.closed || next == nil
	left, broken := next != nil && next.left, c.broken
	if next != nil && !left {
		next.turn <- true
	}
	c.mu.Unlock()
	switch {
	case left:
		go next.skip()
	case next == nil:
		c.end(broken)
	}
}

// measure notes how long the head took; the way to the server and back is part of
// that only when it was sent alone.
func (c *sharedConn) measure(r *run, followed bool) {
	if !followed {
		r.measure()
	} else if took := time.Since(c.since); took > r.main.took {
		r.main.took = took
	}
}

// skip throws the answer away that nobody waits for any more.
func (f *follower) skip() {
	const longest = 10 * time.Second
	socket := f.conn.Conn()
	if socket.SetReadDeadline(time.Now().Add(longest)) != nil {
		f.broken = true
	}
	status, _ := f.drain()
	f.untidy = f.untidy || f.failed // it may have come to the release of advisory locks, or not
	if status != 'I' || socket.SetReadDeadline(time.Time{}) != nil {
		f.broken = true
	}
	f.on.pass(f.run, true)
	f.recycle()
}

// sweepInTime is sweep where no request's end bounds it.
func (c *sharedConn) sweepInTime() error {
	socket := c.conn.Conn()
	if err := socket.SetDeadline(time.Now().Add(cancelGrace)); err != nil {
		return fmt.Errorf("bound the wait: %w", err)
	}
	if err := c.sweep(); err != nil {
		return err
	}
	return socket.SetDeadline(time.Time{})
}

// end gives the connection back: no other can join it any more.
func (c *sharedConn) end(broken bool) {
	c.all.remove(c)
	if !broken && (len(c.doomed) > 0 || c.untidy) {
		broken = c.sweepInTime() != nil
	}
	if broken {
		c.abandon()
	}
	c.release()
}

// sharedConns are those of an executor that may be joined.
type sharedConns struct {
	mu    sync.Mutex
	all   []*sharedConn
	next  int          // the index to begin looking at
	count atomic.Int64 // runs that were sent behind others
}

func (o *sharedConns) add(c *sharedConn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = append(o.all, c)
}

func (o *sharedConns) remove(c *sharedConn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if i := slices.Index(o.all, c); i >= 0 {
		o.all = slices.Delete(o.all, i, i+1)
	}
}

// join sends s behind the others on any shared connection; nil where there is none.
func (o *sharedConns) join(s *query.Script) *follower {
	c := o.pick()
	if c == nil {
		return nil
	}
	defer c.mu.Unlock()
	if !c.fits(s) {
		return nil
	}
	return c.add(s)
}

// pick returns a connection that may be joined, locked; nil where there is none.
func (o *sharedConns) pick() *sharedConn {
	o.mu.Lock()
	defer o.mu.Unlock()
	for range o.all {
		o.next = (o.next + 1) % len(o.all)
		c := o.all[o.next]
		if !c.mu.TryLock() { // somebody sends; there are others
			continue
		}
		if c.open() {
			return c
		}
		c.mu.Unlock()
	}
	return nil
}
