package exec

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/postgrest/answer"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

// Options tune an Executor; the zero value is ready.
type Options struct {
	// Unprepared sends unnamed statements. It costs a parse and a plan a
	// request; connections that end at a pooler do so by themselves.
	Unprepared bool
	// Prepared names statements behind a pooler too, for one that knows them or
	// gives each client a session of its own. Behind another answers are right
	// all the same; requests are repeated where a session does not have a statement.
	Prepared bool
	// Pooled says that connections end at a pooler, which is else seen by the
	// process ids that it gives out.
	Pooled bool
	// OnPooler is called once when a pooler was seen. It must not block.
	OnPooler func()
	// StatementLimit caps the prepared statements of one connection; each
	// holds some 50 KB in its backend. Default 250.
	StatementLimit int
	// AcquireTimeout bounds the wait for a free connection. Default 10 s.
	AcquireTimeout time.Duration
	// Answers is the budget of the bytes that are read; nil = no limits. It asks for a
	// pool that was made with Guard.
	Answers *answer.Memory
}

// Executor runs scripts on the connections of a pool.
type Executor struct {
	pool        *pgxpool.Pool
	options     Options
	queue       queue[follower] // of those who want a connection
	streams     queue[follower] // of those who want to hold one for as long as their client reads
	bounded     bool            // the pool's attempts to connect end in time by themselves
	unassembled unassembled
	shared      sharedConns

	seen    sightings
	pooled  atomic.Bool // a connection ends at a pooler
	restore string      // see restored

	prepares atomic.Int32 // see functionsPrepare
	looked   atomic.Int64 // when that was last asked, in Unix nanoseconds; 0 = never
}

// New returns an executor over pool, which stays its owner's to close.
func New(pool *pgxpool.Pool, o Options) (*Executor, error) {
	if pool == nil {
		return nil, errors.New("exec: a pool is required")
	}
	o.StatementLimit = cmp.Or(o.StatementLimit, 250)
	o.AcquireTimeout = cmp.Or(o.AcquireTimeout, 10*time.Second)
	config := pool.Config()
	connecting := config.ConnConfig.ConnectTimeout
	e := &Executor{
		pool: pool, options: o, queue: queue[follower]{free: int(config.MaxConns), size: int(config.MaxConns)},
		streams:     queue[follower]{free: max(1, int(config.MaxConns)/2)},
		bounded:     connecting > 0 && connecting <= o.AcquireTimeout,
		unassembled: unassembled{seed: maphash.MakeSeed()}, seen: sightings{seed: maphash.MakeSeed()},
		restore: restored(config.ConnConfig.RuntimeParams),
	}
	e.pooled.Store(o.Pooled)
	return e, nil
}

// Run runs s in one transaction and returns one Result per main statement.
//
// With check it takes two round trips instead of one: the results are checked
// before they are committed. Errors are *apierr.Error; that of check is returned
// as it is. ErrNotAssembled asks for the script without plain rows.
func (e *Executor) Run(ctx context.Context, s *query.Script, check query.Check) ([]query.Result, error) {
	if s.Assembled() && e.unassembled.has(s.Main[0].SQL) {
		return nil, ErrNotAssembled
	}
	results, err := e.first(ctx, s, check)
	if err != nil && ctx.Err() == nil && repeatable(err, s) {
		results, err = e.attempt(ctx, s, check, true)
	}
	switch {
	case err == nil:
		return results, nil
	case errors.Is(err, ErrNotAssembled):
		e.unassembled.add(s.Main[0].SQL)
		return nil, err
	default:
		return nil, wireError(ctx, err, s)
	}
}

// first runs s on a connection of its own or, where it would have to wait for
// one, behind others: whichever it gets sooner.
func (e *Executor) first(ctx context.Context, s *query.Script, check query.Check) ([]query.Result, error) {
	if check != nil || !sharable(s) {
		return e.attempt(ctx, s, check, false)
	}
	f, conn, err := e.joinOrAcquire(ctx, s)
	switch {
	case err != nil:
		return nil, err
	case f == nil:
		return e.runOn(ctx, conn, s, nil, false)
	}
	results, err := f.receive(ctx)
	if errors.Is(err, errAlone) {
		return e.attempt(ctx, s, nil, false)
	}
	return results, err
}

// attempt runs s once, on a connection of its own; afresh, it trusts no
// statement that was prepared before.
func (e *Executor) attempt(ctx context.Context, s *query.Script, check query.Check, afresh bool) ([]query.Result, error) {
	conn, err := e.acquire(ctx)
	if err != nil {
		return nil, err
	}
	return e.runOn(ctx, conn, s, check, afresh)
}

// runOn runs s on a connection, and gives that back.
func (e *Executor) runOn(ctx context.Context, conn *pgxpool.Conn, s *query.Script, check query.Check, afresh bool) ([]query.Result, error) {
	session := e.sessionOf(ctx, conn.Conn().PgConn())
	if !light(s) {
		e.lookForPrepare(ctx, session)
	}
	r := newWatchedRun(ctx, session, s.Role)
	var shared *sharedConn
	defer func() { e.pass(conn, shared, r) }()
	r.afresh = afresh
	if s.Returns && check == nil && !r.text.Promise(sureAnswer) {
		check = agree
	}
	if err := r.send(s, check); err != nil {
		_ = r.end() // err came first
		return r.results, err
	}
	shared = e.share(conn, r, s)
	return r.finish()
}

// pass gives the connection of a run to the next in the queue.
func (e *Executor) pass(conn *pgxpool.Conn, shared *sharedConn, r *run) {
	r.giveUp()
	if shared != nil {
		shared.pass(r, false)
	} else {
		r.measure()
		e.release(conn)
	}
	r.recycle()
}

// sureAnswer is the size up to which the answer to a change is taken in any
// case, in bytes. The error must undo the change, but the server commits once it
// has sent the answer, and so much of it may be on its way before we see it. A
// larger one it cannot have sent: closing the connection undoes the change.
const sureAnswer = 16 << 20

// agree is the check of a change for whose answer there may be no memory: that is
// found out before the commit.
func agree([]query.Result) error { return nil }

// share lets others be sent behind a run that was sent, where they may; else it
// returns nil.
func (e *Executor) share(conn *pgxpool.Conn, r *run, s *query.Script) *sharedConn {
	if !e.queue.full() || !sharable(s) || !r.wellKnown() || !r.main.short(r.session, s.Assembled()) {
		return nil
	}
	c := &sharedConn{session: r.session, queue: &e.queue, all: &e.shared, release: func() { e.release(conn) }, joined: 1, since: r.sent}
	r.shared, c.closed = true, false
	e.shared.add(c)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fill()
	return c
}

// joinOrAcquire sends s behind others, or returns a connection for it, whichever
// comes first. Nobody overtakes requests that wait already.
func (e *Executor) joinOrAcquire(ctx context.Context, s *query.Script) (*follower, *pgxpool.Conn, error) {
	for {
		if e.queue.full() && e.queue.empty() {
			if f := e.shared.join(s); f != nil {
				return f, nil, nil
			}
		}
		var g grant[follower]
		if t := e.queue.enter(s); t != nil {
			var err error
			if g, err = e.wait(ctx, &e.queue, t); err != nil {
				return nil, nil, err
			}
		}
		switch {
		case g.place != nil:
			return g.place, nil, nil
		case !g.failed:
			conn, err := e.lease(ctx)
			return nil, conn, err
		}
	}
}

// acquire waits for a connection.
func (e *Executor) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	if t := e.queue.enter(nil); t != nil {
		if _, err := e.wait(ctx, &e.queue, t); err != nil {
			return nil, err
		}
	}
	return e.lease(ctx)
}

// wait waits for a ticket to be called. A grant that came too late is given back.
func (e *Executor) wait(ctx context.Context, q *queue[follower], t *ticket[follower]) (grant[follower], error) {
	g, late, err := q.wait(ctx, t, e.options.AcquireTimeout)
	switch {
	case !late || g.failed:
	case g.place != nil:
		g.place.drop()
	default:
		q.leave()
	}
	return g, err
}

// lease has a connection from the pool, for one who has a right to it.
func (e *Executor) lease(ctx context.Context) (*pgxpool.Conn, error) {
	conn, err := e.take(ctx)
	if err != nil {
		e.queue.leave()
	}
	return conn, err
}

// take has the pool's connection that there must be, or has it made.
func (e *Executor) take(ctx context.Context) (*pgxpool.Conn, error) {
	waiting, cancel := ctx, context.CancelFunc(func() {})
	if !e.bounded {
		waiting, cancel = context.WithTimeout(ctx, e.options.AcquireTimeout)
	}
	defer cancel()
	conn, err := e.pool.Acquire(waiting)
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() == nil && waiting.Err() != nil:
		return nil, e.queue.timeout()
	default:
		return nil, &connectError{err}
	}
}

func (e *Executor) release(conn *pgxpool.Conn) {
	conn.Release()
	e.queue.leave()
}

// repeatable reports whether s may run once more after err: nothing of it can
// have happened, or it only read and its connection turned out to be dead.
func repeatable(err error, s *query.Script) bool {
	var server *pgconn.PgError
	switch {
	case errors.Is(err, errPoolTimeout), errors.Is(err, ErrNotAssembled), isLimit(err):
		return false
	case stale(err), errors.Is(err, errClosed):
		return true
	case errors.As(err, &server) && busyPooler(server):
		return false
	case pgconn.SafeToRetry(err):
		return true
	case errors.As(err, &server):
		return s.Tx.ReadOnly && (connectionClass(server.Code) || lostServer(server))
	default:
		return s.Tx.ReadOnly && !isClientError(err)
	}
}

// connectionClass reports whether the server went away (08) or is shutting down
// (57P01-03).
func connectionClass(sqlstate string) bool {
	return len(sqlstate) == 5 && (sqlstate[:2] == "08" || sqlstate[:4] == "57P0")
}
