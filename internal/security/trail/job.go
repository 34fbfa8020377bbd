package trail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/platform/jobs"
	"github.com/romashka/sidecar/sql"
)

// Every is how often the job is to run.
const Every = 10 * time.Second

// batch is how many lines are sealed in one transaction.
const batch = 5000

// Job is the job audit.
func Job(k Keys) jobs.Func {
	return func(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
		var present bool
		if err := conn.QueryRow(ctx, sql.TrailPresent).Scan(&present); err != nil || !present {
			return jobs.Result{Idle: true}, err
		}
		var gathered int
		if err := jobs.Write(ctx, conn, func(tx pgx.Tx) error { return tx.QueryRow(ctx, sql.TrailGather).Scan(&gathered) }); err != nil {
			return jobs.Result{}, fmt.Errorf("read the API log: %w", err)
		}
		sealed, err := seal(ctx, conn, &k)
		if err != nil {
			return jobs.Result{}, err
		}
		deleted, err := retain(ctx, conn, &k)
		if err != nil {
			return jobs.Result{}, err
		}
		text := fmt.Sprintf("%d lines of the API log, %d sealed", gathered, sealed)
		if deleted > 0 {
			text += fmt.Sprintf(", %d deleted by retention", deleted)
		}
		if !k.Signs() {
			text += "; not signed: neither romashka-secret-key nor jwt-secret is set"
		}
		return jobs.Result{Text: text, Idle: gathered+sealed == 0 && deleted == 0}, nil
	}
}

// seal seals the lines that wait, batch by batch, and signs the end of the chain.
func seal(ctx context.Context, conn *pgx.Conn, k *Keys) (all int, err error) {
	for {
		n := 0
		err := jobs.Write(ctx, conn, func(tx pgx.Tx) error {
			var seq int64
			var hash []byte
			if err := tx.QueryRow(ctx, sql.TrailSeal, batch).Scan(&n, &seq, &hash); err != nil || n == 0 {
				return err
			}
			at := time.Now().UTC().Truncate(time.Microsecond)
			public, signature := k.sign(messageOf(checkpoint, seq, hash, at))
			_, err := tx.Exec(ctx, sql.TrailCheckpoint, seq, hash, at, public, signature)
			return err
		})
		if err != nil {
			return all, fmt.Errorf("seal the trail: %w", err)
		}
		if all += n; n < batch {
			return all, nil
		}
	}
}

// retain deletes lines older than data_retention_policies lets us keep, behind a
// signed checkpoint; without a key nothing is.
func retain(ctx context.Context, conn *pgx.Conn, k *Keys) (deleted int64, err error) {
	if !k.Signs() {
		return 0, nil
	}
	err = jobs.Write(ctx, conn, func(tx pgx.Tx) error {
		var seq int64
		var hash []byte
		err := tx.QueryRow(ctx, sql.TrailDue).Scan(&seq, &hash)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		at := time.Now().UTC().Truncate(time.Microsecond)
		_, signature := k.sign(messageOf(cut, seq, hash, at))
		return tx.QueryRow(ctx, sql.TrailCut, seq, at, signature).Scan(&deleted)
	})
	if err != nil {
		return 0, fmt.Errorf("cut the trail: %w", err)
	}
	return deleted, nil
}
