package check

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
)

// Options choose the part of a database to look at.
type Options struct {
	Schemas  []string      // served, where the database holds no setting for it; default public
	AnonRole string        // of requests without a token, likewise; default anon
	Login    string        // as which the API logs in; default authenticator
	Timeout  time.Duration // of each statement; default 10 s. Locks are waited for no longer than one second
	// RowsWhole refuses to read a table when policies would show only a part of it.
	RowsWhole bool
	Arguments map[string]any // of parameters beside those of Scope, by name
}

// Scope is the part of the database that the API serves.
type Scope struct {
	Schemas  []string
	Anon     string
	APIRoles []string `db:"api_roles"` // that users' requests run as, as far as they exist
}

// Runner asks rules in one read-only transaction.
type Runner struct {
	Scope
	tx        pgx.Tx
	arguments pgx.NamedArgs
}

// internalSchemas are PostgreSQL's own and those that Supabase keeps. Read-only.
// Source: github.com/supabase/splinter, the list in its lints.
var internalSchemas = []string{
	"_timescaledb_cache", "_timescaledb_catalog", "_timescaledb_config", "_timescaledb_internal", "auth", "cron", "extensions", "graphql",
	"graphql_public", "information_schema", "net", "pgmq", "pgroonga", "pgsodium", "pgsodium_masks", "pgtle", "pgbouncer", "pg_catalog",
	"pg_toast", "realtime", "repack", "storage", "supabase_functions", "supabase_migrations", "tiger", "topology", "vault",
}

// Begin starts the transaction on conn and reads the scope of the API. The
// caller ends it with Close.
func Begin(ctx context.Context, conn *pgx.Conn, o Options) (*Runner, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	r := &Runner{tx: tx}
	if err := r.prepare(ctx, o); err != nil {
		r.Close(ctx)
		return nil, err
	}
	return r, nil
}

// Within asks in a savepoint of a transaction that has changed something, and sees
// it. Close ends the savepoint alone.
func Within(ctx context.Context, tx pgx.Tx, o Options) (*Runner, error) {
	savepoint, err := tx.Begin(ctx)
	if err != nil {
		return nil, fmt.Errorf("set a savepoint: %w", err)
	}
	r := &Runner{tx: savepoint}
	if err := r.prepare(ctx, o); err != nil {
		r.Close(ctx)
		return nil, err
	}
	return r, nil
}

func (r *Runner) prepare(ctx context.Context, o Options) error {
	if err := Prepare(ctx, r.tx, o.Timeout); err != nil {
		return err
	}
	if o.RowsWhole {
		if _, err := r.tx.Exec(ctx, "SET LOCAL row_security = off", pgx.QueryExecModeSimpleProtocol); err != nil {
			return fmt.Errorf("turn row security off: %w", err)
		}
	}
	schemas := o.Schemas
	if len(schemas) == 0 {
		schemas = []string{"public"}
	}
	r.arguments = pgx.NamedArgs{
		"schemas": schemas, "anon": cmp.Or(o.AnonRole, "anon"), "login": cmp.Or(o.Login, "authenticator"), "internal": internalSchemas,
	}
	scopes, err := Rows[Scope](ctx, r, "scope")
	if err != nil || len(scopes) != 1 {
		return fmt.Errorf("look what the API serves: %w", err)
	}
	r.Scope = scopes[0]
	r.arguments["schemas"], r.arguments["anon"], r.arguments["api_roles"] = r.Schemas, r.Anon, r.APIRoles
	maps.Copy(r.arguments, o.Arguments)
	return nil
}

// Prepare makes names in a transaction be printed with their schemas, and
// bounds each statement; 0 means ten seconds.
func Prepare(ctx context.Context, tx pgx.Tx, timeout time.Duration) error {
	_, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL search_path = ''; SET LOCAL lock_timeout = '1s'; SET LOCAL statement_timeout = %d",
		cmp.Or(timeout, 10*time.Second).Milliseconds()), pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		return fmt.Errorf("prepare transaction: %w", err)
	}
	return nil
}

// Close ends the transaction. The connection is the caller's.
func (r *Runner) Close(ctx context.Context) { _ = r.tx.Rollback(context.WithoutCancel(ctx)) }

// row is a row that a rule gives.
type row struct {
	Severity, Object, Relation, Fault, Evidence, Remedy string
}

// Ask asks one rule.
func (r *Runner) Ask(ctx context.Context, name string) Result {
	rule, err := Load(name)
	if err != nil {
		return Result{Rule: Rule{Name: name}, Err: &UnaskedError{Reason: err.Error(), cause: err}}
	}
	result := Result{Rule: rule}
	rows, err := Rows[row](ctx, r, name)
	if err != nil {
		result.Err = err
		return result
	}
	for _, got := range rows {
		f := Finding{Object: got.Object, Relation: got.Relation, Fault: got.Fault, Evidence: got.Evidence, Remedy: got.Remedy}
		if err := f.Severity.UnmarshalText([]byte(got.Severity)); err != nil {
			result.Err = &UnaskedError{Reason: err.Error(), cause: err}
			return result
		}
		result.Findings = append(result.Findings, f)
	}
	return result
}

// Rows gives the rows of a statement of sql/check that is no rule, as structs by
// the names of its columns. Its error is an [*UnaskedError].
func Rows[T any](ctx context.Context, r *Runner, name string) ([]T, error) {
	rule, err := Load(name)
	if err != nil {
		return nil, &UnaskedError{Reason: err.Error(), cause: err}
	}
	if rule.asks("api_roles") && len(r.APIRoles) == 0 {
		return nil, &UnaskedError{Reason: fmt.Sprintf("none of the API's roles exists here (%s, authenticated)", r.Anon), Absent: true}
	}
	if err := r.present(ctx, rule.Needs); err != nil {
		return nil, err
	}
	return Query[T](ctx, r, rule.text, r.arguments)
}

// Query gives the rows of a statement that was put together, in a savepoint: the
// failure of one is not that of the next. The savepoint is rolled back, which lets
// go of the locks: a session that alters a table waits at most for the statement
// that reads it, not for the end of a run. Its error is an [*UnaskedError].
func Query[T any](ctx context.Context, r *Runner, text string, arguments ...any) ([]T, error) {
	if _, err := r.tx.Exec(ctx, "SAVEPOINT asked", pgx.QueryExecModeSimpleProtocol); err != nil {
		return nil, unasked(err)
	}
	found, err := query[T](ctx, r.tx, text, arguments)
	if _, back := r.tx.Exec(context.WithoutCancel(ctx), "ROLLBACK TO SAVEPOINT asked; RELEASE SAVEPOINT asked", pgx.QueryExecModeSimpleProtocol); err == nil {
		err = back
	}
	if err != nil {
		r.hurry(ctx, err)
		return nil, unasked(err)
	}
	return found, nil
}

func query[T any](ctx context.Context, tx pgx.Tx, text string, arguments []any) ([]T, error) {
	rows, err := tx.Query(ctx, text, append([]any{pgx.QueryExecModeExec}, arguments...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// hurry makes later statements wait less for a lock once one was not free: many
// tables may be locked at a time, and each would take a second.
func (r *Runner) hurry(ctx context.Context, err error) {
	if refusal := Refusal(err); refusal != nil && refusal.Code == pgerrcode.LockNotAvailable {
		_, _ = r.tx.Exec(ctx, "SET LOCAL lock_timeout = '50ms'", pgx.QueryExecModeSimpleProtocol)
	}
}

// present looks for relations. That a schema may not be used hides its tables
// from to_regclass, so the catalog is asked.
func (r *Runner) present(ctx context.Context, relations []string) error {
	if len(relations) == 0 {
		return nil
	}
	type absent struct{ Name string }
	missing, err := Query[absent](ctx, r, `SELECT w.name FROM unnest(@names::text[]) AS w (name) WHERE NOT EXISTS (
		SELECT FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = split_part(w.name, '.', 1) AND c.relname = split_part(w.name, '.', 2))`, pgx.NamedArgs{"names": relations})
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return &UnaskedError{Reason: "there is no table " + missing[0].Name, Absent: true}
	}
	return nil
}
