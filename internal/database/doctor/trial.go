package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/platform/service"
	"github.com/romashka/sidecar/internal/postgrest/ident"
)

// database looks at the tables and functions, over the direct connection.
func (e *examination) database(ctx context.Context) {
	conn, err := e.connect(ctx, "romashka-db-direct-uri", e.DirectURI)
	if err != nil {
		e.add(Finding{
			Rule: "direct_connection", Severity: Error, Object: "setting romashka-db-direct-uri",
			Fault:    "the database cannot be reached for migrations and LISTEN",
			Evidence: err.Error(),
			Remedy:   "give the address of the server itself, and a role that owns the project's tables",
		})
		e.checked("direct_connection", nil)
		return
	}
	defer service.Close(ctx, conn.Conn)
	e.report.Server = "PostgreSQL " + conn.PgConn().ParameterStatus("server_version")
	e.checkScope(conn.keeps)
	e.checkEncoding(conn.Conn)
	if conn.keeps < service.Transaction {
		e.checked("catalog", &service.PoolerError{Setting: "romashka-db-direct-uri", Need: service.Transaction, Keeps: conn.keeps})
		return
	}
	e.rules(ctx, conn.Conn)
	e.checked("second_factor_key", e.factors(ctx, conn.Conn))
}

// checkScope looks for a pooler between here and the database, for the parts that need a
// session.
func (e *examination) checkScope(keeps service.Scope) {
	const rule, object = "direct_connection", "setting romashka-db-direct-uri"
	const remedy = "give the address of the server itself, or of a pooler in session mode (at Supabase port 5432 instead of 6543)"
	switch evidence := "sessions of the database go from one client to the next"; keeps {
	case service.Statement:
		e.add(Finding{
			Rule: rule, Severity: Error, Object: object,
			Fault:    "goes through a pooler in statement mode: LISTEN hears nothing, and what needs a transaction is refused",
			Evidence: evidence,
			Remedy:   remedy,
		})
	case service.Transaction:
		e.add(Finding{
			Rule: rule, Severity: Warning, Object: object,
			Fault:    "goes through a pooler in transaction mode: LISTEN hears nothing, and what changes the schema is refused",
			Evidence: evidence,
			Remedy:   remedy,
		})
	case service.Session:
	}
	e.checked(rule, nil)
}

// checkEncoding looks whether texts are known to be texts.
func (e *examination) checkEncoding(conn *pgx.Conn) {
	if service.WithoutEncoding(conn.PgConn().ParameterStatus) {
		e.add(Finding{
			Rule: "encoding", Severity: Warning, Object: "database " + conn.Config().Database,
			Fault:    "has no encoding: what was written in another than UTF-8 is passed on as it is, and clients cannot read such answers",
			Evidence: "server_encoding is SQL_ASCII",
			Remedy:   "dump it and restore it into a database with ENCODING 'UTF8'",
		})
	}
	e.checked("encoding", nil)
}

// rules looks at everything that the connection can be asked.
func (e *examination) rules(ctx context.Context, conn *pgx.Conn) {
	if err := e.catalog(ctx, conn); err != nil {
		e.checked("catalog", err)
	}
	if e.URI == "" { // then at least the role that it should be
		e.checked("login", e.checkAuthenticator(ctx, conn))
	}
	e.staleCaches(ctx, conn)
	e.checked("migrations", e.migrations(ctx))
	e.checked("function_fails", e.functions(ctx, conn))
	for _, t := range []struct {
		name string
		try  func(context.Context, *pgx.Conn) error
	}{{"base_tables", e.baseTables}, {"policy_matrix", e.policyMatrix}} {
		if e.ReadOnly {
			e.checked(t.name, errors.New("needs a trial in a transaction that is rolled back, and --read-only forbids it"))
			continue
		}
		e.checked(t.name, t.try(ctx, conn))
	}
}

// migrations compares the database with the migrations of this release.
func (e *examination) migrations(ctx context.Context) error {
	m, err := migrator.New(e.DirectURI, migrator.Options{})
	if err != nil {
		return err
	}
	status, err := m.Status(ctx)
	if err != nil {
		return err
	}
	var pending, changed, unknown []string
	for _, g := range status.Migrations {
		switch {
		case !g.Applied():
			pending = append(pending, g.Name())
		case g.Unknown:
			unknown = append(unknown, g.Name())
		case g.Changed:
			changed = append(changed, g.Name())
		}
	}
	if len(unknown) > 0 {
		e.add(Finding{
			Rule: "migrations", Severity: Error, Object: "schema of ROMASHKA",
			Fault:    "was brought by another release of romashka, most often a newer one: this one does not use what is new there, and cannot change it",
			Evidence: abridged(unknown),
			Remedy:   "update romashka to the release that applied them",
		})
	}
	for _, f := range status.Functions {
		if f.State != "current" {
			pending = append(pending, f.Signature+" ("+f.State+")")
		}
	}
	e.judgeMigrations(pending, changed)
	if status.Version() == 0 {
		return nil
	}
	plan, err := m.Plan(ctx)
	if err != nil {
		return err
	}
	for _, d := range plan.Drift {
		severity := Warning
		if d.Fault != "foreign" && strings.HasPrefix(d.Object, "trigger ") {
			severity = Error // triggers guard cells that grants and policies cannot
		}
		e.add(Finding{
			Rule: "drift", Severity: severity, Object: d.Object,
			Fault:    "is " + d.Fault + " here: not as the applied migrations left it",
			Evidence: strings.TrimSuffix(fmt.Sprintf("want %s, have %s", cmp.Or(d.Want, "nothing"), cmp.Or(d.Got, "nothing")), ", have nothing"),
			Remedy:   "romashka migrate plan",
		})
	}
	return nil
}

func (e *examination) judgeMigrations(pending, changed []string) {
	const rule, object = "migrations", "schema of ROMASHKA"
	if len(pending) > 0 {
		e.add(Finding{
			Rule: rule, Severity: Error, Object: object,
			Fault:    fmt.Sprintf("%d migrations and functions of this release are not applied", len(pending)),
			Evidence: abridged(pending),
			Remedy:   "romashka migrate plan, then romashka migrate up",
		})
	}
	if len(changed) > 0 {
		e.add(Finding{
			Rule: rule, Severity: Warning, Object: object,
			Fault:    "migrations were applied in another form than this release has them",
			Evidence: abridged(changed),
			Remedy:   "romashka migrate plan",
		})
	}
}

// abridged names the first few.
func abridged(names []string) string {
	const few = 4
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s, ... (%d)", strings.Join(names[:few], ", "), len(names))
}

// servedFunction is a row of served_functions.sql of sql/check.
type servedFunction struct{ Function, Relation, Call string }

// functions calls those that a GET without arguments would call, read-only.
// Only a call that can never work is reported: a name that does not exist or is
// ambiguous (class 42), not a function that wants to write, or a caller.
func (e *examination) functions(ctx context.Context, conn *pgx.Conn) error {
	tx, err := e.begin(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	// As a request: the schemas that are served are searched.
	if _, err := tx.Exec(ctx, "SELECT set_config('search_path', $1, true)", searchPath(e.Schemas)); err != nil {
		return fmt.Errorf("prepare calls: %w", err)
	}
	for _, f := range e.served {
		if err := e.call(ctx, tx, f); err != nil {
			return fmt.Errorf("call %s: %w", f.Function, err)
		}
	}
	return ctx.Err()
}

// begin starts a transaction in which names are printed with their schemas and
// nothing waits for long.
func (e *examination) begin(ctx context.Context, conn *pgx.Conn, o pgx.TxOptions) (pgx.Tx, error) {
	tx, err := conn.BeginTx(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	if err := check.Prepare(ctx, tx, e.Timeout); err != nil {
		_ = tx.Rollback(context.WithoutCancel(ctx))
		return nil, err
	}
	return tx, nil
}

func searchPath(schemas []string) string {
	quoted := make([]string, 0, len(schemas)+1)
	for _, name := range schemas {
		quoted = append(quoted, ident.Quote(name))
	}
	return strings.Join(append(quoted, "extensions"), ", ")
}

func (e *examination) call(ctx context.Context, tx pgx.Tx, f servedFunction) error {
	refusal, err := check.TryStatement(ctx, tx, f.Call)
	if err != nil {
		return err
	}
	if refusal != nil && strings.HasPrefix(refusal.Code, "42") && refusal.Code != pgerrcode.InsufficientPrivilege {
		e.add(Finding{
			Rule: "function_fails", Severity: Error, Object: "function " + f.Function, Owner: e.owner(f.Relation),
			Fault: "fails each time it is called", Evidence: check.DescribePlace(refusal),
			Remedy: "mend its text; `romashka migrate up` brings this release's functions",
		})
	}
	return nil
}
