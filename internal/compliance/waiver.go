package compliance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/sql"
)

// Waiver accepts a finding for a time. All fields are required.
type Waiver struct {
	Check, Object, Reason, Owner string
	Until                        string // last day, "2027-06-30"
}

// Validate returns an error that names the missing or wrong part.
func (w Waiver) Validate() error {
	if err := (Options{Checks: []string{w.Check}}).known(); err != nil {
		return err
	}
	for _, field := range []struct{ name, value string }{{"object", w.Object}, {"reason", w.Reason}, {"owner", w.Owner}, {"until", w.Until}} {
		if strings.TrimSpace(field.value) == "" {
			return fmt.Errorf("--%s is required", field.name)
		}
	}
	if _, err := time.Parse(time.DateOnly, w.Until); err != nil {
		return fmt.Errorf("--until %q: want a day, as 2027-06-30", w.Until)
	}
	return nil
}

// Waive stores a waiver and gives its id. Errors: ErrNotMigrated; the database's
// refusal.
func Waive(ctx context.Context, conn *pgx.Conn, w Waiver) (id string, err error) {
	err = conn.QueryRow(ctx, sql.Text(sql.Compliance, "compliance/waive.sql"), pgx.QueryExecModeExec, w.Check, w.Object, w.Reason, w.Owner, w.Until).Scan(&id)
	if refusal := check.Refusal(err); refusal != nil && refusal.Code == pgerrcode.UndefinedTable {
		return "", errors.New("the database has no romashka.waivers: romashka migrate up brings it")
	}
	if err != nil {
		return "", fmt.Errorf("store the waiver: %w", err)
	}
	return id, nil
}

// waiver says that a finding is accepted for a time.
type waiver struct {
	Check  string `db:"check_name"`
	Object string
}

type waivers []waiver

// loadWaivers reads those that hold today. A database that has no such table, or
// does not show it, has none.
func loadWaivers(ctx context.Context, r *check.Runner) waivers {
	list, err := check.Rows[waiver](ctx, r, "waivers")
	if err != nil {
		return nil
	}
	return list
}

// cover reports whether all that a result found is waived.
func (w waivers) cover(r Result) bool {
	if r.Status != Failed && r.Status != Warning {
		return false
	}
	return !slices.ContainsFunc(r.objects, func(object string) bool {
		return !slices.ContainsFunc(w, func(one waiver) bool {
			return one.Check == r.Check && (one.Object == "*" || matches(one.Object, object))
		})
	})
}

// matches reports whether a text that somebody wrote names an object: the whole
// name, that without its kind, or without schema public.
func matches(written, object string) bool {
	name := bare(object)
	return slices.Contains([]string{object, name, strings.TrimPrefix(name, "public.")}, written)
}
