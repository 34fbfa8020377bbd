package catalog

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// lanes is how many connections read the catalog side by side.
const lanes = 2

// closeTimeout is for the farewell to a server that may be gone.
const closeTimeout = time.Second

// snapshot is one view of the database in several read-only transactions.
type snapshot struct {
	conns [lanes]*pgx.Conn
	txs   [lanes]pgx.Tx
}

// openSnapshot connects and lets the other transactions see what the first sees.
func openSnapshot(ctx context.Context, connect Connect) (*snapshot, error) {
	s := &snapshot{}
	if err := s.connect(ctx, connect); err != nil {
		s.close()
		return nil, err
	}
	var id string
	for i := range s.conns {
		if err := s.begin(ctx, i, id); err != nil {
			s.close()
			return nil, err
		}
		if i > 0 {
			continue
		}
		if err := s.txs[i].QueryRow(ctx, "SELECT pg_export_snapshot()").Scan(&id); err != nil {
			s.close()
			return nil, fmt.Errorf("export snapshot: %w", err)
		}
	}
	return s, nil
}

// connect opens all connections at once: a password takes its time.
func (s *snapshot) connect(ctx context.Context, connect Connect) error {
	var work sync.WaitGroup
	var errs [lanes]error
	for i := range s.conns {
		work.Go(func() { s.conns[i], errs[i] = connect(ctx) })
	}
	work.Wait()
	return cmp.Or(errs[:]...)
}

// begin opens transaction i on the snapshot of that id; "" = a new one.
func (s *snapshot) begin(ctx context.Context, i int, id string) (err error) {
	s.txs[i], err = s.conns[i].BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	// With an empty search path the server qualifies every type and function it names.
	text := "SET LOCAL search_path = ''"
	if id != "" { // must come first; the server made the id, of hexadecimal digits and dashes
		text = "SET TRANSACTION SNAPSHOT '" + id + "'; " + text
	}
	if _, err := s.conns[i].PgConn().Exec(ctx, text).ReadAll(); err != nil {
		return fmt.Errorf("set up transaction: %w", err)
	}
	return nil
}

// close ends the transactions with their connections: nothing was written.
func (s *snapshot) close() {
	for _, conn := range s.conns {
		if conn != nil {
			closeConn(conn)
		}
	}
}

func closeConn(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = conn.Close(ctx) // it is gone either way
}

// serverVersion reads what the server said when it was connected to, such as
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
