package exec

import (
	"context"
	"errors"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/postgrest/query"
)

// Failure says of a read that failed whether another server may answer it.
type Failure int

const (
	// Final is a failure that would be the same elsewhere: the request's time is up,
	// the answer is too large.
	Final Failure = iota
	// Refused is the word of this server, which may be behind another or may do less.
	Refused
	// Lost is no word at all: no connection, or one that broke.
	Lost
)

// Read is Run for a script that only reads, on a server for which another can
// stand in. Nothing is tried again here, but for a statement that was prepared
// in vain: a caller that has another server loses no time with this one.
// Results and errors are as those of Run; failure tells of which kind the error is.
func (e *Executor) Read(ctx context.Context, s *query.Script, check query.Check) (_ []query.Result, failure Failure, _ error) {
	if s.Assembled() && e.unassembled.has(s.Main[0].SQL) {
		return nil, Final, ErrNotAssembled
	}
	results, err := e.first(ctx, s, check)
	if stale(err) && ctx.Err() == nil {
		results, err = e.attempt(ctx, s, check, true)
	}
	switch {
	case err == nil:
		return results, Final, nil
	case errors.Is(err, ErrNotAssembled):
		e.unassembled.add(s.Main[0].SQL)
		return nil, Final, err
	default:
		return nil, failureOf(ctx, err), wireError(ctx, err, s)
	}
}

func failureOf(ctx context.Context, err error) Failure {
	var server *pgconn.PgError
	switch {
	case ctx.Err() != nil, isClientError(err), isLimit(err):
		return Final
	case errors.Is(err, errPoolTimeout):
		return Refused
	case isConnect(err), !errors.As(err, &server), lostServer(server):
		return Lost
	case server.Code == pgerrcode.QueryCanceled: // its time is up; a conflict with recovery is 40001 or 40P01
		return Final
	default:
		return Refused
	}
}
