package exec

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/romashka/sidecar/internal/postgrest/ident"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

// resetSettings undoes SET and set_config(..., false). Settings
// that the connection was opened with stay, and so do isolation and access mode of the
// transaction; a role left behind is overwritten by that of the request.
const resetSettings = "RESET ALL"

// tidySession undoes the rest. It is a transaction of its own.
const tidySession = "SET SESSION AUTHORIZATION DEFAULT; RESET ALL; CLOSE ALL; UNLISTEN *; DISCARD TEMP; DISCARD SEQUENCES; " +
	"SELECT pg_catalog.pg_advisory_unlock_all()"

// tidyPrepared names statements that SQL itself prepared, to be closed. It costs 2 µs for
// each statement that there is, so it is asked where a function could do such
// a thing; see functionsPrepare.
const tidyPrepared = "; SELECT name FROM pg_catalog.pg_prepared_statements WHERE from_sql"

// functionsPrepare asks whether a function of the database contains PREPARE.
const functionsPrepare = "SELECT EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang " +
	`WHERE l.lanname NOT IN ('internal', 'c') AND p.prosrc ~* '\mprepare\M')`

// tidyShared undoes it within the transaction: behind a pooler the next transaction
// may be another session's. The settings are those that a transaction begins
// with, before it comes to RESET ALL; NULL resets one. Read only.
var tidyShared = []string{
	"SELECT pg_catalog.num_nulls(pg_catalog.set_config('default_transaction_read_only', NULL, false), " +
		"pg_catalog.set_config('default_transaction_isolation', NULL, false), " +
		"pg_catalog.set_config('default_transaction_deferrable', NULL, false))",
	"CLOSE ALL", "UNLISTEN *", "DISCARD TEMP", "DISCARD SEQUENCES", "SELECT pg_catalog.pg_advisory_unlock_all()",
}

// restored writes the statement that gives a pooler's session back the settings that this
// side was connected with: there RESET ALL restores the pooler's own settings,
// and those of its client were SET afterwards. Of other parameters
// poolers know nothing.
func restored(parameters map[string]string) string {
	sql := "SELECT pg_catalog.num_nulls(pg_catalog.set_config('client_encoding', 'UTF8', false)"
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		switch strings.ToLower(name) {
		case "application_name", "datestyle", "intervalstyle", "standard_conforming_strings", "timezone":
			sql += ", pg_catalog.set_config(" + ident.Literal(name) + ", " + ident.Literal(parameters[name]) + ", false)"
		}
	}
	return sql + ")"
}

// light reports whether s leaves nothing but settings, which the next request
// resets.
func light(s *query.Script) bool {
	return s.Light && s.Tx.ReadOnly && s.PreRequest.IsZero()
}

// reset opens each script, behind BEGIN.
func (r *run) reset() error {
	if err := r.control(resetSettings); err != nil || r.direct {
		return err
	}
	return r.control(r.restore)
}

// tidyWithin closes a script that shares a session.
func (r *run) tidyWithin() error {
	for _, sql := range tidyShared {
		if err := r.control(sql); err != nil {
			return err
		}
	}
	return nil
}

var errUntidy = errors.New("the session cannot be tidied")

// sweep has the server forget statements, and undoes settings that a failed script may
// have left, after its own transaction.
func (s *session) sweep() error {
	if len(s.doomed) == 0 && !s.untidy {
		return nil
	}
	r := newRun(s, "")
	defer r.recycle()
	for _, name := range s.doomed {
		if err := r.wrote((&pgproto3.Close{ObjectType: 'S', Name: name}).Encode(r.out)); err != nil {
			return err
		}
	}
	r.tidy = s.untidy
	s.doomed, s.untidy = nil, false
	if err := r.sync(); err != nil {
		return err
	}
	if err := r.write(); err != nil {
		return err
	}
	status, err := r.drain()
	if r.tidy && !r.broken {
		r.tidied(status)
	}
	if err != nil || r.broken || status != 'I' {
		return errUntidy
	}
	return s.sweep() // forgets the statements found meanwhile
}
