package migrator

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Problem is one thing that stands in the way of a migration.
type Problem struct {
	Object string `json:"object"` // "table public.profiles", "role anon"
	Fault  string `json:"fault"`  // "is missing"
	Remedy string `json:"remedy"`
}

// RefusedError says why nothing was changed, one line for each problem.
type RefusedError struct{ Problems []Problem }

func (e *RefusedError) Error() string {
	var b strings.Builder
	b.WriteString("nothing was changed:")
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n  %s %s: %s", p.Object, p.Fault, p.Remedy)
	}
	return b.String()
}

// located adds the line of text at which PostgreSQL stopped, and its hint.
func located(text string, err error) error {
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) {
		return err
	}
	where := ""
	if runes := []rune(text); pgErr.Position > 0 && int(pgErr.Position) <= len(runes) {
		where = fmt.Sprintf("line %d: ", 1+strings.Count(string(runes[:pgErr.Position-1]), "\n"))
	}
	if pgErr.Hint != "" {
		return fmt.Errorf("%s%w; %s", where, err, pgErr.Hint)
	}
	return fmt.Errorf("%s%w", where, err)
}
