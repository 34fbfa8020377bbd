package exec_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

const schema = `
	CREATE TABLE t (id int PRIMARY KEY, note text);
	CREATE TABLE child (t_id int REFERENCES t DEFERRABLE INITIALLY DEFERRED);
	INSERT INTO t VALUES (1, 'one'), (2, NULL);`

func newPool(t *testing.T, url string, connections int32) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = connections
	exec.Guard(config)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// newExecutor returns an executor with one connection to a database with schema.
func newExecutor(t *testing.T, o exec.Options) (*exec.Executor, *pgxpool.Pool) {
	t.Helper()
	pool := newPool(t, pgtest.Database(t), 1)
	if _, err := pool.Exec(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	e, err := exec.New(pool, o)
	if err != nil {
		t.Fatal(err)
	}
	return e, pool
}

func statement(sql string, columns int, args ...string) query.Statement {
	s := query.Statement{SQL: sql, Columns: columns, BinaryColumn: -1}
	for _, a := range args {
		s.Args = append(s.Args, query.Arg{Value: []byte(a)})
	}
	return s
}

func script(tx query.Tx, main ...query.Statement) *query.Script {
	settings := "SELECT set_config('romashka.test', $1, true)"
	if tx.ReadOnly {
		settings = "SELECT set_config('transaction_read_only', 'on', true), set_config('romashka.test', $1, true)"
	}
	return &query.Script{Role: "tester", Tx: tx, Settings: statement(settings, 0, "here"), Main: main}
}

func code(err error) string { return apierr.CodeOf(err) }

func TestRunReturnsRowsOfEachStatement(t *testing.T) {
	t.Parallel()
	for _, o := range []exec.Options{{}, {Unprepared: true}} {
		e, _ := newExecutor(t, o)
		for range 3 { // the first prepares, the others do not
			results, err := e.Run(t.Context(), script(query.Tx{ReadOnly: true},
				statement("SELECT id, note FROM t WHERE id <= $1 ORDER BY id", 2, "2"),
				statement("SELECT current_setting('romashka.test')", 1)), nil)
			if err != nil {
				t.Fatal(err)
			}
			rows := results[0].Rows
			if len(rows) != 2 || string(rows[0][1]) != "one" || rows[1][1] != nil {
				t.Errorf("rows = %q", rows)
			}
			if got := string(results[1].Rows[0][0]); got != "here" {
				t.Errorf("setting within the transaction = %q", got)
			}
		}
	}
}

func TestSettingsEndWithTheTransaction(t *testing.T) {
	t.Parallel()
	e, pool := newExecutor(t, exec.Options{})
	if _, err := e.Run(t.Context(), script(query.Tx{ReadOnly: true}, statement("SELECT 1", 1)), nil); err != nil {
		t.Fatal(err)
	}
	var left, readOnly string
	err := pool.QueryRow(t.Context(), "SELECT coalesce(current_setting('romashka.test', true), ''), current_setting('transaction_read_only')").
		Scan(&left, &readOnly)
	if err != nil || left != "" || readOnly != "off" {
		t.Errorf("left behind: setting %q, read only %q, error %v", left, readOnly, err)
	}
}

func TestReadOnlyRefusesWrites(t *testing.T) {
	t.Parallel()
	e, _ := newExecutor(t, exec.Options{})
	_, err := e.Run(t.Context(), script(query.Tx{ReadOnly: true}, statement("DELETE FROM t", 0)), nil)
	if code(err) != "25006" {
		t.Errorf("error = %v, want 25006", err)
	}
}

func TestTransactionEnds(t *testing.T) {
	t.Parallel()
	insert := statement("INSERT INTO t VALUES (7, 'seven') RETURNING id", 1)
	refuse := func([]query.Result) error { return apierr.PutMatchingPK() }
	accept := func([]query.Result) error { return nil }
	for _, tt := range []struct {
		name     string
		tx       query.Tx
		check    query.Check
		main     []query.Statement
		wantCode string
		wantKept bool
	}{
		{name: "implicit commit", main: []query.Statement{insert}, wantKept: true},
		{name: "rollback asked for", tx: query.Tx{Rollback: true}, main: []query.Statement{insert}},
		{name: "serializable", tx: query.Tx{Isolation: "SERIALIZABLE"}, main: []query.Statement{insert}, wantKept: true},
		{name: "checked good", check: accept, main: []query.Statement{insert}, wantKept: true},
		{name: "checked bad", check: refuse, main: []query.Statement{insert}, wantCode: "PGRST115"},
		{name: "second statement fails", main: []query.Statement{insert, statement("SELECT 1/0", 1)}, wantCode: "22012"},
		{name: "fails before the check", check: accept, main: []query.Statement{insert, statement("SELECT 1/0", 1)}, wantCode: "22012"},
		{name: "deferred constraint fails at commit", main: []query.Statement{insert, statement("INSERT INTO child VALUES (99)", 0)}, wantCode: "23503"},
		{name: "deferred constraint fails on rollback too", tx: query.Tx{Rollback: true}, main: []query.Statement{statement("INSERT INTO child VALUES (99)", 0)}, wantCode: "23503"},
		{name: "deferred constraint fails after the check", check: accept, main: []query.Statement{insert, statement("INSERT INTO child VALUES (99)", 0)}, wantCode: "23503"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, pool := newExecutor(t, exec.Options{})
			_, err := e.Run(t.Context(), script(tt.tx, tt.main...), tt.check)
			if code(err) != tt.wantCode {
				t.Errorf("error = %v, want code %q", err, tt.wantCode)
			}
			var kept bool
			if err := pool.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM t WHERE id = 7)").Scan(&kept); err != nil {
				t.Fatalf("connection after the run: %v", err)
			}
			if kept != tt.wantKept {
				t.Errorf("row kept = %v, want %v", kept, tt.wantKept)
			}
		})
	}
}

func TestStatementsAreCappedAndReused(t *testing.T) {
	t.Parallel()
	const limit = 5
	e, pool := newExecutor(t, exec.Options{StatementLimit: limit})
	for range 2 {
		for i := range 3 * limit {
			sql := "SELECT " + strings.Repeat("1+", i) + "1"
			if _, err := e.Run(t.Context(), script(query.Tx{ReadOnly: true}, statement(sql, 1)), nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := countPrepared(t, pool); got != limit {
		t.Errorf("prepared statements = %d, want %d", got, limit)
	}
}

func countPrepared(t *testing.T, pool *pgxpool.Pool) int {
	t.Helper()
	var n int
	err := pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'pgrst%'").Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRolesHaveStatementsOfTheirOwn(t *testing.T) {
	t.Parallel()
	e, pool := newExecutor(t, exec.Options{})
	for _, role := range []string{"a", "b", "a", "b", "a"} {
		s := script(query.Tx{ReadOnly: true}, statement("SELECT 1", 1))
		s.Role = role
		if _, err := e.Run(t.Context(), s, nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := countPrepared(t, pool); got != 5 { // settings and main, twice, and the reset
		t.Errorf("prepared statements = %d, want 5", got)
	}
}

// A request must not meet one stale statement after another.
func TestStaleOnEveryConnection(t *testing.T) {
	t.Parallel()
	const connections = 4
	dbURL := pgtest.Database(t)
	admin := pgtest.Conn(t, dbURL)
	if _, err := admin.Exec(t.Context(), "CREATE TABLE t (id int); INSERT INTO t VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	e, err := exec.New(newPool(t, dbURL, connections), exec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	read := script(query.Tx{}, statement("SELECT * FROM t", 1))
	done := make(chan struct{})
	var all sync.WaitGroup
	for range 4 * connections {
		all.Go(func() {
			for more := true; more; {
				select {
				case <-done:
					more = false
				default:
				}
				if results, err := e.Run(t.Context(), read, nil); err != nil || len(results[0].Rows) != 1 {
					t.Errorf("%v, %v", results, err)
				}
			}
		})
	}
	for i := range 50 {
		if _, err := admin.Exec(t.Context(), fmt.Sprintf("ALTER TABLE t ADD COLUMN more_%d int", i)); err != nil {
			t.Error(err)
		}
	}
	close(done)
	all.Wait()
}

func TestPoolTimeout(t *testing.T) {
	t.Parallel()
	e, pool := newExecutor(t, exec.Options{AcquireTimeout: 50 * time.Millisecond})
	held, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	_, err = e.Run(t.Context(), script(query.Tx{ReadOnly: true}, statement("SELECT 1", 1)), nil)
	if code(err) != "PGRST003" {
		t.Errorf("error = %v, want PGRST003", err)
	}
	if got := e.Stats().Timeouts; got != 1 {
		t.Errorf("%d timeouts, want 1", got)
	}
}

// until waits for stats that are as they should be.
func until(t *testing.T, e *exec.Executor, ok func(exec.Stats) bool) exec.Stats {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; runtime.Gosched() {
		s := e.Stats()
		if ok(s) {
			return s
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v", s)
		}
	}
}

// The queue before the pool shows in the stats, and empties.
func TestStats(t *testing.T) {
	t.Parallel()
	const connections, asked = 2, 5
	e, err := exec.New(newPool(t, pgtest.Database(t), connections), exec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var runs sync.WaitGroup
	for range asked {
		runs.Go(func() { _, _ = e.Run(ctx, script(query.Tx{}, statement("SELECT pg_sleep(60)", 1)), nil) })
	}
	until(t, e, func(s exec.Stats) bool { return s.InUse == connections && s.Waiting == asked-connections })
	cancel()
	runs.Wait()
	s := until(t, e, func(s exec.Stats) bool { return s.InUse == 0 }) // broken ones are closed on the side
	if s.Waiting != 0 || s.Waits != asked-connections || s.Waited <= 0 || s.Opened < connections || s.Opening <= 0 || s.Max != connections {
		t.Errorf("%+v", s)
	}
}

func TestCancelledRequestFreesTheConnection(t *testing.T) {
	t.Parallel()
	e, _ := newExecutor(t, exec.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := e.Run(ctx, script(query.Tx{}, statement("SELECT pg_sleep(60)", 1)), nil)
	if code(err) != apierr.CodeTimeout {
		t.Errorf("error = %v, want a time-out", err)
	}
	if _, err := e.Run(t.Context(), script(query.Tx{ReadOnly: true}, statement("SELECT 1", 1)), nil); err != nil {
		t.Errorf("run after a cancelled one: %v", err)
	}
}

func TestDatabaseRestart(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	e, err := exec.New(newPool(t, server.URL("supabase_admin"), 4), exec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	read := script(query.Tx{ReadOnly: true}, statement("SELECT 1", 1))
	var warm sync.WaitGroup
	for range 4 {
		warm.Go(func() {
			if _, err := e.Run(t.Context(), read, nil); err != nil {
				t.Error(err)
			}
		})
	}
	warm.Wait()
	server.Kill()
	deadline := time.Now().Add(5 * time.Second)
	for err == nil && time.Now().Before(deadline) { // backends outlive their parent by moments
		_, err = e.Run(t.Context(), read, nil)
	}
	if code(err) != "PGRST001" {
		t.Errorf("while the database is away: %v, want PGRST001", err)
	}
	server.Start()
	deadline = time.Now().Add(5 * time.Second)
	for {
		_, err := e.Run(t.Context(), read, nil)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("5 s after the database is back: %v", err)
		}
	}
}

func TestNewRefusesNoPool(t *testing.T) {
	t.Parallel()
	if _, err := exec.New(nil, exec.Options{}); err == nil || errors.Is(err, context.Canceled) {
		t.Error("no error without a pool")
	}
}
