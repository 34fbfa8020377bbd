package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/platform/jobs"
	"github.com/romashka/sidecar/sql"
)

// Limits end sessions without a word of anybody; 0 = never.
type Limits struct {
	Idle    time.Duration // since the last request
	Longest time.Duration // since the first
}

// Every is how often the job is to run: a sign-out at Supabase is to be known
// within 5 s, NOTIFY and the next request included.
const Every = 3 * time.Second

// Sweep is the job: it ends the sessions that Supabase Auth no longer has, and
// those that are beyond the limits.
func (l Limits) Sweep(ctx context.Context, conn *pgx.Conn) (jobs.Result, error) {
	var present bool
	if err := conn.QueryRow(ctx, sql.SessionPresent).Scan(&present); err != nil || !present {
		return jobs.Result{Idle: true}, err
	}
	gone, err := l.gone(ctx, conn)
	if err != nil {
		return jobs.Result{}, err
	}
	var over int
	err = jobs.Write(ctx, conn, func(tx pgx.Tx) error {
		if l.Idle > 0 || l.Longest > 0 {
			if err := tx.QueryRow(ctx, sql.SessionSweep, l.Idle.Seconds(), l.Longest.Seconds()).Scan(&over); err != nil {
				return fmt.Errorf("end what is over: %w", err)
			}
		}
		_, err := tx.Exec(ctx, sql.SessionForget)
		return err
	})
	if err != nil {
		return jobs.Result{}, err
	}
	return jobs.Result{Text: fmt.Sprintf("%d signed out at Supabase, %d over", gone, over), Idle: gone+over == 0, More: over == 1000}, nil
}

// gone passes where auth.sessions cannot be seen, or is not there: then nobody
// knows of sign-outs that do not pass through here.
func (l Limits) gone(ctx context.Context, conn *pgx.Conn) (n int, err error) {
	err = jobs.Write(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL row_security = off"); err != nil {
			return err
		}
		return tx.QueryRow(ctx, sql.SessionGone).Scan(&n)
	})
	var refused *pgconn.PgError
	if errors.As(err, &refused) && (refused.Code == pgerrcode.InsufficientPrivilege || refused.Code == pgerrcode.UndefinedTable || refused.Code == pgerrcode.InvalidSchemaName) {
		return 0, nil
	}
	return n, err
}
