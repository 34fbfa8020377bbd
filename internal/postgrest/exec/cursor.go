package exec

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/postgrest/query"
)

// Cursor hands out the rows of a script's streamed statement as they arrive
// from PostgreSQL. It holds a connection until it is closed, and is used by
// one goroutine at a time.
type Cursor struct {
	script *query.Script
	ctx    context.Context //nolint:containedctx // it spans calls by nature: the rows' life
	conn   *pgxpool.Conn
	flight *flight
	reader *pgconn.ResultReader
	err    error
	ended  bool // all rows were read
}

// Open runs s, whose statement at s.Streamed hands out its rows one by one.
// The statements before it are done when Open returns; their results are among
// those of Close. Errors are as those of Run.
func (e *Executor) Open(ctx context.Context, s *query.Script) (*Cursor, error) {
	c, err := e.open(ctx, s)
	if err != nil && ctx.Err() == nil && repeatable(err, s) {
		c, err = e.open(ctx, s)
	}
	if err != nil {
		return nil, wireError(ctx, err, s)
	}
	return c, nil
}

func (e *Executor) open(ctx context.Context, s *query.Script) (*Cursor, error) {
	conn, err := e.acquire(ctx)
	if err != nil {
		return nil, err
	}
	raw := conn.Conn().PgConn()
	f := &flight{conn: raw, pipeline: raw.StartPipeline(ctx), known: e.statementsOf(raw), role: s.Role}
	c := &Cursor{script: s, ctx: ctx, conn: conn, flight: f}
	if c.reader, err = f.launch(s); err != nil {
		err = errors.Join(err, f.land(ctx))
		conn.Release()
		return nil, err
	}
	return c, nil
}

// launch sends all of s and reads up to the streamed statement.
func (f *flight) launch(s *query.Script) (*pgconn.ResultReader, error) {
	if err := f.sendAll(s, nil); err != nil {
		return nil, err
	}
	if err := f.read(); err != nil {
		return nil, err
	}
	if f.streamed == nil {
		return nil, errors.New("BUG: the script streams no statement")
	}
	return f.streamed, nil
}

// Columns are the names of the result's columns.
func (c *Cursor) Columns() []string {
	fields := c.reader.FieldDescriptions()
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names
}

// Results are those of the statements ahead of the streamed one.
func (c *Cursor) Results() []Result { return c.flight.results }

// Next reads the next row; its values are valid until the next call, nil for
// NULL. After the last row, or an error, ok is false: see Close.
func (c *Cursor) Next() (row [][]byte, ok bool) {
	if c.ended || c.err != nil {
		return nil, false
	}
	if c.reader.NextRow() {
		return c.reader.Values(), true
	}
	c.ended = true
	_, c.err = c.reader.Close()
	return nil, false
}

// Close ends the transaction and gives the connection back. After all rows
// were read it returns the results of the other statements; before, it breaks
// the connection off, which is the quickest way to stop the server.
func (c *Cursor) Close() ([]Result, error) {
	if c.conn == nil {
		return nil, c.err
	}
	conn := c.conn
	c.conn = nil
	if !c.ended {
		c.ended = true
		hijacked := conn.Hijack()
		return nil, hijacked.PgConn().Close(context.WithoutCancel(c.ctx))
	}
	defer conn.Release()
	if c.err == nil {
		c.err = c.flight.read()
	}
	if err := c.flight.land(c.ctx); c.err == nil {
		c.err = err
	}
	if c.err != nil {
		c.err = wireError(c.ctx, c.err, c.script)
		return nil, c.err
	}
	return c.flight.results, nil
}
