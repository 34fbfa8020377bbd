package exec_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest/apierr"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/query"
)

// crowdOf returns an executor with few connections, and a table of many rows
// that each caller sees one of: that of the setting romashka.test.
func crowdOf(t *testing.T, url string, connections int32) (*exec.Executor, *pgxpool.Pool) {
	t.Helper()
	pool := newPool(t, url, connections)
	const rows = `
		CREATE TABLE IF NOT EXISTS mine AS SELECT n, 'row ' || n AS name FROM generate_series(0, 999) AS n;
		CREATE TABLE IF NOT EXISTS other AS SELECT n, 'other ' || n AS name FROM generate_series(0, 999) AS n;
		CREATE INDEX IF NOT EXISTS mine_n ON mine (n);
		CREATE INDEX IF NOT EXISTS other_n ON other (n)`
	if _, err := pool.Exec(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	e, err := exec.New(pool, exec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e, pool
}

// own reads the caller's row of a table, in one of several statements.
func own(table string, n, variant int) *query.Script {
	s := script(query.Tx{ReadOnly: true},
		statement(fmt.Sprintf("SELECT n, name, $1::int AS asked FROM %s WHERE n = current_setting('romashka.test')::int AND %d = %d", table, variant, variant),
			3, strconv.Itoa(n)),
		statement("SELECT current_setting('romashka.test')", 1))
	s.Main[0].Assemble, s.Light = true, true
	s.Settings.Args[0].Value = []byte(strconv.Itoa(n))
	return s
}

// ownCall is own as a call has it: one statement, whose value is kept as it is.
func ownCall(n int) *query.Script {
	s := script(query.Tx{ReadOnly: true}, statement("SELECT max(name), pg_catalog.pg_advisory_unlock_all() FROM mine WHERE n = current_setting('romashka.test')::int AND n = $1::int",
		2, strconv.Itoa(n)))
	s.Light = true
	s.Settings.Args[0].Value = []byte(strconv.Itoa(n))
	return s
}

// belongs reports an answer that is not the one to own.
func belongs(t *testing.T, results []query.Result, table string, n int) {
	t.Helper()
	name := map[string]string{"mine": "row", "other": "other"}[table]
	want := fmt.Sprintf(`[{"n":%d,"name":"%s %d","asked":%d}]`, n, name, n, n)
	if got := string(results[0].JSON); got != want {
		t.Errorf("%d got %s", n, got)
	}
	if got := string(results[1].Rows[0][0]); got != strconv.Itoa(n) {
		t.Errorf("%d got the settings of %s", n, got)
	}
}

// run lets many callers run act, each again and again, for a while.
func run(t *testing.T, callers int, during time.Duration, act func(n int)) {
	t.Helper()
	var all sync.WaitGroup
	end := time.Now().Add(during)
	for c := range callers {
		all.Go(func() {
			for i := 0; time.Now().Before(end); i++ {
				act((c*31 + i*7) % 1000)
			}
		})
	}
	all.Wait()
}

// TestEachHasItsOwnAnswer: many callers share few connections, with reads that
// go well, reads that fail, writes, and callers who leave.
func TestEachHasItsOwnAnswer(t *testing.T) {
	t.Parallel()
	e, pool := crowdOf(t, pgtest.Database(t), 2)
	if _, err := pool.Exec(t.Context(), "CREATE TABLE written (n int)"); err != nil {
		t.Fatal(err)
	}
	failing := own("mine", 0, 0)
	failing.Main[0].SQL = "SELECT 1 / (n - $1::int) AS never FROM mine WHERE n = $1::int"
	failing.Main[0].Columns = 1
	var written, left atomic.Int64
	run(t, 40, 2*time.Second, func(n int) {
		switch n % 10 {
		case 0:
			s := *failing
			s.Main = append([]query.Statement{}, failing.Main...)
			s.Main[0].Args = []query.Arg{{Value: []byte(strconv.Itoa(n))}}
			if _, err := e.Run(t.Context(), &s, nil); code(err) != "22012" {
				t.Errorf("failing read: %v", err)
			}
		case 1:
			if _, err := e.Run(t.Context(), script(query.Tx{}, statement("INSERT INTO written VALUES ($1)", 0, strconv.Itoa(n))), nil); err != nil {
				t.Errorf("write: %v", err)
			}
			written.Add(1)
		case 2:
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(2000))*time.Microsecond)
			defer cancel()
			results, err := e.Run(ctx, own("mine", n, 0), nil)
			switch {
			case err == nil:
				belongs(t, results, "mine", n)
			case code(err) == apierr.CodeOf(apierr.Timeout()):
				left.Add(1)
			default:
				t.Errorf("read in a hurry: %v", err)
			}
		case 3:
			results, err := e.Run(t.Context(), ownCall(n), nil)
			if err != nil {
				t.Errorf("call: %v", err)
			} else if got := string(results[0].Rows[0][0]); got != fmt.Sprint("row ", n) {
				t.Errorf("%d got %s", n, got)
			}
		default:
			table := []string{"mine", "other"}[n%2]
			results, err := e.Run(t.Context(), own(table, n, n%3), nil)
			if err != nil {
				t.Errorf("read: %v", err)
				return
			}
			belongs(t, results, table, n)
		}
	})
	var there int64
	if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM written").Scan(&there); err != nil || there != written.Load() {
		t.Errorf("%d rows of %d writes, %v", there, written.Load(), err)
	}
	if e.Stats().Shared < 100 || left.Load() == 0 {
		t.Errorf("%d runs behind others, %d callers left: the test is of little use", e.Stats().Shared, left.Load())
	}
	if got := e.Stats().InUse; got != 0 {
		t.Errorf("%d connections are still in use", got)
	}
}

// TestSharedSurvivesItsConnection: a read behind another is answered,
// though sessions are ended all the time.
func TestSharedSurvivesItsConnection(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	e, _ := crowdOf(t, url, 2)
	killer := pgtest.Conn(t, url)
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	var well, failed atomic.Int64
	done.Go(func() {
		var last int64 // answers before the sessions were ended: on a slow machine, too, more come in between
		for tick := time.NewTicker(100 * time.Millisecond); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
			}
			if well.Load() < last+40 {
				continue
			}
			last = well.Load()
			if _, err := killer.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	run(t, 24, 2*time.Second, func(n int) {
		results, err := e.Run(t.Context(), own("mine", n, 0), nil)
		if err != nil { // it met the second session that was ended
			failed.Add(1)
			return
		}
		well.Add(1)
		belongs(t, results, "mine", n)
	})
	stop()
	done.Wait()
	if well.Load() < 20*failed.Load() || e.Stats().Shared < 50 {
		t.Errorf("%d answers, %d failures, %d runs behind others", well.Load(), failed.Load(), e.Stats().Shared)
	}
}

// TestSharedDoesNotWaitForTheSlow: a slow read delays those behind it no longer
// than their patience.
func TestSharedDoesNotWaitForTheSlow(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	e, _ := crowdOf(t, url, 2)
	both := func(n int) {
		for _, table := range []string{"mine", "other"} {
			results, err := e.Run(t.Context(), own(table, n, 0), nil)
			if err != nil {
				t.Errorf("%s: %v", table, err)
				return
			}
			belongs(t, results, table, n)
		}
	}
	run(t, 16, 300*time.Millisecond, both) // so that both are known to be short
	holder := pgtest.Conn(t, url)
	for _, sql := range []string{"BEGIN", "LOCK TABLE other"} {
		if _, err := holder.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	var stuck sync.WaitGroup
	stuck.Go(func() {
		if _, err := e.Run(t.Context(), own("other", 1, 0), nil); err != nil {
			t.Errorf("held up: %v", err)
		}
	})
	var slowest atomic.Int64
	run(t, 16, time.Second, func(n int) {
		began := time.Now()
		if _, err := e.Run(t.Context(), own("mine", n, 0), nil); err != nil {
			t.Error(err)
		}
		for took := int64(time.Since(began)); took > slowest.Load(); {
			slowest.Store(took)
		}
	})
	if _, err := holder.Exec(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	stuck.Wait()
	if got := time.Duration(slowest.Load()); got > 5*time.Second {
		t.Errorf("the slowest waited %s", got)
	}
	run(t, 16, 200*time.Millisecond, both)
}

// TestNoFormationThroughPooler: a pooler in transaction mode gives the server
// to another at the first answer; nothing may be on its way behind that.
func TestNoFormationThroughPooler(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	crowdOf(t, url, 1) // the tables
	pool := newPool(t, pgtest.Pooler(t, url, 1), 1)
	e, err := exec.New(pool, exec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	run(t, 20, 500*time.Millisecond, func(n int) {
		results, err := e.Run(t.Context(), own("mine", n, 0), nil)
		if err != nil {
			t.Error(err)
			return
		}
		belongs(t, results, "mine", n)
	})
	if got := e.Stats().Shared; got != 0 {
		t.Errorf("%d runs behind others", got)
	}
}
