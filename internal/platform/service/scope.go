package service

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Scope is how long a connection keeps its session of the database, and with
// it settings, locks and LISTEN.
type Scope int32

const (
	Statement   Scope = iota + 1 // a pooler in statement mode: there is no BEGIN
	Transaction                  // a pooler in transaction mode
	Session                      // the server itself, or a pooler in session mode
)

func (s Scope) String() string {
	switch s {
	case Statement:
		return "statement"
	case Transaction:
		return "transaction"
	case Session:
		return "session"
	}
	return "unknown"
}

// PoolerError says that a way to the database keeps less than its user needs.
type PoolerError struct {
	Setting     string // the way's
	Need, Keeps Scope
}

func (e *PoolerError) Error() string {
	if e.Need == Transaction {
		return fmt.Sprintf("%s leads through a pooler in %s mode, which takes no transactions, and nothing was done; "+
			"set it to the server itself, or to a pooler in transaction or session mode", e.Setting, e.Keeps)
	}
	return fmt.Sprintf("%s leads through a pooler in %s mode, where locks, settings and LISTEN of a session would be left in sessions of others, and nothing was done; "+
		"set romashka-db-direct-uri to the server itself, or to a pooler in session mode (at Supabase port 5432 instead of 6543)", e.Setting, e.Keeps)
}

// supabasePort is where Supabase's pooler works in transaction mode.
const supabasePort = 6543

// Keeps finds out how long conn keeps its session. It leaves nothing behind.
//
// The server itself gives a connection the id of the process that serves it. A
// pooler gives a number of its own; then a second connection shows whether the
// two have sessions of their own. The result is remembered.
func (d *Database) Keeps(ctx context.Context, conn *pgx.Conn) (Scope, error) {
	keeps, err := d.find(ctx, conn)
	if err != nil && ctx.Err() == nil && pgconn.Timeout(err) {
		err = errors.New("no session of the database became free in time")
	}
	if err != nil {
		return 0, fmt.Errorf("find out what %s leads through: %w", d.setting, err)
	}
	return keeps, nil
}

// patience is how long an answer may take that costs nothing. A pooler lets
// clients wait for minutes while all its sessions are in use.
const patience = 3 * time.Second

func (d *Database) find(ctx context.Context, conn *pgx.Conn) (Scope, error) {
	const queued = 2 * patience
	waiting, cancel := context.WithTimeout(ctx, queued)
	defer cancel()
	own, err := process(waiting, conn)
	switch known := Scope(d.keeps.Load()); {
	case err != nil:
		return 0, err
	case own == conn.PgConn().PID():
		return Session, nil
	case known != 0:
		return known, nil
	}
	keeps, err := d.compare(ctx, conn, own)
	if err == nil {
		d.keeps.Store(int32(keeps))
	}
	return keeps, err
}

// compare distinguishes the modes of a pooler.
func (d *Database) compare(ctx context.Context, conn *pgx.Conn, own uint32) (Scope, error) {
	hinted := d.pooler || d.config.Port == supabasePort
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	other, err := d.open(waiting)
	if err == nil {
		defer Close(ctx, other)
	}
	shared := hinted
	if err == nil && !hinted {
		shared, err = share(waiting, conn, own, other)
	}
	switch {
	case err == nil && shared:
		return transactions(waiting, other)
	case err == nil:
		return Session, nil
	case ctx.Err() != nil || waiting.Err() == nil || conn.IsClosed():
		return 0, err
	case hinted:
		return Transaction, nil
	}
	// There was no session for a second client. In session mode the first has
	// the one that there is, and is not waiting for it now.
	again, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	now, err := process(again, conn)
	switch {
	case err != nil:
		return 0, err
	case now != own:
		return Transaction, nil
	default:
		return Session, nil
	}
}

// share reports whether sessions go from one of two idle connections to the
// other. Asked twice in a row, a pooler that takes turns shows itself; asked
// alternately, one that gives the connection used last.
func share(ctx context.Context, conn *pgx.Conn, own uint32, other *pgx.Conn) (bool, error) {
	const rounds = 4 // others may be at work, too
	second, err := process(ctx, other)
	for range rounds {
		for _, on := range []*pgx.Conn{conn, conn, other, other} {
			if err != nil || second == own {
				return err == nil, err
			}
			var now uint32
			now, err = process(ctx, on)
			if on == conn && now != own || on == other && now != second {
				return err == nil, err
			}
		}
	}
	return false, err
}

// transactions reports whether a pooler that shares sessions takes transactions.
func transactions(ctx context.Context, conn *pgx.Conn) (Scope, error) {
	_, err := conn.PgConn().Exec(ctx, "BEGIN READ ONLY").ReadAll()
	var refusal *pgconn.PgError
	switch {
	case errors.As(err, &refusal) && refusal.Code == pgerrcode.ProtocolViolation: // as PgBouncer calls it
		return Statement, nil
	case err != nil:
		return 0, err
	}
	_, err = conn.PgConn().Exec(ctx, "ROLLBACK").ReadAll()
	return Transaction, err
}

// process is the server's that answers.
func process(ctx context.Context, conn *pgx.Conn) (uint32, error) {
	results, err := conn.PgConn().Exec(ctx, "SELECT pg_catalog.pg_backend_pid()").ReadAll()
	if err != nil {
		return 0, err
	}
	if len(results) != 1 || len(results[0].Rows) != 1 {
		return 0, errors.New("no answer to pg_backend_pid()")
	}
	pid, err := strconv.ParseUint(string(results[0].Rows[0][0]), 10, 32)
	return uint32(pid), err
}
