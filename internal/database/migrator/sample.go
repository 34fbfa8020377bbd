package migrator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator/demo"
	"github.com/romashka/sidecar/sql"
)

// ErrNoProfile is returned by LoadSample when there is nobody to whom the
// sample's sessions could belong.
var ErrNoProfile = errors.New("load sample: no profile with that email, or none at all")

// LoadSample adds the seed's sample rows, in one transaction. Each has a key of
// its own, so that loading them again adds nothing.
func (m *Migrator) LoadSample(ctx context.Context) error {
	return m.exclusively(ctx, func(s *session) error {
		owner, err := s.sampleOwner(ctx)
		if err != nil {
			return err
		}
		return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error { return loadSample(ctx, tx, owner) })
	})
}

func (s *session) sampleOwner(ctx context.Context) (id string, err error) {
	query, err := readFile("sample_owner.sql")
	if err != nil {
		return "", err
	}
	err = s.conn.QueryRow(ctx, query, s.opts.SampleOwner).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", ErrNoProfile
	}
	if err != nil {
		return "", fmt.Errorf("load sample: find its owner: %w", err)
	}
	return id, nil
}

func loadSample(ctx context.Context, tx pgx.Tx, owner string) error {
	names, err := fs.Glob(sql.Sample, "sample/*.sql")
	if err != nil {
		return fmt.Errorf("list sample: %w", err)
	}
	for _, name := range names {
		text, err := sql.Sample.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read sample: %w", err)
		}
		var args []any
		if strings.Contains(string(text), "$1") {
			args = append(args, owner)
		}
		if _, err := tx.Exec(ctx, string(text), args...); err != nil {
			return fmt.Errorf("load %s: %w", name, located(string(text), err))
		}
	}
	return nil
}

// DropSample deletes the sample's rows: beside a world that is there, they are of
// another one.
func (m *Migrator) DropSample(ctx context.Context) error {
	return m.exclusively(ctx, func(s *session) error {
		for _, table := range []string{"business_intelligence", "predictive_analytics", "security_incidents", "compliance_results", "security_sessions"} {
			if _, err := s.conn.Exec(ctx, "DELETE FROM public."+table+" WHERE id::text LIKE '5eed%'"); err != nil {
				return fmt.Errorf("delete the sample's rows of %s: %w", table, err)
			}
		}
		return nil
	})
}

// LoadDemo fills a demo tenant, on a database that has all migrations.
func (m *Migrator) LoadDemo(ctx context.Context, o demo.Options) error {
	return m.exclusively(ctx, func(s *session) error {
		pending, err := s.pending(ctx)
		if err != nil {
			return err
		}
		if len(pending) > 0 {
			return fmt.Errorf("load demo: %d migrations are pending; apply them first", len(pending))
		}
		if err := demo.Load(ctx, s.conn, o); err != nil {
			return fmt.Errorf("load demo: %w", err)
		}
		return nil
	})
}
