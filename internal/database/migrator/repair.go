package migrator

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator/ddl"
	"github.com/romashka/sidecar/sql"
)

// Repair mends one defect of ROMASHKA's base tables, which are not ours: only on
// request, and so that it can be taken back.
type Repair struct {
	Name       string             `json:"name"`  // "message_count"
	Title      string             `json:"title"` // the state afterwards
	Defects    []Defect           `json:"defects"`
	AppliedAt  time.Time          `json:"applied_at,omitzero"`
	Statements []PlannedStatement `json:"statements"`

	file  string // without suffix: "2_message_count"
	saves string // signature of a function, "" for none
}

// Defect is a result of a check.
type Defect struct {
	Object   string `json:"object"`
	Fault    string `json:"fault"`
	Evidence string `json:"evidence"`
}

// Applied reports whether the repair was made and not taken back.
func (r Repair) Applied() bool { return !r.AppliedAt.IsZero() }

// Repairs looks for the base's own defects, in one read-only transaction.
func (m *Migrator) Repairs(ctx context.Context) (list []Repair, err error) {
	err = m.read(ctx, func(s *session) error {
		list, err = s.repairs(ctx)
		return err
	})
	return list, err
}

// RepairBase mends the defects that are there: all of them, or those named.
func (m *Migrator) RepairBase(ctx context.Context, names ...string) error {
	return m.eachRepair(ctx, names, func(s *session, list []Repair) error {
		for _, r := range list {
			if r.Applied() || len(r.Defects) == 0 {
				continue
			}
			if err := s.repair(ctx, r); err != nil {
				return fmt.Errorf("repair %s: %w", r.Name, err)
			}
		}
		return nil
	})
}

// UnrepairBase takes repairs back, the last one first: all, or those named.
func (m *Migrator) UnrepairBase(ctx context.Context, names ...string) error {
	return m.eachRepair(ctx, names, func(s *session, list []Repair) error {
		for _, r := range slices.Backward(list) {
			if !r.Applied() {
				continue
			}
			if err := s.unrepair(ctx, r); err != nil {
				return fmt.Errorf("take repair %s back: %w", r.Name, err)
			}
		}
		return nil
	})
}

// eachRepair runs act on the repairs with these names, alone at work, and then
// has the schema read again.
func (m *Migrator) eachRepair(ctx context.Context, names []string, act func(*session, []Repair) error) error {
	return m.exclusively(ctx, func(s *session) error {
		pending, err := s.pending(ctx)
		if err != nil {
			return err
		}
		if len(pending) > 0 {
			return fmt.Errorf("repair base: %d migrations are pending; apply them first", len(pending))
		}
		if err := s.createHistory(ctx); err != nil {
			return err
		}
		list, err := s.repairs(ctx)
		if err != nil {
			return err
		}
		if list, err = chosen(list, names); err != nil {
			return err
		}
		if err := act(s, list); err != nil {
			return err
		}
		if _, err := s.applyFunctions(ctx); err != nil { // some depend on the base's columns
			return err
		}
		return s.reloadSchema(ctx)
	})
}

// chosen are the repairs with these names, or all.
func chosen(list []Repair, names []string) ([]Repair, error) {
	for _, name := range names {
		if !slices.ContainsFunc(list, func(r Repair) bool { return r.Name == name }) {
			return nil, fmt.Errorf("repair base: there is no %q", name)
		}
	}
	return slices.DeleteFunc(list, func(r Repair) bool { return len(names) > 0 && !slices.Contains(names, r.Name) }), nil
}

// repairs reads the files, asks their checks and the history.
func (s *session) repairs(ctx context.Context) ([]Repair, error) {
	files, err := fs.Glob(sql.Repair, "repair/*.up.sql") // sorted
	if err != nil {
		return nil, fmt.Errorf("list repairs: %w", err)
	}
	catalog, err := s.catalog(ctx)
	if err != nil {
		return nil, err
	}
	var list []Repair
	for _, file := range files {
		r := Repair{file: strings.TrimSuffix(file, ".up.sql")}
		_, r.Name, _ = strings.Cut(r.file, "_")
		up, err := r.text("up")
		if err != nil {
			return nil, err
		}
		r.saves = header(up, "saves")
		r.Title, _, _ = strings.Cut(strings.TrimPrefix(up, "-- "), "\n")
		for _, statement := range ddl.Split(up) {
			r.Statements = append(r.Statements, planStatement(catalog, statement))
		}
		if err := s.examine(ctx, &r); err != nil {
			return nil, fmt.Errorf("check %s: %w", r.Name, err)
		}
		list = append(list, r)
	}
	return list, nil
}

func (r Repair) text(kind string) (string, error) {
	text, err := sql.Repair.ReadFile(r.file + "." + kind + ".sql")
	if err != nil {
		return "", fmt.Errorf("read repair: %w", err)
	}
	return string(text), nil
}

// header is the value of a line "-- key: value" in a file, "" if there is none.
func header(text, key string) string {
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(line, "-- "+key+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// examine asks whether the defect is there, and whether it was mended.
func (s *session) examine(ctx context.Context, r *Repair) error {
	check, err := r.text("check")
	if err != nil {
		return err
	}
	var has bool
	if err := s.conn.QueryRow(ctx, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", header(check, "needs")).Scan(&has); err != nil {
		return err
	}
	if has {
		rows, err := s.conn.Query(ctx, check)
		if err != nil {
			return err
		}
		if r.Defects, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Defect]); err != nil {
			return err
		}
	}
	if err := s.conn.QueryRow(ctx, "SELECT pg_catalog.to_regclass('romashka.repairs') IS NOT NULL").Scan(&has); err != nil || !has {
		return err
	}
	const query = "SELECT coalesce((SELECT applied_at FROM romashka.repairs WHERE name = $1), '0001-01-01 00:00:00+00')"
	return s.conn.QueryRow(ctx, query, r.Name).Scan(&r.AppliedAt)
}

// repair makes one, and keeps the definitions it replaces.
func (s *session) repair(ctx context.Context, r Repair) error {
	return s.mend(ctx, r, "up", func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO romashka.repairs (name, applied_at, saved)
			VALUES ($1, $2, coalesce(pg_catalog.pg_get_functiondef(pg_catalog.to_regprocedure(NULLIF($3, ''))), ''))`, r.Name, time.Now(), r.saves)
		return err
	}, nil)
}

func (s *session) unrepair(ctx context.Context, r Repair) error {
	return s.mend(ctx, r, "down", nil, func(tx pgx.Tx) error {
		var saved string
		if err := tx.QueryRow(ctx, "DELETE FROM romashka.repairs WHERE name = $1 RETURNING saved", r.Name).Scan(&saved); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, saved); err != nil {
			return located(saved, err)
		}
		return nil
	})
}

// mend runs a file in one transaction, with before and after, which may be nil.
func (s *session) mend(ctx context.Context, r Repair, kind string, before, after func(pgx.Tx) error) error {
	text, err := r.text(kind)
	if err != nil {
		return err
	}
	started := time.Now()
	err = pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		if err := s.prepare(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "SET LOCAL search_path = public, extensions"); err != nil { // the base's triggers count on it
			return err
		}
		if before != nil {
			if err := before(tx); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, text); err != nil {
			return located(text, err)
		}
		if after != nil {
			return after(tx)
		}
		return nil
	})
	if err == nil {
		s.done(ctx, Step{Name: "repair " + r.Name, Down: kind == "down", Elapsed: time.Since(started)})
	}
	return err
}
