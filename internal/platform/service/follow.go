package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// Follower keeps the contents of a table at hand, so that no request asks the database
// for it: it looks when NOTIFY announces a change, and every few seconds where that is
// not possible. While the database is away its reader keeps the last contents. It is
// used by one goroutine.
type Follower struct {
	DB      *Database
	Logger  *slog.Logger
	What    string        // for the log, as "which sessions have ended"
	Channel string        // of NOTIFY
	Look    time.Duration // the longest time between two looks
	Present string        // a statement that returns, as one boolean, whether the tables are there
	// Read takes the changes. anew says that nothing that was read before is
	// to be relied on.
	Read func(ctx context.Context, conn *pgx.Conn, anew bool) error
	// Changes asks for a look at once; may be nil.
	Changes <-chan struct{}

	conn      *pgx.Conn
	listening bool
	failing   bool
	missing   bool
	anew      bool
}

const followRetry = 10 * time.Second

// Run follows until ctx ends.
func (f *Follower) Run(ctx context.Context) {
	defer f.close()
	wait := NewBackoff(time.Second, followRetry, 0.2)
	for ctx.Err() == nil {
		pause := f.Look
		if err := f.look(ctx); err != nil {
			pause = wait.Next()
			f.failed(ctx, err)
		} else {
			wait.Reset()
			f.recovered(ctx)
		}
		f.await(ctx, pause)
	}
}

func (f *Follower) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, followRetry)
	defer cancel()
	if err := f.connect(ctx); err != nil || f.missing {
		return err
	}
	if err := f.Read(ctx, f.conn, f.anew); err != nil {
		return fmt.Errorf("read %s: %w", f.What, err)
	}
	f.anew = false
	return nil
}

// connect listens where the way to the database keeps sessions; elsewhere the
// looks have to do.
func (f *Follower) connect(ctx context.Context) error {
	if f.conn != nil && !f.conn.IsClosed() && !f.missing {
		return nil
	}
	if f.conn == nil || f.conn.IsClosed() {
		conn, err := f.DB.Connect(ctx, Session)
		var pooler *PoolerError
		f.listening, f.anew = err == nil, true
		if errors.As(err, &pooler) {
			conn, err = f.DB.Connect(ctx, Statement)
		}
		if err != nil {
			return err
		}
		f.conn = conn
	}
	var present bool
	if err := f.conn.QueryRow(ctx, f.Present).Scan(&present); err != nil {
		return fmt.Errorf("look whether the tables are there: %w", err)
	}
	if f.missing = !present; f.missing {
		return nil
	}
	if f.listening {
		if _, err := f.conn.Exec(ctx, "LISTEN "+f.Channel); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
	}
	return nil
}

// await returns after pause, or when something has changed.
func (f *Follower) await(ctx context.Context, pause time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, pause)
	defer cancel()
	if f.conn == nil || f.conn.IsClosed() || !f.listening || f.missing {
		select {
		case <-ctx.Done():
		case <-f.Changes:
		}
		return
	}
	_, err := f.conn.WaitForNotification(ctx)
	if err != nil && ctx.Err() == nil {
		f.conn.Close(ctx) // the next look makes another
	}
}

func (f *Follower) failed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	f.close()
	if !f.failing {
		f.failing = true
		f.Logger.LogAttrs(ctx, slog.LevelWarn, f.What+" cannot be read; the last known list holds", slog.Any("err", err))
	}
}

func (f *Follower) recovered(ctx context.Context) {
	if f.failing {
		f.failing = false
		f.Logger.LogAttrs(ctx, slog.LevelWarn, f.What+" is known again")
	}
}

func (f *Follower) close() {
	if f.conn != nil {
		Close(context.Background(), f.conn)
		f.conn = nil
	}
}
