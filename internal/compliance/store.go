package compliance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/compliance/subject"
	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/internal/platform/jobs"
	"github.com/romashka/sidecar/sql"
)

// ErrNotMigrated says that the database has no place for results.
var ErrNotMigrated = errors.New("the database has not the columns of compliance_results that results need: romashka migrate up brings them")

// nextDue is when a result is to be looked at anew.
const nextDue = 24 * time.Hour

// Store writes a row of compliance_results for each line, in one transaction.
// Errors: ErrNotMigrated; the database's refusal.
func Store(ctx context.Context, conn *pgx.Conn, lines []Line) error {
	return store(ctx, conn, lines, nil)
}

// store marks the results of checks that a remedy made pass.
func store(ctx context.Context, conn *pgx.Conn, lines []Line, remedied []string) error {
	rows, err := json.Marshal(lines)
	if err != nil {
		return fmt.Errorf("encode results: %w", err)
	}
	if remedied == nil {
		remedied = []string{}
	}
	err = jobs.Write(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sql.Text(sql.Compliance, "compliance/store.sql"), pgx.QueryExecModeExec, string(rows), nextDue, remedied)
		return err
	})
	if refusal := check.Refusal(err); refusal != nil && (refusal.Code == pgerrcode.UndefinedTable || refusal.Code == pgerrcode.UndefinedColumn) {
		return ErrNotMigrated
	}
	if err != nil {
		return fmt.Errorf("store results: %w", err)
	}
	return nil
}

// Job is the daily run, for the timetable. The served schemas and the role are
// given for databases that hold no setting of it.
func Job(o Options) jobs.Func {
	return func(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
		lines, err := Run(ctx, conn, o)
		if err != nil {
			return jobs.Result{}, err
		}
		remedied := remedyNamed(ctx, conn, o, lines)
		if len(remedied) > 0 {
			if lines, err = Run(ctx, conn, o); err != nil {
				return jobs.Result{}, err
			}
		}
		if err := store(ctx, conn, lines, remedied); err != nil {
			return jobs.Result{}, err
		}
		due, err := subject.Remind(ctx, conn)
		if err != nil {
			return jobs.Result{}, err
		}
		return jobs.Result{Text: fmt.Sprintf("%s; %d requests of data subjects due", Summarize(lines), due)}, nil
	}
}

// Summary counts checks, not lines.
type Summary struct{ Passed, Warnings, Failed, Errors, Waived int }

// Summarize counts the checks of lines by their status; waived ones by themselves.
func Summarize(lines []Line) (s Summary) {
	seen := map[string]bool{}
	for _, l := range lines {
		if seen[l.Check] {
			continue
		}
		seen[l.Check] = true
		switch {
		case l.Waived:
			s.Waived++
		case l.Status == Passed:
			s.Passed++
		case l.Status == Warning:
			s.Warnings++
		case l.Status == Failed:
			s.Failed++
		default:
			s.Errors++
		}
	}
	return s
}

func (s Summary) String() string {
	return fmt.Sprintf("%d passed, %d warnings, %d failed, %d could not be evaluated, %d waived", s.Passed, s.Warnings, s.Failed, s.Errors, s.Waived)
}

// weights are the checks' parts in the score. Read-only.
var weights = map[string]float64{"critical": 4, "high": 3, "medium": 2, "low": 1}

// Score is the share of the weight that is in order, 0 to 100: by severity, a
// warning half, a check that could not be evaluated not at all, and without
// waived ones. ok is false when nothing counts.
func Score(lines []Line) (score float64, ok bool) {
	var all, good float64
	seen := map[string]bool{}
	for _, l := range lines {
		if seen[l.Check] || l.Waived {
			continue
		}
		seen[l.Check] = true
		all += weights[l.Severity]
		switch l.Status {
		case Passed:
			good += weights[l.Severity]
		case Warning:
			good += weights[l.Severity] / 2
		}
	}
	return 100 * good / max(all, 1), all > 0
}
