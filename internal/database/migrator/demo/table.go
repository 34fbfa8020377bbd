package demo

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// table holds the rows for one table.
type table struct {
	schema, name string
	columns      []string
	rows         int
	each         iter.Seq[[]any] // values in the order of columns
}

// newTable is one of n rows in schema public.
func newTable(name string, n int, columns []string, row func(i int) []any) table {
	return table{schema: "public", name: name, columns: columns, rows: n, each: func(yield func([]any) bool) {
		for i := range n {
			if !yield(row(i)) {
				return
			}
		}
	}}
}

// copyTo writes the table. Columns that the database does not have are left
// out: projects differ in those of the base tables.
func (t table) copyTo(ctx context.Context, tx pgx.Tx, step func()) error {
	present, err := columnsOf(ctx, tx, t.schema, t.name)
	if err != nil {
		return err
	}
	var kept []int
	var columns []string
	for i, column := range t.columns {
		if slices.Contains(present, column) {
			kept, columns = append(kept, i), append(columns, column)
		}
	}
	next, stop := iter.Pull(t.each)
	defer stop()
	values := make([]any, len(kept))
	source := pgx.CopyFromFunc(func() ([]any, error) {
		row, ok := next()
		if !ok {
			return nil, nil
		}
		for i, k := range kept {
			values[i] = row[k]
		}
		step()
		return values, nil
	})
	n, err := tx.CopyFrom(ctx, pgx.Identifier{t.schema, t.name}, columns, source)
	if err == nil && n != int64(t.rows) {
		err = fmt.Errorf("%d rows, planned were %d", n, t.rows)
	}
	if err != nil {
		return fmt.Errorf("fill %s: %w", t.name, err)
	}
	return nil
}

// upsert writes the rows one by one. Of one that is there, columns are changed
// that differ, or none where keep is set.
func (t table) upsert(ctx context.Context, tx pgx.Tx, keep bool) error {
	present, err := columnsOf(ctx, tx, t.schema, t.name)
	if err != nil {
		return err
	}
	key, err := keyOf(ctx, tx, t.schema, t.name)
	if err != nil {
		return err
	}
	var kept []int
	var columns, places, news []string
	for i, column := range t.columns {
		if slices.Contains(present, column) {
			kept, columns = append(kept, i), append(columns, pgx.Identifier{column}.Sanitize())
			places, news = append(places, fmt.Sprintf("$%d", len(kept))), append(news, "EXCLUDED."+pgx.Identifier{column}.Sanitize())
		}
	}
	name, names := pgx.Identifier{t.schema, t.name}.Sanitize(), strings.Join(columns, ", ")
	query := fmt.Sprintf("INSERT INTO %s AS t (%s) VALUES (%s) ON CONFLICT (%s) DO ", name, names, strings.Join(places, ", "), key)
	if keep {
		query += "NOTHING"
	} else {
		query += fmt.Sprintf("UPDATE SET (%s) = ROW(%s) WHERE (t.%s) IS DISTINCT FROM (%s)", names, strings.Join(news, ", "), strings.Join(columns, ", t."), strings.Join(news, ", "))
	}
	for row := range t.each {
		values := make([]any, len(kept))
		for i, k := range kept {
			values[i] = row[k]
		}
		if _, err := tx.Exec(ctx, query, values...); err != nil {
			return fmt.Errorf("go on with %s: %w", t.name, err)
		}
	}
	return nil
}

func columnsOf(ctx context.Context, tx pgx.Tx, schema, name string) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
		JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''`, schema, name)
	if err != nil {
		return nil, fmt.Errorf("read columns of %s: %w", name, err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read columns of %s: %w", name, err)
	}
	return columns, nil
}

// keyOf is the primary key, as a list of columns: a partitioned log has the time in it.
func keyOf(ctx context.Context, tx pgx.Tx, schema, name string) (key string, err error) {
	err = tx.QueryRow(ctx, `SELECT string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_index AS i
		JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
		WHERE i.indisprimary AND i.indrelid = pg_catalog.format('%I.%I', $1::text, $2::text)::regclass HAVING count(*) > 0`, schema, name).Scan(&key)
	if err != nil {
		return "", fmt.Errorf("read key of %s: %w", name, err)
	}
	return key, nil
}
