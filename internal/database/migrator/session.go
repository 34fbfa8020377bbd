package migrator

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/platform/service"
)

// lockKey is the advisory lock of a run that changes the schema. Any constant
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
	conn    *pgx.Conn
	process uint32 // of the server, that holds the lock; 0 = none does
}

// connect opens a session. The way must keep it for as long as need says.
func (m *Migrator) connect(ctx context.Context, need service.Scope) (*session, error) {
	conn, err := m.db.Connect(ctx, need)
	if err != nil {
		return nil, err
	}
	return &session{Migrator: m, conn: conn}, nil
}

// configure takes away the time limits that roles of a project have, since a
// migration takes as long as it takes, and their settings for the text in
// which definitions are given, since that is compared. local holds until the
// transaction ends, otherwise the session is set, which must be ours.
func (s *session) configure(ctx context.Context, local bool) error {
	text, err := readFile("settings.sql")
	if err == nil {
		_, err = s.conn.Exec(ctx, text, local)
	}
	if err != nil {
		return fmt.Errorf("prepare session: %w", err)
	}
	return nil
}

// read runs act in one read-only transaction, which a pooler carries too: it
// leaves nothing in a session.
func (m *Migrator) read(ctx context.Context, act func(*session) error) error {
	s, err := m.connect(ctx, service.Transaction)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	readOnly := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, s.conn, readOnly, func(pgx.Tx) error {
		if err := s.configure(ctx, true); err != nil {
			return err
		}
		return act(s)
	})
}

func (s *session) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	_ = s.conn.Close(ctx) // the server notices either way
}

// exclusively runs act in a session that holds the advisory lock. The lock
// ends with the connection, however that ends.
func (m *Migrator) exclusively(ctx context.Context, act func(*session) error) error {
	s, err := m.connect(ctx, service.Session)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	if err := s.configure(ctx, false); err != nil {
		return err
	}
	if err := s.lock(ctx); err != nil {
		return fmt.Errorf("wait for another migration: %w", err)
	}
	defer s.unlock(ctx)
	return act(s)
}

// unlock lets the next one in now: the server takes its time to notice that a
// connection is closed. If a pooler has taken the session away against all
// it had shown, the lock is looked for until the session comes by again.
func (s *session) unlock(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	const statement = "SELECT CASE pg_catalog.pg_backend_pid() WHEN $2 THEN pg_catalog.pg_advisory_unlock($1) END"
	const attempts = 100
	for range attempts {
		var released *bool
		if err := s.conn.QueryRow(ctx, statement, lockKey, int32(s.process)).Scan(&released); err != nil || released != nil {
			return // closing does it otherwise
		}
	}
}

func (s *session) lock(ctx context.Context) error {
	ticker := time.NewTicker(lockPoll)
	defer ticker.Stop()
	for waited := false; ; waited = true {
		var held bool
		if err := s.conn.QueryRow(ctx, "SELECT pg_catalog.pg_try_advisory_lock($1), pg_catalog.pg_backend_pid()", lockKey).Scan(&held, &s.process); err != nil {
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

// notice logs the messages of migrations: warnings are about rows that could
// not be brought under a rule, the rest is "already exists, skipping".
func (m *Migrator) notice(_ *pgconn.PgConn, n *pgconn.Notice) {
	level := slog.LevelDebug
	if n.SeverityUnlocalized == "WARNING" {
		level = slog.LevelWarn
	}
	m.opts.Logger.Log(context.Background(), level, n.Message)
}
