package check

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// Try acts in a savepoint and rolls it back. The first result is the
// database's refusal, nil if there was none. An error is something else: act's
// own, or a connection that is lost, so that nothing was learnt.
func Try(ctx context.Context, tx pgx.Tx, act func(pgx.Tx) error) (*pgconn.PgError, error) {
	savepoint, err := tx.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("set a savepoint: %w", err)
	}
	err = act(savepoint)
	if back := savepoint.Rollback(context.WithoutCancel(ctx)); back != nil {
		return nil, fmt.Errorf("roll back to the savepoint: %w", back)
	}
	if refusal := Refusal(err); refusal != nil {
		return refusal, nil
	}
	return nil, err
}

// TryStatement is [Try] of one statement.
func TryStatement(ctx context.Context, tx pgx.Tx, text string, args ...any) (*pgconn.PgError, error) {
	return Try(ctx, tx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, text, args...)
		return err
	})
}

// Refusal is the database's answer in an error, nil if it has none.
func Refusal(err error) *pgconn.PgError {
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) {
		return refusal
	}
	return nil
}

// Describe is code and message of a refusal.
func Describe(refusal *pgconn.PgError) string { return refusal.Code + ": " + refusal.Message }

// DescribePlace is code, message and the place in a function, if there is one.
func DescribePlace(refusal *pgconn.PgError) string {
	place, _, _ := strings.Cut(refusal.Where, "\n")
	if place == "" {
		return Describe(refusal)
	}
	return Describe(refusal) + " (" + place + ")"
}

// Sees reports whether a role reads any row of a relation, by reading as it,
// with row level security, and without a user. A refusal to the role is no; its
// error is an [*UnaskedError], also where the login cannot become the role.
func (r *Runner) Sees(ctx context.Context, role, schema, relation string) (bool, error) {
	return r.seesAny(ctx, role, ident.Quote(schema)+"."+ident.Quote(relation))
}

func (r *Runner) seesAny(ctx context.Context, role, from string) (bool, error) {
	type answer struct{ Seen bool }
	rows, err := QueryAs[answer](ctx, r, role, "SELECT EXISTS (SELECT FROM "+from+") AS seen")
	return len(rows) == 1 && rows[0].Seen, err
}

// SeesSome is [Runner.Sees] of a share of a table's pages, in percent: for large
// tables, where a policy is evaluated for each row.
func (r *Runner) SeesSome(ctx context.Context, role, schema, relation string, share float64) (bool, error) {
	return r.seesAny(ctx, role, fmt.Sprintf("%s.%s TABLESAMPLE SYSTEM (%g)", ident.Quote(schema), ident.Quote(relation), share))
}

// QueryAs is [Query] as a role of the API, with row level security, without a user,
// and with a second's time. A relation that the role may not read gives no rows and
// no error.
func QueryAs[T any](ctx context.Context, r *Runner, role, text string) (found []T, err error) {
	became := false
	refusal, err := Try(ctx, r.tx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SELECT set_config('row_security', 'on', true), set_config('request.jwt.claims', json_build_object('role', $1::text)::text, true),
			set_config('statement_timeout', '1000', true), set_config('role', $1::text, true)`, pgx.QueryExecModeExec, role)
		if err != nil {
			return err
		}
		became = true
		found, err = query[T](ctx, tx, text, nil)
		return err
	})
	switch {
	case refusal != nil && became && refusal.Code == pgerrcode.InsufficientPrivilege:
		return nil, nil
	case refusal != nil:
		r.hurry(ctx, refusal)
		return nil, unasked(refusal)
	case err != nil:
		return nil, unasked(err)
	}
	return found, nil
}
