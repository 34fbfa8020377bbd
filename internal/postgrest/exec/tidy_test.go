package exec_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

// leftovers are the things that a function may leave on its session: the SQL of
// the function, and a query that finds it there, true or false.
func leftovers() map[string][2]string {
	return map[string][2]string{
		"setting":          {"PERFORM set_config('app.tenant', 'another', false)", "coalesce(current_setting('app.tenant', true), '') <> ''"},
		"claim":            {"PERFORM set_config('request.jwt.claim.sub', 'another', false)", "coalesce(current_setting('request.jwt.claim.sub', true), '') <> ''"},
		"SET":              {"SET work_mem = '77MB'", "current_setting('work_mem') = '77MB'"},
		"search path":      {"SET search_path = pg_catalog", "current_setting('search_path') = 'pg_catalog'"},
		"time zone":        {"SET timezone = 'Asia/Tokyo'", "current_setting('timezone') = 'Asia/Tokyo'"},
		"statement time":   {"SET statement_timeout = '77s'", "current_setting('statement_timeout') = '77s'"},
		"role":             {"SET ROLE pg_monitor", "current_user = 'pg_monitor'"},
		"temporary table":  {"CREATE TEMP TABLE left_here AS SELECT 1", "to_regclass('pg_temp.left_here') IS NOT NULL"},
		"channel":          {"LISTEN left_here", "EXISTS (SELECT FROM pg_listening_channels())"},
		"advisory lock":    {"PERFORM pg_advisory_lock(77)", "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"},
		"held cursor":      {"EXECUTE 'DECLARE left_here CURSOR WITH HOLD FOR SELECT 1'", "EXISTS (SELECT FROM pg_cursors WHERE name = 'left_here')"},
		"statement":        {"EXECUTE 'PREPARE left_here AS SELECT 1'", "EXISTS (SELECT FROM pg_prepared_statements WHERE name = 'left_here')"},
		"sequence's value": {"PERFORM nextval('numbers')", "left_value()"},
	}
}

const leaving = `
	CREATE SEQUENCE numbers;
	CREATE FUNCTION left_value() RETURNS bool LANGUAGE plpgsql AS
		$f$ BEGIN PERFORM lastval(); RETURN true; EXCEPTION WHEN object_not_in_prerequisite_state THEN RETURN false; END $f$;
	CREATE FUNCTION leave() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN %s; RETURN 1; END $f$;
	CREATE TABLE written (n int);
	CREATE FUNCTION leave_behind() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM leave(); RETURN NULL; END $f$;
	CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON written DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION leave_behind();`

// leavers are scripts that run leave, and the code that they end with.
func leavers() map[string]struct {
	script *query.Script
	check  query.Check
	code   string
} {
	type leaver = struct {
		script *query.Script
		check  query.Check
		code   string
	}
	call := statement("SELECT leave()", 1)
	serializable := query.Tx{Isolation: "SERIALIZABLE"}
	before := script(query.Tx{}, statement("SELECT 1", 1))
	before.PreRequest = call
	return map[string]leaver{
		"call":        {script: script(query.Tx{}, call)},
		"checked":     {script: script(query.Tx{}, call), check: func([]query.Result) error { return nil }},
		"checked bad": {script: script(query.Tx{}, call), check: func([]query.Result) error { return apierr.PutMatchingPK() }, code: "PGRST115"},
		"isolated":    {script: script(serializable, call)},
		"rolled back": {script: script(query.Tx{Rollback: true}, call)},
		"fails":       {script: script(query.Tx{}, call, statement("SELECT 1/0", 1)), code: "22012"},
		"fails alone": {script: script(serializable, call, statement("SELECT 1/0", 1)), code: "22012"},
		"pre-request": {script: before},
		"at commit":   {script: script(query.Tx{}, statement("INSERT INTO written VALUES (1)", 0))},
	}
}

// TestNothingIsLeft: nothing that a function leaves on its session is seen by
// the next request, or by any other user of the connection.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	for what, l := range leftovers() {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			e, pool := newExecutor(t, exec.Options{})
			if _, err := pool.Exec(t.Context(), fmt.Sprintf(leaving, l[0])); err != nil {
				t.Fatal(err)
			}
			for name, leaver := range leavers() {
				for range 3 { // without names, and with
					if _, err := e.Run(t.Context(), leaver.script, leaver.check); code(err) != leaver.code {
						t.Fatalf("%s: %v", name, err)
					}
					finds(t, e, pool, name, l[1])
				}
			}
		})
	}
}

func finds(t *testing.T, e *exec.Executor, pool *pgxpool.Pool, after, left string) {
	t.Helper()
	var found bool
	if err := pool.QueryRow(t.Context(), "SELECT "+left).Scan(&found); err != nil || found {
		t.Errorf("after %s: on the connection %t, %v", after, found, err)
	}
	results := mustRun(t, e, script(query.Tx{ReadOnly: true}, statement("SELECT "+left, 1)))
	if string(results[0].Rows[0][0]) != "f" {
		t.Errorf("after %s: the next request finds it", after)
	}
}

// TestManyAtOnceLeaveNothing: connections that are opened while one still asks whether
// functions leave statements do not take that for a no.
func TestManyAtOnceLeaveNothing(t *testing.T) {
	t.Parallel()
	const connections = 8
	pool := newPool(t, pgtest.Database(t), connections)
	l := leftovers()["statement"]
	if _, err := pool.Exec(t.Context(), fmt.Sprintf(leaving, l[0])); err != nil {
		t.Fatal(err)
	}
	const large = "SET check_function_bodies = off; DO $$ BEGIN EXECUTE format('CREATE FUNCTION takes_time_to_read() RETURNS int LANGUAGE plpgsql AS %L', " +
		"repeat('-', 8000000)); END $$; RESET check_function_bodies"
	if _, err := pool.Exec(t.Context(), large); err != nil {
		t.Fatal(err)
	}
	e, err := exec.New(pool, exec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var calls sync.WaitGroup
	for range connections {
		calls.Go(func() {
			if _, err := e.Run(t.Context(), script(query.Tx{}, statement("SELECT leave()", 1), statement("SELECT pg_sleep(0.1)", 1)), nil); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	for _, conn := range pool.AcquireAllIdle(t.Context()) {
		var found bool
		if err := conn.QueryRow(t.Context(), "SELECT "+l[1]).Scan(&found); err != nil || found {
			t.Errorf("on a connection: %t, %v", found, err)
		}
		conn.Release()
	}
}

// TestReadsLeaveNothing: a view or a policy may call such a function as well, or
// a function that promises to change nothing.
func TestReadsLeaveNothing(t *testing.T) {
	t.Parallel()
	gucs := statement("SELECT NULL, NULL, pg_advisory_unlock_all()", 3)
	for what, l := range leftovers() {
		if what == "temporary table" || what == "channel" || what == "held cursor" || what == "role" || what == "sequence's value" || what == "statement" {
			continue // no read may make a table or take a number; doc.go names the others
		}
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			e, pool := newExecutor(t, exec.Options{})
			if _, err := pool.Exec(t.Context(), fmt.Sprintf(leaving, l[0])); err != nil {
				t.Fatal(err)
			}
			well := script(query.Tx{ReadOnly: true}, statement("SELECT leave() AS n", 1), gucs)
			called := script(query.Tx{ReadOnly: true}, statement("SELECT count(leave()), pg_advisory_unlock_all()", 2))
			badly := script(query.Tx{ReadOnly: true}, statement("SELECT leave() / (leave() - 1) AS n", 1), gucs)
			for range 3 {
				for i, s := range []*query.Script{well, called, badly} {
					wantCode := []string{"", "", "22012"}[i]
					s.Main[0].Assemble, s.Light = s != called, true
					if _, err := e.Run(t.Context(), s, nil); code(err) != wantCode {
						t.Fatal(err)
					}
					next := script(query.Tx{ReadOnly: true}, statement("SELECT ("+l[1]+") AS found", 1), gucs)
					next.Main[0].Assemble, next.Light = true, true
					if got := string(mustRun(t, e, next)[0].JSON); got != `[{"found":false}]` {
						t.Errorf("after script %d: %s", i, got)
					}
				}
			}
		})
	}
}

// TestNothingIsLeftToShare: nor is anything left on a session that a pooler
// shares among its clients.
func TestNothingIsLeftToShare(t *testing.T) {
	t.Parallel()
	for what, l := range leftovers() {
		if what == "statement" {
			continue // it could only be looked for
		}
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Database(t)
			if _, err := pgtest.Conn(t, url).Exec(t.Context(), fmt.Sprintf(leaving, l[0])); err != nil {
				t.Fatal(err)
			}
			e, err := exec.New(newPool(t, pgtest.Pooler(t, url, 1), 1), exec.Options{})
			if err != nil {
				t.Fatal(err)
			}
			mustRun(t, e, script(query.Tx{}, statement("SELECT leave()", 1)))
			s := script(query.Tx{ReadOnly: true}, statement("SELECT "+l[1], 1))
			s.Settings.SQL += ", set_config('role', session_user, true)"
			results := mustRun(t, e, s)
			if string(results[0].Rows[0][0]) != "f" {
				t.Error("the next request finds it")
			}
		})
	}
}

// TestResetKeepsWhatTheConnectionWasOpenedWith: parameters of the connection
// survive the reset, through a pooler as well.
func TestResetKeepsWhatTheConnectionWasOpenedWith(t *testing.T) {
	t.Parallel()
	direct := pgtest.Database(t)
	if _, err := pgtest.Conn(t, direct).Exec(t.Context(),
		"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET client_encoding = LATIN1', current_database()); END $$"); err != nil {
		t.Fatal(err)
	}
	for name, url := range map[string]string{"direct": direct, "pooler": pgtest.Pooler(t, direct, 1)} {
		config, err := pgxpool.ParseConfig(url)
		if err != nil {
			t.Fatal(err)
		}
		config.MaxConns = 1
		config.ConnConfig.RuntimeParams = map[string]string{"application_name": "it's me", "client_encoding": "UTF8", "timezone": "Asia/Tokyo"}
		pool, err := pgxpool.NewWithConfig(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(pool.Close)
		e, err := exec.New(pool, exec.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s := script(query.Tx{}, statement("SELECT current_setting('application_name') || current_setting('client_encoding') || current_setting('timezone')", 1))
		for range 3 {
			if got := string(mustRun(t, e, s)[0].Rows[0][0]); got != "it's meUTF8Asia/Tokyo" {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
}

// TestNextMayWrite: a transaction begins with some settings, before any of its
// statements could reset them.
func TestNextMayWrite(t *testing.T) {
	t.Parallel()
	const leave = "SELECT set_config('default_transaction_read_only', 'on', false), set_config('default_transaction_isolation', 'serializable', false)"
	for _, tt := range []struct {
		name         string
		pooler, read bool
	}{{name: "call"}, {name: "read", read: true}, {name: "call through a pooler", pooler: true}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Database(t)
			if _, err := pgtest.Conn(t, url).Exec(t.Context(), schema); err != nil {
				t.Fatal(err)
			}
			if tt.pooler {
				url = pgtest.Pooler(t, url, 1)
			}
			e := pooled(t, url, exec.Options{})
			left := script(query.Tx{ReadOnly: tt.read}, statement(leave, 2), statement("SELECT 1", 1))
			left.Main[0].Assemble, left.Light = tt.read, tt.read
			for i := range 3 {
				mustRun(t, e, left)
				written := script(query.Tx{}, statement("INSERT INTO t VALUES ($1) RETURNING current_setting('transaction_isolation')", 1, strconv.Itoa(10+i)))
				got := string(mustRun(t, e, written)[0].Rows[0][0])
				if got != "read committed" {
					t.Errorf("it is %s", got)
				}
			}
		})
	}
}
