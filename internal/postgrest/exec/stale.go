package exec

import (
	"errors"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"
)

// staleError says that a named statement is not, or no longer, the one that it is
// taken for. It is refused before anything ran: the request is repeated without
// names.
type staleError struct{ cause error }

func (e *staleError) Error() string { return "prepared statement: " + e.cause.Error() }
func (e *staleError) Unwrap() error { return e.cause }

// stale reports whether err is of a named statement. The next connection's may
// be no better.
func stale(err error) bool {
	_, ok := errors.AsType[*staleError](err)
	return ok
}

// doubt drops the statements that the server no longer knows, or that are of no
// more use, after a step failed with err. It returns err, or a *staleError.
func (r *run) doubt(s step, err error) error {
	server, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || r.broken {
		return err
	}
	if r.shared { // others look the statements up
		r.mu.Lock()
		defer r.mu.Unlock()
	}
	r.untidy = r.untidy || r.ran && r.direct
	for _, skipped := range r.steps[r.taken:] {
		if skipped.kind == stepClose {
			skipped.statement.closing = false
		}
	}
	if r.known == nil || s.statement == nil || s.statement.name == "" {
		return err
	}
	switch {
	case s.kind == stepPrepare && server.Code == pgerrcode.DuplicatePreparedStatement: // it is there already: another connection shares the session
		r.known.add(s.statement)
		return &staleError{err}
	case s.kind == stepPrepare || s.kind == stepClose:
		return err
	case r.bound:
		if s.made || ofNoUse(server.Code) {
			r.discard(s.statement)
		}
		return err
	case server.Code == pgerrcode.InvalidSQLStatementName: // someone (DISCARD ALL, a pooler) took it away
		if r.direct {
			r.known.clear()
		} else {
			r.known.remove(s.statement.key)
		}
		return &staleError{err}
	default:
		return r.unbound(s, server, err)
	}
}

// unbound is doubt about a statement whose Bind was refused.
func (r *run) unbound(s step, server *pgconn.PgError, err error) error {
	switch {
	case server.Code == pgerrcode.FeatureNotSupported && server.Routine == "RevalidateCachedQuery", // the result has other columns than when it was made
		server.Code == pgerrcode.ProtocolViolation, // another's by that name takes other parameters
		!s.made && outdated(server.Code):
		r.discard(s.statement)
		return &staleError{err}
	case s.made || ofNoUse(server.Code):
		r.discard(s.statement)
	}
	return err
}

// outdated reports whether an error may be that of the types which a statement's
// parameters had when it was made: 22 is bad data, 42 is no such operator.
func outdated(sqlstate string) bool {
	return len(sqlstate) == 5 && (sqlstate[:2] == "22" || sqlstate[:2] == "42") && sqlstate != pgerrcode.InsufficientPrivilege
}

// ofNoUse reports whether a statement that ran before is of no use now: a right
// or a name is gone, or it asks for too much.
func ofNoUse(sqlstate string) bool {
	if len(sqlstate) != 5 {
		return false
	}
	switch sqlstate[:2] {
	case "42", "0A", "54":
		return true
	default:
		return false
	}
}

// discard has the server forget a statement once nothing is under way.
func (r *run) discard(p *preparedStatement) {
	r.known.remove(p.key)
	r.doomed = append(r.doomed, p.name)
	r.closed = true
}
