package twofactor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/sql"
)

// DB begins transactions as the role of romashka-db-background-uri;
// *pgxpool.Pool satisfies it.
type DB interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// texts are the statements of sql/twofactor by name.
type texts map[string]string

func readTexts() (texts, error) {
	list := texts{}
	names, err := fs.Glob(sql.TwoFactor, "twofactor/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list statements: %w", err)
	}
	for _, name := range names {
		text, err := sql.TwoFactor.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read statement: %w", err)
		}
		list[strings.TrimSuffix(path.Base(name), ".sql")] = string(text)
	}
	return list, nil
}

// store runs statements by name in one transaction.
type store struct {
	tx    pgx.Tx
	texts texts
}

// do reports how many rows a statement has changed.
func (s store) do(ctx context.Context, name string, args ...any) (int64, error) {
	tag, err := s.tx.Exec(ctx, s.texts[name], args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return tag.RowsAffected(), nil
}

// one reads a single row as a struct by column names, or a value; found is
// false without a row.
func one[T any](ctx context.Context, s store, name string, to pgx.RowToFunc[T], args ...any) (value T, found bool, err error) {
	rows, err := s.tx.Query(ctx, s.texts[name], args...)
	if err == nil {
		value, err = pgx.CollectExactlyOneRow(rows, to)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return value, false, nil
	}
	if err != nil {
		return value, false, fmt.Errorf("%s: %w", name, err)
	}
	return value, true, nil
}
