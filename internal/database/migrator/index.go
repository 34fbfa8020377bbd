package migrator

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator/ddl"
)

// laterIndex is an index that a migration has left to be built after it,
// because its table is large: in a transaction it would keep writers out.
type laterIndex struct {
	name      string
	statement string // with CONCURRENTLY
}

// postpone takes the indexes out of a migration's text that are to be built
// concurrently. The text keeps its length, so that an error's place holds.
func (s *session) postpone(ctx context.Context, text string) (string, []laterIndex, error) {
	if !strings.Contains(text, "INDEX") {
		return text, nil, nil
	}
	catalog, err := s.catalog(ctx)
	if err != nil {
		return "", nil, err
	}
	var later []laterIndex
	for _, statement := range ddl.Split(text) {
		x, ok := ddl.ReadIndex(statement)
		if !ok || !s.isLater(catalog, x, text) {
			continue
		}
		later = append(later, laterIndex{name: x.Name, statement: x.Concurrently(statement)})
		blank := strings.Map(func(r rune) rune {
			if r == '\n' {
				return r
			}
			return ' '
		}, statement.Text)
		text = text[:statement.Start] + blank + text[statement.End:]
	}
	return text, later, nil
}

// isLater reports whether one index of a migration's text is built after it. A
// unique one that the text itself may rely on stays where it is.
func (s *session) isLater(catalog ddl.Catalog, x ddl.Index, text string) bool {
	table := catalog.Relations[x.Table]
	if table == nil || x.Unique && strings.Contains(text, "ON CONFLICT") {
		return false
	}
	if _, exists := table.Parts[ddl.PartKey("index", x.Name)]; exists {
		return false
	}
	_, broken := table.Parts[ddl.PartKey("invalid index", x.Name)] // IF NOT EXISTS would be content with it
	return broken || table.Bytes >= s.opts.LargeTable
}

// noteLater records, with the migration itself, the indexes that are left to build.
func (s *session) noteLater(ctx context.Context, tx pgx.Tx, version int, later []laterIndex) error {
	for _, x := range later {
		_, err := tx.Exec(ctx, `INSERT INTO romashka.later_indexes (name, version, statement) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET version = EXCLUDED.version, statement = EXCLUDED.statement`, x.name, version, x.statement)
		if err != nil {
			return fmt.Errorf("note index %s for later: %w", x.name, err)
		}
	}
	return nil
}

// laterIndexes are those still to be built; on a database without a history, none.
func (s *session) laterIndexes(ctx context.Context) ([]laterIndex, error) {
	var has bool
	if err := s.conn.QueryRow(ctx, "SELECT pg_catalog.to_regclass('romashka.later_indexes') IS NOT NULL").Scan(&has); err != nil || !has {
		return nil, err
	}
	rows, err := s.conn.Query(ctx, "SELECT name, statement FROM romashka.later_indexes ORDER BY version, name")
	if err != nil {
		return nil, fmt.Errorf("read indexes to build: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (x laterIndex, err error) {
		return x, row.Scan(&x.name, &x.statement)
	})
	if err != nil {
		return nil, fmt.Errorf("read indexes to build: %w", err)
	}
	return list, nil
}

// buildIndexes builds the indexes that migrations have left, each on its own and without
// keeping anybody out, and returns how many. One that was cut short before is
// invalid and built anew.
func (s *session) buildIndexes(ctx context.Context) (int, error) {
	list, err := s.laterIndexes(ctx)
	if err != nil {
		return 0, err
	}
	for i, x := range list {
		started := time.Now()
		if err := s.buildIndex(ctx, x); err != nil {
			return i, fmt.Errorf("build index %s: %w", x.name, err)
		}
		s.done(ctx, Step{Name: "index " + x.name, Elapsed: time.Since(started)})
	}
	return len(list), nil
}

func (s *session) buildIndex(ctx context.Context, x laterIndex) error {
	const lookup = `SELECT i.indexrelid::regclass::text FROM pg_catalog.pg_index AS i
		JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE c.relname = $1 AND n.nspname IN ('public', 'romashka') AND NOT i.indisvalid`
	rows, err := s.conn.Query(ctx, lookup, x.name)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names { // quoted
		if _, err := s.conn.Exec(ctx, "DROP INDEX CONCURRENTLY "+name); err != nil {
			return err
		}
	}
	stop := s.watchIndex(ctx, x.name)
	_, err = s.conn.Exec(ctx, x.statement)
	stop()
	if err != nil {
		return located(x.statement, err)
	}
	_, err = s.conn.Exec(ctx, "DELETE FROM romashka.later_indexes WHERE name = $1", x.name)
	return err
}
