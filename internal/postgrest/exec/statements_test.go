package exec_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

func mustRun(t *testing.T, e *exec.Executor, s *query.Script) []query.Result {
	t.Helper()
	results, err := e.Run(t.Context(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// preparedNames are the named statements of a pool's connection, by their SQL.
func preparedNames(t *testing.T, pool *pgxpool.Pool) map[string]string {
	t.Helper()
	rows, err := pool.Query(t.Context(), "SELECT statement, name FROM pg_prepared_statements WHERE name LIKE 'pgrst%'")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for rows.Next() {
		var sql, name string
		if err := rows.Scan(&sql, &name); err != nil {
			t.Fatal(err)
		}
		names[sql] = name
	}
	return names
}

// A name stands for one statement, whichever connection made it and whatever was
// made before.
func TestNamesSayWhatStatementsAre(t *testing.T) {
	t.Parallel()
	ask := []string{"SELECT 1", "SELECT 2", "SELECT 3"}
	var all []map[string]string
	for range 2 {
		e, pool := newExecutor(t, exec.Options{})
		for _, sql := range ask {
			for range 2 {
				mustRun(t, e, script(query.Tx{}, statement(sql, 1)))
			}
		}
		all = append(all, preparedNames(t, pool))
		slices.Reverse(ask)
	}
	for _, sql := range ask {
		if a, b := all[0][sql], all[1][sql]; a == "" || a != b {
			t.Errorf("%s is %q and %q", sql, a, b)
		}
	}
}

func TestWorthAName(t *testing.T) {
	t.Parallel()
	long := "SELECT '" + strings.Repeat("x", 16<<10) + "'"
	for _, tt := range []struct {
		name, sql string
		times     int
		wantCode  string
		want      bool
	}{
		{name: "once", sql: "SELECT id FROM t", times: 1},
		{name: "twice", sql: "SELECT id FROM t", times: 2, want: true},
		{name: "long", sql: long, times: 3},
		{name: "refused each time", sql: "SELECT id FROM hidden", times: 3, wantCode: "42501"},
		{name: "refused once it runs", sql: "INSERT INTO hidden VALUES (1)", times: 3, wantCode: "42501"},
		{name: "failed each time", sql: "SELECT 1/0", times: 3, wantCode: "22012"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, pool := newExecutor(t, exec.Options{})
			role := nobody(t, pool)
			for range tt.times {
				s := script(query.Tx{}, statement(tt.sql, 1))
				s.Settings.SQL = "SELECT set_config('romashka.test', $1, true), set_config('role', '" + role + "', true)"
				if _, err := e.Run(t.Context(), s, nil); code(err) != tt.wantCode {
					t.Fatalf("error = %v, want %q", err, tt.wantCode)
				}
			}
			if _, named := preparedNames(t, pool)[tt.sql]; named != tt.want {
				t.Errorf("it has a name: %t", named)
			}
		})
	}
}

// nobody makes a role that may read t, and a table that it may not.
func nobody(t *testing.T, pool *pgxpool.Pool) (role string) {
	t.Helper()
	role = "nobody_" + strings.ToLower(strings.NewReplacer("/", "_", "#", "_").Replace(t.Name()))
	sql := fmt.Sprintf("CREATE ROLE %[1]s; GRANT SELECT ON t TO %[1]s; CREATE TABLE hidden (id int)", role)
	if _, err := pool.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
	return role
}

// A statement that served before and is refused now does not stay either.
func TestRefusalsAreForgotten(t *testing.T) {
	t.Parallel()
	e, pool := newExecutor(t, exec.Options{})
	role := nobody(t, pool)
	s := script(query.Tx{}, statement("SELECT id FROM t", 1))
	s.Settings.SQL = "SELECT set_config('romashka.test', $1, true), set_config('role', '" + role + "', true)"
	for range 3 {
		mustRun(t, e, s)
	}
	if _, err := pool.Exec(t.Context(), "REVOKE SELECT ON t FROM "+role); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Run(t.Context(), s, nil); code(err) != "42501" {
		t.Fatalf("error = %v, want 42501", err)
	}
	if name, named := preparedNames(t, pool)["SELECT id FROM t"]; named {
		t.Errorf("%s is still there", name)
	}
}

// A connection keeps statements of two megabytes of SQL together.
func TestStatementsAreWeighed(t *testing.T) {
	t.Parallel()
	e, pool := newExecutor(t, exec.Options{StatementLimit: 1000})
	const each, most = 15 << 10, 2 << 20
	for i := range 300 {
		sql := fmt.Sprintf("SELECT '%d%s'", i, strings.Repeat("x", each))
		for range 2 {
			mustRun(t, e, script(query.Tx{}, statement(sql, 1)))
		}
	}
	size := 0
	for sql := range preparedNames(t, pool) {
		size += len(sql)
	}
	if size > most || size < most/2 {
		t.Errorf("%d bytes of SQL, want some %d", size, most)
	}
}

func TestLostAndStaleStatementsAreMadeAgain(t *testing.T) {
	t.Parallel()
	all := statement("SELECT * FROM t ORDER BY id", 2)
	insert := statement("INSERT INTO t (id, note) VALUES (9, $1) RETURNING note", 1, "nine")
	byKey := func() query.Statement { return statement("SELECT note FROM t WHERE id = $1", 1, "1") } // its argument is changed
	for _, tt := range []struct {
		name, disturb string
		main          query.Statement
		checked       bool
		arg           string // for the second run
	}{
		{name: "read, lost", disturb: "DEALLOCATE ALL", main: all},
		{name: "read, changed", disturb: "ALTER TABLE t ADD COLUMN more int", main: all},
		{name: "write, lost", disturb: "DEALLOCATE ALL; DELETE FROM t WHERE id = 9", main: insert},
		{name: "checked write, lost", disturb: "DEALLOCATE ALL; DELETE FROM t WHERE id = 9", main: insert, checked: true},
		{name: "write, changed", disturb: "DELETE FROM t WHERE id = 9; ALTER TABLE t ALTER note TYPE varchar(9)", main: insert},
		{name: "parameter of another type", disturb: "ALTER TABLE child DROP CONSTRAINT child_t_id_fkey; ALTER TABLE t ALTER id TYPE text; UPDATE t SET id = 'a' WHERE id = '1'", main: byKey(), arg: "a"},
		{name: "no such operator", disturb: "ALTER TABLE child DROP CONSTRAINT child_t_id_fkey; ALTER TABLE t ALTER id TYPE text", main: byKey(), arg: "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e, pool := newExecutor(t, exec.Options{})
			s := script(query.Tx{}, tt.main)
			var check query.Check
			if tt.checked {
				check = func([]query.Result) error { return nil }
			}
			for range 3 { // the last with a name
				if _, err := e.Run(t.Context(), s, check); err != nil {
					t.Fatal(err)
				}
				if len(s.Main[0].Args) > 0 {
					if _, err := pool.Exec(t.Context(), "DELETE FROM t WHERE id = 9"); err != nil {
						t.Fatal(err)
					}
				}
			}
			if _, err := pool.Exec(t.Context(), tt.disturb); err != nil {
				t.Fatal(err)
			}
			if tt.arg != "" {
				s.Main[0].Args[0].Value = []byte(tt.arg)
			}
			for range 2 {
				results, err := e.Run(t.Context(), s, check)
				if err != nil || len(results[0].Rows) == 0 {
					t.Fatalf("after %s: %v, %v", tt.disturb, results, err)
				}
				if _, err := pool.Exec(t.Context(), "DELETE FROM t WHERE id::text = '9'"); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// An error that a function of the project raises is the project's: it is passed on,
// and the request not repeated.
func TestErrorsOfFunctionsAreTold(t *testing.T) {
	t.Parallel()
	for _, sqlstate := range []string{"26000", "42P05", "0A000", "08P01"} {
		e, pool := newExecutor(t, exec.Options{})
		const sql = `CREATE SEQUENCE calls; CREATE FUNCTION fail(state text) RETURNS int LANGUAGE plpgsql AS
			$$ BEGIN PERFORM nextval('calls'); RAISE EXCEPTION 'own' USING ERRCODE = state; END $$`
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
		const runs = 4
		for range runs {
			if _, err := e.Run(t.Context(), script(query.Tx{}, statement("SELECT fail($1)", 1, sqlstate)), nil); code(err) != sqlstate {
				t.Errorf("%s: %v", sqlstate, err)
			}
		}
		var calls int
		if err := pool.QueryRow(t.Context(), "SELECT last_value FROM calls").Scan(&calls); err != nil || calls != runs {
			t.Errorf("%s: %d calls for %d requests, %v", sqlstate, calls, runs, err)
		}
	}
}

// TestSharedSessions: a client that shares the sessions of a pooler has its own
// answers, and its writes go to their own rows, named or not.
func TestSharedSessions(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]exec.Options{
		"as it comes": {}, "named": {Prepared: true}, "unnamed": {Unprepared: true}, "told": {Pooled: true},
	} {
		for _, sessions := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s, %d", name, sessions), func(t *testing.T) {
				t.Parallel()
				shareSessions(t, o, sessions)
			})
		}
	}
}

func shareSessions(t *testing.T, o exec.Options, sessions int) {
	t.Helper()
	const tables, callers, times = 10, 16, 40
	url := pgtest.Database(t)
	admin := pgtest.Conn(t, url)
	for i := range tables {
		sql := fmt.Sprintf("CREATE TABLE t%[1]d (id int, src text); INSERT INTO t%[1]d SELECT g, 't%[1]d' FROM generate_series(1, 5) g", i)
		if _, err := admin.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	var told atomic.Int64
	o.OnPooler = func() { told.Add(1) }
	e, err := exec.New(newPool(t, pgtest.Pooler(t, url, sessions), 8), o)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			for i := range times {
				shareOne(t, e, (c+i*7)%tables, i)
			}
		})
	}
	all.Wait()
	for i := range tables {
		var wrong, right int
		sql := fmt.Sprintf("SELECT count(*) FILTER (WHERE src <> 't%[1]d'), count(*) FROM t%[1]d", i)
		if err := admin.QueryRow(t.Context(), sql).Scan(&wrong, &right); err != nil || wrong > 0 || right < 5+callers*times/tables/4/2 {
			t.Errorf("t%d has %d rows of others among %d, %v", i, wrong, right, err)
		}
	}
	if want := int64(1); !o.Pooled && told.Load() != want || o.Pooled && told.Load() != 0 {
		t.Errorf("told %d times", told.Load())
	}
}

// shareOne reads a row of a table, or writes one.
func shareOne(t *testing.T, e *exec.Executor, table, i int) {
	t.Helper()
	name := fmt.Sprintf("t%d", table)
	if i%4 == 3 {
		s := script(query.Tx{}, statement("INSERT INTO "+name+" (id, src) VALUES ($1, $2)", 0, strconv.Itoa(100+i), name))
		if _, err := e.Run(t.Context(), s, nil); err != nil {
			t.Errorf("write: %v", err)
		}
		return
	}
	s := script(query.Tx{ReadOnly: true}, statement("SELECT id, src FROM "+name+" WHERE id = $1", 2, strconv.Itoa(1+i%5)), statement("SELECT 1", 1))
	s.Main[0].Assemble, s.Light = i%2 == 0, i%2 == 0
	results, err := e.Run(t.Context(), s, nil)
	if err != nil {
		t.Errorf("read: %v", err)
		return
	}
	want := fmt.Sprintf(`[{"id":%d,"src":"%s"}]`, 1+i%5, name)
	got := string(results[0].JSON)
	if !s.Main[0].Assemble {
		got = fmt.Sprintf(`[{"id":%s,"src":"%s"}]`, results[0].Rows[0][0], results[0].Rows[0][1])
	}
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Cursors share sessions as well.
func TestCursorsShareSessions(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	e, err := exec.New(newPool(t, pgtest.Pooler(t, url, 2), 6), exec.Options{Prepared: true})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for c := range 6 {
		all.Go(func() {
			for i := range 30 {
				sql := fmt.Sprintf("SELECT %d AS n FROM generate_series(1, 3)", (c+i)%10)
				readAll(t.Context(), t, e, streaming(statement(sql, 1), statement("SELECT 1", 1)), strconv.Itoa((c+i)%10))
			}
		})
	}
	all.Wait()
}

func readAll(ctx context.Context, t *testing.T, e *exec.Executor, s *query.Script, want string) {
	t.Helper()
	c, err := e.Open(ctx, s)
	if err != nil {
		t.Error(err)
		return
	}
	for row, ok := c.Next(); ok; row, ok = c.Next() {
		if got := string(row[0]); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if _, err := c.Close(); err != nil {
		t.Error(err)
	}
}

// TestBusyPooler: a pooler without a free session is reported as that, and not
// as a connection that was lost.
func TestBusyPooler(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	pool := newPool(t, pgtest.Pooler(t, url, 1, "query_wait_timeout = 1"), 2)
	e, err := exec.New(pool, exec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mustRun(t, e, script(query.Tx{ReadOnly: true}, statement("SELECT 1", 1)))
	holder, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Release()
	if _, err := holder.Exec(t.Context(), "BEGIN"); err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{true, false} {
		if _, err := e.Run(t.Context(), script(query.Tx{ReadOnly: readOnly}, statement("SELECT 1", 1)), nil); code(err) != "PGRST003" {
			t.Errorf("read only %t: %v, want PGRST003", readOnly, err)
		}
	}
	if _, err := holder.Exec(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	mustRun(t, e, script(query.Tx{ReadOnly: true}, statement("SELECT 1", 1)))
}
