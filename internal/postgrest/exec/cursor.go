package exec

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/postgrest/query"
)

// Cursor hands out the rows of a script's streamed statement as they arrive
// from PostgreSQL. It holds a connection until it is closed, and is used by
// one goroutine at a time.
type Cursor struct {
	owner  *Executor
	script *query.Script
	ctx    context.Context //nolint:containedctx // it spans calls by nature: the rows' life
	conn   *pgxpool.Conn
	run    *run
	err    error
	ended  bool // all rows were read
	large  int  // bytes that the row in hand takes of the memory for answers
}

// Open runs s, whose statement at s.Streamed hands out its rows one by one.
// The statements before it are done when Open returns; their results are among
// those of Close. Errors are as those of Run.
func (e *Executor) Open(ctx context.Context, s *query.Script) (*Cursor, error) {
	c, err := e.open(ctx, s, false)
	if err != nil && ctx.Err() == nil && repeatable(err, s) {
		c, err = e.open(ctx, s, true)
	}
	if err != nil {
		return nil, wireError(ctx, err, s)
	}
	return c, nil
}

// errStreams says that streams hold as many connections as they may.
var errStreams = errors.New("too many streams")

// open tries once for Open, as attempt does for Run. Streams may hold half of the
// connections: their clients are as slow as they please.
func (e *Executor) open(ctx context.Context, s *query.Script, afresh bool) (*Cursor, error) {
	if t := e.streams.enter(nil); t != nil {
		_, err := e.wait(ctx, &e.streams, t)
		switch {
		case errors.Is(err, errPoolTimeout):
			return nil, errStreams
		case err != nil:
			return nil, err
		}
	}
	c, err := e.cursor(ctx, s, afresh)
	if err != nil {
		e.streams.leave()
	}
	return c, err
}

func (e *Executor) cursor(ctx context.Context, s *query.Script, afresh bool) (*Cursor, error) {
	conn, err := e.acquire(ctx)
	if err != nil {
		return nil, err
	}
	r := newWatchedRun(ctx, e.sessionOf(ctx, conn.Conn().PgConn()), s.Role)
	// Once rows were handed out nothing can be repeated.
	r.afresh = afresh || !r.direct
	if err := r.start(s); err != nil {
		_ = r.end() // err came first
		r.text.Drop()
		e.release(conn)
		return nil, err
	}
	return &Cursor{owner: e, script: s, ctx: ctx, conn: conn, run: r}, nil
}

// Columns are the names of the result's columns.
func (c *Cursor) Columns() []string { return c.run.columns }

// Results are those of the statements ahead of the streamed one.
func (c *Cursor) Results() []query.Result { return c.run.results }

// Next reads the next row; its values are valid until the next call, nil for
// NULL. After the last row, or an error, ok is false: see Close.
func (c *Cursor) Next() (row [][]byte, ok bool) {
	if c.ended || c.err != nil {
		return nil, false
	}
	c.run.text.Yield(int64(c.large))
	c.large = 0
	message, err := c.run.next()
	switch m := message.(type) {
	case *pgproto3.DataRow:
		return m.Values, true
	case *largeRow:
		return c.nextLarge(m)
	}
	c.ended, c.err = true, err
	return nil, false
}

// Large reports whether the row in hand is large, and takes memory of its own.
func (c *Cursor) Large() bool { return c.large > 0 }

func (c *Cursor) nextLarge(m *largeRow) (row [][]byte, ok bool) {
	err := c.run.text.Hold(int64(m.size), false)
	if err == nil {
		c.large = m.size
		var message pgproto3.BackendMessage
		if message, err = c.run.gate.whole(m); err == nil {
			return message.(*pgproto3.DataRow).Values, true
		}
	}
	c.err, c.run.broken = err, true
	return nil, false
}

// Close ends the transaction and gives the connection back. After all rows
// were read it returns the results of the other statements; before, it breaks
// the connection off, which is the quickest way to stop the server.
func (c *Cursor) Close() ([]query.Result, error) {
	if c.conn == nil {
		return nil, c.err
	}
	defer c.owner.streams.leave()
	defer c.owner.release(c.conn)
	defer c.run.text.Drop()
	c.conn, c.run.broken = nil, c.run.broken || !c.ended
	if c.ended && c.err == nil {
		c.err = c.run.read()
	}
	if err := c.run.end(); c.err == nil {
		c.err = err
	}
	if c.err != nil {
		c.err = wireError(c.ctx, c.err, c.script)
		return nil, c.err
	}
	return c.run.results, nil
}
