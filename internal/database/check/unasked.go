package check

import (
	"errors"
	"fmt"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"
)

// UnaskedError says why a rule could not be asked.
type UnaskedError struct {
	Reason string // "the login has no right to it: 42501: permission denied for table users"
	// Absent reports whether the object of the rule does not exist here: there is
	// nothing to look at, and nothing that somebody could grant.
	Absent bool
	cause  error
}

func (e *UnaskedError) Error() string { return e.Reason }
func (e *UnaskedError) Unwrap() error { return e.cause }

// unasked explains a failure of a statement.
func unasked(err error) *UnaskedError {
	var refusal *pgconn.PgError
	if !errors.As(err, &refusal) {
		return &UnaskedError{Reason: "the connection gave no answer: " + err.Error(), cause: err}
	}
	said := fmt.Sprintf("%s: %s", refusal.Code, refusal.Message)
	switch refusal.Code {
	case pgerrcode.InsufficientPrivilege: // row_security = off gives it, too
		return &UnaskedError{Reason: "the login has no right to it: " + said, cause: err}
	case pgerrcode.UndefinedTable, pgerrcode.UndefinedColumn, pgerrcode.InvalidSchemaName, pgerrcode.UndefinedFunction:
		return &UnaskedError{Reason: "it does not exist here: " + said, Absent: true, cause: err}
	case pgerrcode.QueryCanceled: // by statement_timeout
		return &UnaskedError{Reason: "no answer in time: " + said, cause: err}
	case pgerrcode.LockNotAvailable: // by lock_timeout
		return &UnaskedError{Reason: "a lock was not free in time: " + said, cause: err}
	}
	return &UnaskedError{Reason: said, cause: err}
}
