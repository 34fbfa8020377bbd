package exec

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/postgrest/query"
)

// formation is flights on one connection, each sent before the one ahead has
// its answer: to a database that is far away more is under way than there are
// connections. Each is a transaction of its own, and answers come in the order
// of requests, so whoever is at the head reads, and then lets the next.
//
// Only short reads fly so, only when no connection is free, as who is behind a
// long one would wait for it, and never through a pooler. What fails with the connection is run again by
// itself, as any read.
type formation struct {
	owner *Executor
	lease *pgxpool.Conn
	*session

	mu     sync.Mutex // also held while anything is sent
	behind []*flight  // sent, and not yet at the head; in order
	joined int        // flights in all
	closed bool       // to further flights
	broken bool       // the connection is of no more use
	since  time.Time  // the head was sent, or came to the head
}

const (
	// shortRead is the longest that a read may have taken, beyond the way to
	// the server and back, for others to fly with it.
	shortRead = 20 * time.Millisecond
	// maxBehind bounds a formation at a time, and so does the way to the server:
	// one for each apart of it. More behind each other would only wait.
	maxBehind, apart = 7, 100 * time.Microsecond
	// maxJoined bounds a formation in all: those in line for a connection of
	// their own are to get one.
	maxJoined = 32
	// maxSmall is the size of messages, in bytes, that surely go into the
	// socket without waiting for the server to read.
	maxSmall = 16 << 10
	// patience is how long a flight waits to come to the head; then it is
	// flown again alone, and its answer is thrown away when it comes.
	patience = 250 * time.Millisecond
)

// errAlone asks for a connection of one's own.
var errAlone = errors.New("no formation to fly in")

// formations are those of an executor that may be joined.
type formations struct {
	mu   sync.Mutex
	all  []*formation
	next int // where to begin looking
}

// flyTogether reports whether a script may share a connection: a read of one
// relation, which is the same however often it is run.
func flyTogether(s *query.Script) bool {
	return s.Assembled() && s.Tx == query.Tx{ReadOnly: true} && s.PreRequest.IsZero() && !s.Streams
}

// lead lets others join a flight that was sent, where they may.
func (e *Executor) lead(conn *pgxpool.Conn, f *flight, s *query.Script) {
	if !e.line.full() || !flyTogether(s) || !f.wellKnown() || !f.main.short(f.session) {
		return
	}
	f.formation = &formation{owner: e, lease: conn, session: f.session, joined: 1, since: f.sent}
	e.formations.mu.Lock()
	e.formations.all = append(e.formations.all, f.formation)
	e.formations.mu.Unlock()
	f.formation.mu.Lock()
	defer f.formation.mu.Unlock()
	f.formation.fill()
}

// wellKnown reports whether the server, and no pooler, knew all statements of a
// flight: then nothing in the books changes while it is in the air.
func (f *flight) wellKnown() bool {
	if f.known == nil || !f.direct || f.afresh {
		return false
	}
	return !slices.ContainsFunc(f.steps, func(s step) bool { return s.kind == stepPrepare || s.kind == stepClose })
}

// follow returns the answer to a flight that was sent behind others. errAlone:
// there will be none.
func (e *Executor) follow(ctx context.Context, f *flight) ([]query.Result, error) {
	if err := f.formation.await(ctx, f); err != nil {
		return nil, err
	}
	defer e.end(f.formation.lease, f)
	f.unwatch = f.watch(ctx)
	return f.finish()
}

// place sends s behind others, or returns a connection for it, whichever comes
// first. Nobody overtakes who waits already.
func (e *Executor) place(ctx context.Context, s *query.Script) (*flight, *pgxpool.Conn, error) {
	for {
		if e.line.full() && e.line.empty() {
			if f := e.join(s); f != nil {
				return f, nil, nil
			}
		}
		var p place
		if w := e.line.enter(s); w != nil {
			var err error
			if p, err = e.line.stand(ctx, w, e.options.AcquireTimeout); err != nil {
				return nil, nil, err
			}
		}
		switch {
		case p.flight != nil:
			return p.flight, nil, nil
		case !p.failed:
			conn, err := e.lease(ctx)
			return nil, conn, err
		}
	}
}

// join sends s behind the others of any formation; nil where there is none.
func (e *Executor) join(s *query.Script) *flight {
	m := e.formations.pick()
	if m == nil {
		return nil
	}
	defer m.mu.Unlock()
	if !m.fits(s) {
		return nil
	}
	return m.take(s)
}

// fill sends those in line for whom there is a place. It is for holders of mu.
func (m *formation) fill() {
	for m.open() {
		w := m.owner.line.next(m.fits)
		if w == nil {
			return
		}
		f := m.take(w.together)
		w.ready <- place{flight: f, failed: f == nil}
	}
}

// pick returns a formation that may be joined, locked; nil where there is none.
func (o *formations) pick() *formation {
	o.mu.Lock()
	defer o.mu.Unlock()
	for range o.all {
		o.next = (o.next + 1) % len(o.all)
		m := o.all[o.next]
		if !m.mu.TryLock() { // somebody sends; there are others
			continue
		}
		if m.open() {
			return m
		}
		m.mu.Unlock()
	}
	return nil
}

// open reports whether another may fly behind. It is for holders of mu.
func (m *formation) open() bool {
	return !m.closed && len(m.behind) < min(1+int(m.fastest/apart), maxBehind) &&
		m.joined < maxJoined && time.Since(m.since) < m.fastest+shortRead
}

// fits reports whether the server knows all that s asks for, and takes little
// time for it. It is for holders of mu.
func (m *formation) fits(s *query.Script) bool {
	size := s.Settings.Size()
	for i := range s.Main {
		p, ok := m.known.find(statementKey{role: s.Role, sql: s.Main[i].SQL})
		if !ok || s.Main[i].Assemble && !p.short(m.session) {
			return false
		}
		size += s.Main[i].Size()
	}
	if _, ok := m.known.find(statementKey{sql: resetSettings}); !ok || size > maxSmall {
		return false
	}
	_, ok := m.known.find(statementKey{role: s.Role, sql: s.Settings.SQL})
	return ok
}

// take sends s, which fits, behind the others; nil when the connection broke.
// It is for holders of mu.
func (m *formation) take(s *query.Script) *flight {
	f := newFlight(m.session, s.Role)
	f.formation, f.behind, f.patience = m, true, patience+2*m.fastest
	if f.encode(s, nil) != nil || f.write() != nil {
		m.closed, m.broken = true, true
		f.recycle()
		return nil
	}
	m.joined++
	m.behind = append(m.behind, f)
	m.owner.shared.Add(1)
	return f
}

// short reports whether the statement is known to take little time.
func (p *preparedStatement) short(s *session) bool {
	return p.shape != nil && p.took > 0 && p.took < s.fastest+shortRead
}

// await returns when f is at the head.
func (m *formation) await(ctx context.Context, f *flight) error {
	limit := time.NewTimer(f.patience)
	defer limit.Stop()
	var err error
	select {
	case whole := <-f.turn:
		if whole {
			return nil
		}
		return errAlone
	case <-ctx.Done():
		err = ctx.Err()
	case <-limit.C:
		err = errAlone
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	select {
	case whole := <-f.turn: // just now
		if whole {
			return nil
		}
		return errAlone
	default:
	}
	f.left, m.closed = true, true
	return err
}

// drop is for a flight that was sent and that nobody waits for.
func (m *formation) drop(f *flight) {
	m.mu.Lock()
	select {
	case whole := <-f.turn:
		m.mu.Unlock()
		if whole {
			go m.skip(f)
		}
	default:
		f.left = true
		m.mu.Unlock()
	}
}

// pass lets the next flight read, or gives the connection back after the last.
func (m *formation) pass(f *flight) {
	m.mu.Lock()
	m.learn(f)
	if f.broken || m.broken {
		m.broken, m.closed = true, true
		for _, other := range m.behind {
			if !other.left {
				other.turn <- false
			}
		}
		m.behind = nil
	}
	m.since = time.Now()
	m.fill()
	var next *flight
	if len(m.behind) > 0 {
		next, m.behind = m.behind[0], m.behind[1:]
	}
	m.closed = m.closed || next == nil
	left, broken := next != nil && next.left, m.broken
	if next != nil && !left {
		next.turn <- true
	}
	m.mu.Unlock()
	switch {
	case left:
		go m.skip(next)
	case next == nil:
		m.disband(broken)
	}
}

// learn notes how long the head took, of which the way to the server and back
// is part only where it was sent alone.
func (m *formation) learn(f *flight) {
	if !f.behind {
		f.learn()
	} else if took := time.Since(m.since); took > f.main.took {
		f.main.took = took
	}
}

// learn notes how long a flight of an assembled statement took.
func (f *flight) learn() {
	if f.sent.IsZero() || f.broken {
		return
	}
	took := time.Since(f.sent)
	if f.fastest == 0 || took < f.fastest {
		f.fastest = took
	}
	if f.main.took == 0 {
		f.main.took = took
	}
	f.main.took = (3*f.main.took + took) / 4
}

// skip throws the answer away that nobody waits for any more.
func (m *formation) skip(f *flight) {
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
	m.pass(f)
	f.recycle()
}

// sweepInTime is sweep where no request's end bounds it.
func (m *formation) sweepInTime() error {
	socket := m.conn.Conn()
	if err := socket.SetDeadline(time.Now().Add(cancelGrace)); err != nil {
		return fmt.Errorf("bound the wait: %w", err)
	}
	if err := m.sweep(); err != nil {
		return err
	}
	return socket.SetDeadline(time.Time{})
}

// disband gives the connection back.
func (m *formation) disband(broken bool) {
	open := &m.owner.formations
	open.mu.Lock()
	if i := slices.Index(open.all, m); i >= 0 {
		open.all = slices.Delete(open.all, i, i+1)
	}
	open.mu.Unlock()
	if !broken && (len(m.doomed) > 0 || m.untidy) {
		broken = m.sweepInTime() != nil
	}
	if broken {
		m.abandon()
	}
	m.owner.release(m.lease)
}
