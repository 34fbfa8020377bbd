package exec

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/postgrest/query"
)

// Judge sees a script's results before they are committed. An error undoes
// everything and becomes the error of the run.
type Judge func(results []Result) error

// Options tune an Executor; the zero value is ready.
type Options struct {
	// Unprepared sends unnamed statements, for poolers in transaction mode
	// that do not know prepared ones. It costs a parse and a plan a request.
	Unprepared bool
	// StatementLimit caps the prepared statements of one connection; each
	// holds some 50 KB in its backend. Default 250.
	StatementLimit int
	// AcquireTimeout bounds the wait for a free connection. Default 10 s.
	AcquireTimeout time.Duration
}

// Executor runs scripts on the connections of a pool.
type Executor struct {
	pool     *pgxpool.Pool
	options  Options
	gate     chan struct{} // holds one for each connection in use
	line     line          // of those who wait for that
	bounded  bool          // the pool's attempts to connect end in time by themselves
	refusals refusals
}

// New returns an executor over pool, which stays its owner's to close.
func New(pool *pgxpool.Pool, o Options) (*Executor, error) {
	if pool == nil {
		return nil, errors.New("exec: a pool is required")
	}
	o.StatementLimit = cmp.Or(o.StatementLimit, 250)
	o.AcquireTimeout = cmp.Or(o.AcquireTimeout, 10*time.Second)
	connecting := pool.Config().ConnConfig.ConnectTimeout
	return &Executor{
		pool: pool, options: o, gate: make(chan struct{}, pool.Config().MaxConns),
		bounded: connecting > 0 && connecting <= o.AcquireTimeout, refusals: refusals{seed: maphash.MakeSeed()},
	}, nil
}

// Run runs s in one transaction and returns one Result per main statement.
//
// With judge it takes two round trips instead of one: the results are judged
// before they are committed. Errors are *apierr.Error; a verdict of judge is
// returned as it is. ErrNotAssembled asks for the script without plain rows.
func (e *Executor) Run(ctx context.Context, s *query.Script, judge Judge) ([]Result, error) {
	if s.Assembled() && e.refusals.has(s.Main[0].SQL) {
		return nil, ErrNotAssembled
	}
	results, err := e.attempt(ctx, s, judge, false)
	if err != nil && ctx.Err() == nil && repeatable(err, s) {
		results, err = e.attempt(ctx, s, judge, stale(err))
	}
	switch {
	case err == nil:
		return results, nil
	case errors.Is(err, ErrNotAssembled):
		e.refusals.add(s.Main[0].SQL)
		return nil, err
	default:
		return nil, wireError(ctx, err, s)
	}
}

// attempt runs s once; afresh, it trusts no statement that was prepared before.
func (e *Executor) attempt(ctx context.Context, s *query.Script, judge Judge, afresh bool) ([]Result, error) {
	conn, err := e.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer e.release(conn)
	f := takeOff(ctx, e.sessionOf(conn), s.Role)
	f.afresh = afresh
	return f.fly(s, judge)
}

func (e *Executor) sessionOf(conn *pgxpool.Conn) *session {
	limit := e.options.StatementLimit
	if e.options.Unprepared {
		limit = 0
	}
	return sessionOf(conn.Conn().PgConn(), limit)
}

// acquire waits for a connection. The pool is asked only when it has one, or
// may make one: waiting in line here costs a tenth of waiting there.
func (e *Executor) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	select {
	case e.gate <- struct{}{}:
	default:
		if err := e.queue(ctx); err != nil {
			return nil, err
		}
	}
	conn, err := e.take(ctx)
	if err != nil {
		<-e.gate
	}
	return conn, err
}

// queue waits until another gives its connection back.
func (e *Executor) queue(ctx context.Context) error {
	defer e.line.enter()()
	timeout := time.NewTimer(e.options.AcquireTimeout)
	defer timeout.Stop()
	select {
	case e.gate <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &connectError{ctx.Err()}
	case <-timeout.C:
		return e.line.timeout()
	}
}

// take has the pool's connection that the gate promised, or has it made.
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
		return nil, e.line.timeout()
	default:
		return nil, &connectError{err}
	}
}

func (e *Executor) release(conn *pgxpool.Conn) {
	conn.Release()
	<-e.gate
}

var errPoolTimeout = errors.New("no free connection in time")

// connectError is a connection that could not be opened.
type connectError struct{ cause error }

func (e *connectError) Error() string { return "connect: " + e.cause.Error() }
func (e *connectError) Unwrap() error { return e.cause }

// repeatable reports whether s may run once more after err: nothing of it can
// have happened, or it only read and its connection turned out to be dead.
func repeatable(err error, s *query.Script) bool {
	var server *pgconn.PgError
	switch {
	case errors.Is(err, errPoolTimeout), errors.Is(err, ErrNotAssembled):
		return false
	case stale(err), pgconn.SafeToRetry(err):
		return true
	case errors.As(err, &server):
		return s.Tx.ReadOnly && connectionClass(server.Code)
	default:
		return s.Tx.ReadOnly && !isVerdict(err)
	}
}

// stale: a prepared statement is not what it was. The next connection's may be
// no better.
func stale(err error) bool { return lostStatement(err) || changedStatement(err) }

// lostStatement: someone (DISCARD ALL, a pooler) took the prepared statements
// away. It is refused at Bind, before anything ran.
func lostStatement(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && server.Code == "26000"
}

// changedStatement: the tables under a prepared statement have other columns
// than when it was made. It is refused at Bind, too.
func changedStatement(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && server.Code == "0A000" && server.Routine == "RevalidateCachedQuery"
}

// connectionClass: the server went away (08) or is shutting down (57P01-03).
func connectionClass(sqlstate string) bool {
	return len(sqlstate) == 5 && (sqlstate[:2] == "08" || sqlstate[:4] == "57P0")
}
