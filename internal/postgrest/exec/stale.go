package exec

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// staleError says that a named statement is not, or not any more, what it is
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

// doubt strikes from the books what the server no longer knows or what is of no
// more use, after a step failed with err. It returns err, or what else it means.
func (f *flight) doubt(s step, err error) error {
	server, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || f.broken {
		return err
	}
	if f.formation != nil { // others look these things up
		f.formation.mu.Lock()
		defer f.formation.mu.Unlock()
	}
	f.untidy = f.untidy || f.ran && f.direct
	for _, skipped := range f.steps[f.taken:] {
		if skipped.kind == stepClose {
			skipped.statement.closing = false
		}
	}
	if f.known == nil || s.statement == nil || s.statement.name == "" {
		return err
	}
	switch {
	case s.kind == stepPrepare && server.Code == "42P05": // it is there already: another connection shares the session
		f.known.add(s.statement)
		return &staleError{err}
	case s.kind == stepPrepare || s.kind == stepClose:
		return err
	case f.bound:
		if s.made || refusal(server.Code) {
			f.discard(s.statement)
		}
		return err
	case server.Code == "26000": // someone (DISCARD ALL, a pooler) took it away
		if f.direct {
			f.known.clear()
		} else {
			f.known.remove(s.statement.key)
		}
		return &staleError{err}
	default:
		return f.unbound(s, server, err)
	}
}

// unbound is doubt about a statement whose Bind was refused.
func (f *flight) unbound(s step, server *pgconn.PgError, err error) error {
	switch {
	case server.Code == "0A000" && server.Routine == "RevalidateCachedQuery", // the result has other columns than when it was made
		server.Code == protocolViolation, // another's by that name takes other parameters
		!s.made && outdated(server.Code):
		f.discard(s.statement)
		return &staleError{err}
	case s.made || refusal(server.Code):
		f.discard(s.statement)
	}
	return err
}

// outdated reports whether an error may be that of the types which a statement's
// parameters had when it was made: 22 is bad data, 42 is no such operator.
func outdated(sqlstate string) bool {
	return len(sqlstate) == 5 && (sqlstate[:2] == "22" || sqlstate[:2] == "42") && sqlstate != "42501"
}

// refusal reports whether a statement that ran before is of no use now: a right
// or a name is gone, or it asks for too much.
func refusal(sqlstate string) bool {
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
func (f *flight) discard(p *preparedStatement) {
	f.known.remove(p.key)
	f.doomed = append(f.doomed, p.name)
	if f.formation != nil {
		f.formation.closed = true
	}
}
