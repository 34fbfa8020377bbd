package migrator

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// conflicts are questions about rows, asked only of a column that exists: the rows
// counted there stand in the way of a key which a migration will add.
// A read-only table.
var conflicts = []struct{ relation, column, count, remedy string }{
	{
		"public.two_factor_auth", "user_id",
		"SELECT count(*) FROM (SELECT FROM public.two_factor_auth GROUP BY user_id HAVING count(*) > 1 OR user_id IS NULL) AS t",
		"delete the rows without user_id and all but the newest of each user",
	},
	{
		"public.predictive_analytics", "prediction_date",
		"SELECT count(*) FROM (SELECT FROM public.predictive_analytics GROUP BY prediction_type, prediction_date HAVING count(*) > 1) AS t",
		"delete all but the newest prediction of each type and date",
	},
	{
		"public.data_retention_policies", "data_category",
		"SELECT count(*) FROM (SELECT FROM public.data_retention_policies GROUP BY data_category HAVING count(*) > 1) AS t",
		"delete all but one policy of each category",
	},
}

// preflight returns a *RefusedError if a migration would fail for want of
// something or because of objects that are already there.
func (s *session) preflight(ctx context.Context) error {
	problems, err := s.lateMigrations(ctx)
	if err != nil {
		return err
	}
	for _, file := range []string{"prerequisites.sql", "shapes.sql"} {
		query, err := readFile(file)
		if err != nil {
			return err
		}
		rows, err := s.conn.Query(ctx, query)
		if err != nil {
			return fmt.Errorf("check database: %w", err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Problem])
		if err != nil {
			return fmt.Errorf("check database: %w", err)
		}
		problems = append(problems, found...)
	}
	found, err := s.conflicts(ctx)
	if err != nil {
		return err
	}
	if problems = append(problems, found...); len(problems) > 0 {
		return &RefusedError{Problems: problems}
	}
	return nil
}

// lateMigrations finds pending migrations that golang-migrate would pass over,
// because a newer one is applied.
func (s *session) lateMigrations(ctx context.Context) (problems []Problem, err error) {
	applied, err := s.applied(ctx)
	if err != nil {
		return nil, err
	}
	status := Status{Migrations: merge(s.plan, applied)}
	for _, m := range status.Migrations {
		if !m.Applied() && m.Version < status.Version() {
			problems = append(problems, Problem{
				Object: "migration " + m.Name(),
				Fault:  fmt.Sprintf("is older than %d, which is applied", status.Version()),
				Remedy: "go down below it first, or give it a newer version",
			})
		}
	}
	return problems, nil
}

func (s *session) conflicts(ctx context.Context) (problems []Problem, err error) {
	for _, c := range conflicts {
		var exists bool
		const lookup = `SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute
			WHERE attrelid = pg_catalog.to_regclass($1) AND attname = $2 AND NOT attisdropped)`
		if err := s.conn.QueryRow(ctx, lookup, c.relation, c.column).Scan(&exists); err != nil {
			return nil, fmt.Errorf("check rows: %w", err)
		}
		if !exists {
			continue
		}
		var n int
		if err := s.conn.QueryRow(ctx, c.count).Scan(&n); err != nil {
			return nil, fmt.Errorf("check rows of %s: %w", c.relation, err)
		}
		if n > 0 {
			problems = append(problems, Problem{
				Object: fmt.Sprintf("table %s, column %s", c.relation, c.column),
				Fault:  fmt.Sprintf("has %d values that cannot be a key", n),
				Remedy: c.remedy,
			})
		}
	}
	return problems, nil
}
