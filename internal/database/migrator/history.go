package migrator

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/sql"
)

// createHistory makes the tables of the history where they are missing.
func (s *session) createHistory(ctx context.Context) error {
	return runFile(ctx, s.conn, "history.sql")
}

// applied lists the migrations in the history by version; on a database without
// a history, none. Titles and checksums are those of the day they were applied.
func (s *session) applied(ctx context.Context) ([]Migration, error) {
	has, err := s.hasHistory(ctx)
	if err != nil || !has {
		return nil, err
	}
	rows, err := s.conn.Query(ctx, "SELECT version, title, checksum, applied_at FROM romashka.schema_migrations ORDER BY version")
	if err != nil {
		return nil, fmt.Errorf("read applied migrations: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (m Migration, err error) {
		return m, row.Scan(&m.Version, &m.Title, &m.Checksum, &m.AppliedAt)
	})
	if err != nil {
		return nil, fmt.Errorf("read applied migrations: %w", err)
	}
	return list, nil
}

func (s *session) hasHistory(ctx context.Context) (has bool, err error) {
	const query = "SELECT pg_catalog.to_regclass('romashka.schema_migrations') IS NOT NULL"
	if err := s.conn.QueryRow(ctx, query).Scan(&has); err != nil {
		return false, fmt.Errorf("look for the history: %w", err)
	}
	return has, nil
}

// pending lists the migrations that are not in the history.
func (s *session) pending(ctx context.Context) ([]Migration, error) {
	applied, err := s.applied(ctx)
	if err != nil {
		return nil, err
	}
	return s.lacking(applied), nil
}

// lacking lists the migrations that are not among those applied.
func (m *Migrator) lacking(applied []Migration) []Migration {
	return slices.DeleteFunc(slices.Clone(m.plan), func(p Migration) bool {
		return slices.ContainsFunc(applied, func(a Migration) bool { return a.Version == p.Version })
	})
}

// record writes that one migration is applied.
func (s *session) record(ctx context.Context, tx pgx.Tx, m Migration) error {
	_, err := tx.Exec(ctx, `INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
		VALUES ($1, $2, $3, $4) ON CONFLICT (version) DO NOTHING`, m.Version, m.Title, m.Checksum, time.Now())
	if err != nil {
		return fmt.Errorf("record version: %w", err)
	}
	return nil
}

// deleteAfter records that no migration beyond version is applied.
func (s *session) deleteAfter(ctx context.Context, tx pgx.Tx, version int) error {
	for _, table := range []string{"schema_migrations", "later_indexes"} {
		if _, err := tx.Exec(ctx, "DELETE FROM romashka."+table+" WHERE version > $1", version); err != nil {
			return fmt.Errorf("record version: %w", err)
		}
	}
	return nil
}

// execer is a connection or a transaction.
type execer interface {
	Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error)
}

// runFile runs one of the files of sql/migrator.
func runFile(ctx context.Context, on execer, name string, args ...any) error {
	text, err := readFile(name)
	if err != nil {
		return err
	}
	if _, err := on.Exec(ctx, text, args...); err != nil {
		return fmt.Errorf("run %s: %w", name, located(text, err))
	}
	return nil
}

func readFile(name string) (string, error) {
	text, err := sql.Migrator.ReadFile("migrator/" + name)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return string(text), nil
}
