package compliance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/sql"
)

// Report is the content of a report, to be written as HTML or PDF.
type Report struct {
	Database string
	At       time.Time
	Lines    []Line
	History  []Month
	Since    *time.Time // when the report before was written; nil = there was none
	Changes  []Change   // since then
	Waivers  []Waiver   // that hold today
	Basis    Basis
}

// Basis names the database of a run, its role and its tool; the zero value says
// nothing.
type Basis struct {
	Tool, Server, Login string // "0.9.1", "15.6", "postgres"
	Schemas, Roles      []string
}

// NewBasis reads the database and the role of a run with these options.
func NewBasis(ctx context.Context, conn *pgx.Conn, o Options, tool string) (b Basis, err error) {
	runner, err := o.begin(ctx, conn)
	if err != nil {
		return b, err
	}
	defer runner.Close(ctx)
	type login struct{ Server, Login string }
	found, err := check.Query[login](ctx, runner, "SELECT current_setting('server_version') AS server, session_user::text AS login")
	if err != nil {
		return b, err
	}
	return Basis{Tool: tool, Server: found[0].Server, Login: found[0].Login, Schemas: runner.Schemas, Roles: runner.APIRoles}, nil
}

// Month is how the checks stood at its end.
type Month struct {
	Month                                           string // "2026-11"
	Passed, Warnings, Failed, Errors, Waived, Score int
}

// Change is a check that is answered otherwise than in the report before.
type Change struct{ Check, Before, Now string }

// NewReport reads the rest of a report of lines: history, waivers, and changes.
// A database that has no place for them has none.
func NewReport(ctx context.Context, conn *pgx.Conn, at time.Time, lines []Line) (Report, error) {
	r := Report{Database: conn.Config().Database, At: at.UTC(), Lines: lines}
	var err error
	if r.History, err = optional[Month](ctx, conn, sql.Text(sql.Compliance, "compliance/history.sql")); err != nil {
		return r, err
	}
	r.Waivers, err = optional[Waiver](ctx, conn, `SELECT check_name AS "check", object, reason, owner, valid_until::text AS until FROM romashka.waivers WHERE ended_at IS NULL AND valid_until >= current_date ORDER BY valid_until, check_name`)
	if err != nil {
		return r, err
	}
	type last struct {
		CreatedAt time.Time `db:"created_at"`
		Statuses  string
	}
	before, err := optional[last](ctx, conn, "SELECT created_at, statuses::text AS statuses FROM romashka.reports ORDER BY created_at DESC LIMIT 1")
	if err != nil || len(before) == 0 {
		return r, err
	}
	r.Since = &before[0].CreatedAt
	var was map[string]string
	if err := json.Unmarshal([]byte(before[0].Statuses), &was); err != nil {
		return r, fmt.Errorf("read the report before: %w", err)
	}
	for _, l := range once(lines) {
		if was[l.Check] != "" && was[l.Check] != l.Status {
			r.Changes = append(r.Changes, Change{l.Check, was[l.Check], l.Status})
		}
	}
	return r, nil
}

// optional gives rows, none where the database has no such table or does not show it.
func optional[T any](ctx context.Context, conn *pgx.Conn, text string) ([]T, error) {
	found, err := conn.Query(ctx, text, pgx.QueryExecModeExec)
	if err != nil {
		return nil, absent(err)
	}
	list, err := pgx.CollectRows(found, pgx.RowToStructByName[T])
	return list, absent(err)
}

func absent(err error) error {
	if refusal := check.Refusal(err); refusal != nil && slices.Contains([]string{pgerrcode.UndefinedTable, pgerrcode.UndefinedColumn, pgerrcode.InsufficientPrivilege, pgerrcode.InvalidSchemaName}, refusal.Code) {
		return nil
	}
	return err
}

// once gives each check once, whatever the number of its frameworks.
func once(lines []Line) (list []Line) {
	for i, l := range lines {
		if !slices.ContainsFunc(lines[:i], func(o Line) bool { return o.Check == l.Check }) {
			list = append(list, l)
		}
	}
	return list
}

// ErrNotRecorded says that the database has no place for reports.
var ErrNotRecorded = errors.New("the database has no romashka.reports: romashka migrate up brings it")

// Record keeps the sum of a report and how each check stood, for the next one.
func (r Report) Record(ctx context.Context, conn *pgx.Conn, form string, written []byte) error {
	statuses := map[string]string{}
	for _, l := range r.Lines {
		statuses[l.Check] = l.Status
	}
	encoded, err := json.Marshal(statuses)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(written)
	_, err = conn.Exec(ctx, "INSERT INTO romashka.reports (form, sha256, statuses) VALUES ($1, $2, $3::text::jsonb)", pgx.QueryExecModeExec, form, hex.EncodeToString(sum[:]), string(encoded))
	if err != nil && absent(err) == nil {
		return ErrNotRecorded
	}
	return err
}

// ErrNotWritten says that a database has not the sum of a report: another wrote it,
// or it was altered and given a new sum.
var ErrNotWritten = errors.New("this database did not write it: its sum is not in romashka.reports, so that it is another's, or was altered and given a new sum")

// Written is the row that a report left.
type Written struct {
	CreatedAt time.Time `db:"created_at"`
	Who       string
	Trail     bool // a line of the trail says so, too
}

// FindWritten looks whether a database wrote a report of these bytes. Errors:
// [ErrNotWritten]; [ErrNotRecorded]; a database that cannot be asked.
func FindWritten(ctx context.Context, conn *pgx.Conn, report []byte) (w Written, err error) {
	sum := sha256.Sum256(report)
	rows, err := conn.Query(ctx, sql.Text(sql.Compliance, "compliance/report_written.sql"), pgx.QueryExecModeExec, hex.EncodeToString(sum[:]))
	if err == nil {
		w, err = pgx.CollectOneRow(rows, pgx.RowToStructByName[Written])
	}
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return w, ErrNotWritten
	case err != nil && absent(err) == nil:
		return w, ErrNotRecorded
	case err != nil:
		return w, fmt.Errorf("look for the report: %w", err)
	}
	return w, nil
}
