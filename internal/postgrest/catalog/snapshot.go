package catalog

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// lanes is how many connections read the catalog side by side, where there may
// be so many.
const lanes = 2

// closeTimeout is for the farewell to a server that may be gone.
const closeTimeout = time.Second

// aloneWait is the first wait of [connectAlone], maxAloneWait the last: 0.6 s in all.
const (
	aloneWait    = 10 * time.Millisecond
	maxAloneWait = 32 * aloneWait
)

// snapshot is one view of the database in several read-only transactions.
type snapshot struct {
	conns []*pgx.Conn // at least one
	txs   []pgx.Tx
}

// openSnapshot connects and exports a snapshot, so that all transactions see the same state.
//
// One connection is enough: there may be no place for more. Behind a pooler it
// is the only one, as a second may wait for the session that the first has.
func openSnapshot(ctx context.Context, connect Connect) (*snapshot, error) {
	s := &snapshot{}
	if err := s.connect(ctx, connect); err != nil {
		s.close()
		return nil, err
	}
	if err := s.begin(ctx, 0, ""); err != nil {
		s.close()
		return nil, err
	}
	if err := s.share(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// share begins the other transactions, if there are any.
func (s *snapshot) share(ctx context.Context) error {
	if len(s.conns) == 1 {
		return nil
	}
	var id string
	if err := s.txs[0].QueryRow(ctx, "SELECT pg_export_snapshot()").Scan(&id); err != nil {
		return fmt.Errorf("export snapshot: %w", err)
	}
	for i := range s.conns[1:] {
		if err := s.begin(ctx, i+1, id); err != nil {
			return err
		}
	}
	return nil
}

// connect opens all connections at once: a password takes its time. Its error is
// that of the first where none could be opened.
func (s *snapshot) connect(ctx context.Context, connect Connect) error {
	var work sync.WaitGroup
	var conns [lanes]*pgx.Conn
	var errs [lanes]error
	for i := range conns {
		work.Go(func() { conns[i], errs[i] = connect(ctx) })
	}
	work.Wait()
	for _, conn := range conns {
		if conn != nil {
			s.conns = append(s.conns, conn)
		}
	}
	if len(s.conns) == 0 {
		conn, err := connectAlone(ctx, connect, errs[0])
		if err != nil {
			return err
		}
		s.conns = []*pgx.Conn{conn}
	}
	s.txs = make([]pgx.Tx, len(s.conns))
	return nil
}

// connectAlone opens one connection after several at once were refused with err:
// where a role or a database has one place left, each of them counts the others
// and none gets it. A refused one is counted until its process has ended.
func connectAlone(ctx context.Context, connect Connect, err error) (*pgx.Conn, error) {
	for wait := aloneWait; tooMany(err) && wait <= maxAloneWait; wait *= 2 {
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(wait):
		}
		var conn *pgx.Conn
		if conn, err = connect(ctx); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

func tooMany(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == pgerrcode.TooManyConnections
}

// keepOne closes all connections but the first.
func (s *snapshot) keepOne() {
	for _, conn := range s.conns[1:] {
		closeConn(conn)
	}
	s.conns, s.txs = s.conns[:1], s.txs[:1]
}

// begin opens transaction i on the snapshot of that id; "" = a new one.
func (s *snapshot) begin(ctx context.Context, i int, id string) (err error) {
	s.txs[i], err = s.conns[i].BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	// With an empty search path the server qualifies every type and function it names.
	text := "SET LOCAL search_path = ''; SELECT pg_catalog.pg_backend_pid()"
	if id != "" { // must come first; the server made the id, of hexadecimal digits and dashes
		text = "SET TRANSACTION SNAPSHOT '" + id + "'; " + text
	}
	results, err := s.conns[i].PgConn().Exec(ctx, text).ReadAll()
	if err != nil {
		return fmt.Errorf("set up transaction: %w", err)
	}
	if i == 0 && pooled(s.conns[i].PgConn(), results[len(results)-1]) {
		s.keepOne()
	}
	return nil
}

// pooled reports whether a connection ends at a pooler: the process id that it
// was given is not the one that the server names.
func pooled(conn *pgconn.PgConn, pid *pgconn.Result) bool {
	return len(pid.Rows) == 1 && string(pid.Rows[0][0]) != strconv.FormatUint(uint64(conn.PID()), 10)
}

// close ends the transactions with their connections: nothing was written.
func (s *snapshot) close() {
	for _, conn := range s.conns {
		closeConn(conn)
	}
}

func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = conn.Close(ctx) // it is gone either way
}

// serverVersion reads the version that the server sent when it was connected to, such as
// "15.4 (Debian 15.4-1)" or "17beta1", as server_version_num: 150004, 170000.
func serverVersion(conn *pgx.Conn) int {
	text := conn.PgConn().ParameterStatus("server_version")
	major, rest := leadingNumber(text)
	minor := 0
	if strings.HasPrefix(rest, ".") {
		minor, _ = leadingNumber(rest[1:])
	}
	return major*10000 + minor
}

func leadingNumber(text string) (n int, rest string) {
	end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(text)
	}
	n, _ = strconv.Atoi(text[:end]) // no digits: 0
	return n, text[end:]
}
