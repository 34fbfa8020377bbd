package compliance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/sql"
)

// remedied are the checks of which a remedy is applied: each step is safe and
// can be taken back, save a deletion that is the remedy itself. Its
// statements are in sql/check/remedy_*.sql. Read-only.
var remedied = []string{"policy_without_rls", "security_definer_search_path", "public_schema_create", "stale_active_sessions", "sensitive_data_in_logs", "retention_exceeded"}

// Remedy is one step of a remedy.
type Remedy struct{ Object, Statement, Undo string }

// Remediation is the record of an applied remedy.
type Remediation struct {
	ID     string
	Steps  []Remedy
	Before Result
	After  Result
	Passed bool // the check was asked again, in the same transaction, and passed
}

// Errors of remedies.
var (
	ErrNotSafe      = errors.New("no remedy of this check is safe to apply; remediate without --apply prints the SQL")
	ErrNothingToDo  = errors.New("there is nothing to remedy")
	ErrNoEffect     = errors.New("the login may not mend it: the check sees the same as before, and nothing was kept; run it as the owner")
	ErrNotUndone    = errors.New("no remedy of this check is there to be undone")
	ErrIrreversible = errors.New("what was deleted, or masked so that nobody reads it, cannot be brought back")
)

// Remediable reports whether a check has a remedy that is applied.
func Remediable(name string) bool { return slices.Contains(remedied, name) }

// Remediate applies the safe remedy of a check, asks the check again, and keeps
// both answers, all in one transaction. It is rolled back where a statement is
// refused, and kept where the check does not pass for other findings.
//
// Errors: [*UnknownError], [ErrNotSafe], [ErrNothingToDo], the database's refusal.
func Remediate(ctx context.Context, conn *pgx.Conn, name string, o Options, automatic bool) (m Remediation, err error) {
	o.Checks = []string{name}
	if err := o.known(); err != nil {
		return m, err
	}
	if !Remediable(name) {
		return m, ErrNotSafe
	}
	before, err := o.ask(ctx, conn)
	if err != nil {
		return m, err
	}
	if m.Before = before[0]; m.Before.Status == Passed {
		return m, ErrNothingToDo
	}
	if m.Steps, err = o.steps(ctx, conn, name); err != nil {
		return m, fmt.Errorf("look for the remedy: %w", err)
	}
	if len(m.Steps) == 0 {
		return m, ErrNothingToDo
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '5min'", pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
		for _, step := range m.Steps {
			if _, err := tx.Exec(ctx, step.Statement, pgx.QueryExecModeSimpleProtocol); err != nil {
				return fmt.Errorf("%s: %w", step.Object, err)
			}
		}
		after, err := o.askWithin(ctx, tx)
		if err != nil {
			return fmt.Errorf("ask the check again: %w", err)
		}
		m.After, m.Passed = after[0], after[0].Status == Passed
		if !m.Passed && m.After.Details.Found >= m.Before.Details.Found && slices.Equal(m.After.Details.Seen, m.Before.Details.Seen) {
			return ErrNoEffect // a grant that another role gave, say
		}
		return m.keep(ctx, tx, name, automatic)
	})
	if err != nil {
		return m, fmt.Errorf("remedy %s: %w", name, err)
	}
	return m, nil
}

// steps are the statements of a remedy, as of now.
func (o Options) steps(ctx context.Context, conn *pgx.Conn, name string) (list []Remedy, err error) {
	runner, err := o.begin(ctx, conn)
	if err != nil {
		return nil, err
	}
	defer runner.Close(ctx)
	if name == "sensitive_data_in_logs" {
		return (&look{Runner: runner}).masks(ctx), nil
	}
	return check.Rows[Remedy](ctx, runner, "remedy_"+name)
}

// masks take secrets and addresses out of logs. The old text is not kept: that
// would be another log of it.
func (l *look) masks(ctx context.Context) (list []Remedy) {
	for _, f := range sensitiveInLogs(ctx, l).findings {
		if statement, _, _ := strings.Cut(f.Remedy, "; --"); strings.HasPrefix(statement, "UPDATE ") {
			list = append(list, Remedy{Object: f.Object, Statement: statement})
		}
	}
	return list
}

// keep records the remedy.
func (m *Remediation) keep(ctx context.Context, tx pgx.Tx, name string, automatic bool) error {
	before, err := json.Marshal(m.Before.Details)
	if err != nil {
		return err
	}
	after, err := json.Marshal(m.After.Details)
	if err != nil {
		return err
	}
	statements, undo := []string{}, []string{}
	for _, step := range m.Steps {
		statements = append(statements, step.Statement)
		if step.Undo != "" {
			undo = append(undo, step.Undo)
		}
	}
	err = tx.QueryRow(ctx, sql.Text(sql.Compliance, "compliance/remediated.sql"), pgx.QueryExecModeExec, name, statements, undo, string(before), string(after), m.Passed, automatic).Scan(&m.ID)
	if refusal := check.Refusal(err); refusal != nil && refusal.Code == pgerrcode.UndefinedTable {
		return errors.New("the database has no romashka.remediations, where before and after are kept: romashka migrate up brings it")
	}
	return err
}

// Undo takes back the last remedy of a check that was not, in one transaction,
// and gives the statements that did it.
func Undo(ctx context.Context, conn *pgx.Conn, name string) (done []string, err error) {
	if err := (Options{Checks: []string{name}}).known(); err != nil {
		return nil, err
	}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		var id string
		err := tx.QueryRow(ctx, `SELECT id::text, undo FROM romashka.remediations WHERE check_name = $1 AND undone_at IS NULL ORDER BY applied_at DESC LIMIT 1 FOR UPDATE`,
			pgx.QueryExecModeExec, name).Scan(&id, &done)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return ErrNotUndone
		case err != nil:
			return err
		case len(done) == 0:
			return ErrIrreversible
		}
		slices.Reverse(done)
		for _, statement := range done {
			if _, err := tx.Exec(ctx, statement, pgx.QueryExecModeSimpleProtocol); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, "UPDATE romashka.remediations SET undone_at = now() WHERE id = $1::uuid", pgx.QueryExecModeExec, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("undo the remedy of %s: %w", name, err)
	}
	return done, nil
}

// remedyNamed applies the remedies of failed checks that the tenant named, and
// gives the names of those that pass since.
func remedyNamed(ctx context.Context, conn *pgx.Conn, o Options, lines []Line) (passed []string) {
	found, err := conn.Query(ctx, "SELECT check_name FROM romashka.automatic_remedies ORDER BY 1", pgx.QueryExecModeExec)
	if err != nil {
		return nil
	}
	named, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		return nil // the database has no such table: none is named
	}
	for _, name := range named {
		i := slices.IndexFunc(lines, func(l Line) bool { return l.Check == name && !l.Waived && (l.Status == Failed || l.Status == Warning) })
		if i < 0 {
			continue
		}
		if m, err := Remediate(ctx, conn, name, o, true); err == nil && m.Passed {
			passed = append(passed, name)
		}
	}
	return passed
}
