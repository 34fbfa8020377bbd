package migrator

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// lockKey is the advisory lock of whoever changes the schema. Any constant
// would do; this one is "romashka" in ASCII.
const lockKey = int64(0x726f6d6173686b61)

// lockPoll is how often a waiter asks again. It polls because a statement that
// waits inside PostgreSQL holds a snapshot, which an index built concurrently
// by the other would wait for in turn.
const lockPoll = 250 * time.Millisecond

// closeTimeout bounds the farewell to the server.
const closeTimeout = 5 * time.Second

// session is one connection at work for one call of a Migrator's method.
type session struct {
	*Migrator
	conn *pgx.Conn
}

// connect opens a session without the timeouts that roles of a project have:
// a migration takes as long as it takes.
func (m *Migrator) connect(ctx context.Context) (*session, error) {
	cfg := m.conn.Copy()
	cfg.OnNotice = m.notice
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	s := &session{Migrator: m, conn: conn}
	const settings = `
		SET statement_timeout = 0;
		SET lock_timeout = 0;
		SET idle_in_transaction_session_timeout = 0;
		SET search_path = '';
		SELECT pg_catalog.set_config(name, '2000', false) FROM pg_catalog.pg_settings
		WHERE name = 'client_connection_check_interval' AND setting = '0' -- ms; since 14: a killed migrator lets go of its locks`
	if _, err := conn.Exec(ctx, settings); err != nil {
		s.close(ctx)
		return nil, fmt.Errorf("prepare session: %w", err)
	}
	return s, nil
}

func (s *session) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	_ = s.conn.Close(ctx) // the server notices either way
}

// exclusively runs act in a session that holds the advisory lock. The lock
// ends with the connection, however that ends.
func (m *Migrator) exclusively(ctx context.Context, act func(*session) error) error {
	s, err := m.connect(ctx)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	if err := s.lock(ctx); err != nil {
		return fmt.Errorf("wait for another migration: %w", err)
	}
	defer s.unlock(ctx)
	return act(s)
}

// unlock lets the next one in now: the server takes its time to notice that a
// connection is closed.
func (s *session) unlock(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	_, _ = s.conn.Exec(ctx, "SELECT pg_catalog.pg_advisory_unlock($1)", lockKey) // closing does it otherwise
}

func (s *session) lock(ctx context.Context) error {
	ticker := time.NewTicker(lockPoll)
	defer ticker.Stop()
	for waited := false; ; waited = true {
		var held bool
		if err := s.conn.QueryRow(ctx, "SELECT pg_catalog.pg_try_advisory_lock($1)", lockKey).Scan(&held); err != nil {
			return err
		}
		if held {
			return nil
		}
		if !waited {
			s.opts.Logger.InfoContext(ctx, "another migration is under way, waiting")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// reloadSchema makes every listener read the schema again, PostgREST included.
func (s *session) reloadSchema(ctx context.Context) error {
	if _, err := s.conn.Exec(ctx, "NOTIFY pgrst, 'reload schema'"); err != nil {
		return fmt.Errorf("notify listeners: %w", err)
	}
	return nil
}

// notice logs what migrations have to say: warnings are about rows that could
// not be brought under a rule, the rest is "already exists, skipping".
func (m *Migrator) notice(_ *pgconn.PgConn, n *pgconn.Notice) {
	level := slog.LevelDebug
	if n.SeverityUnlocalized == "WARNING" {
		level = slog.LevelWarn
	}
	m.opts.Logger.Log(context.Background(), level, n.Message)
}
