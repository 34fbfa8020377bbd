package replica_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
	"github.com/romashka/sidecar/internal/postgrest/exec"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/replica"
)

const schema = `
	CREATE TABLE notes (id int PRIMARY KEY, owner text);
	INSERT INTO notes SELECT n, 'nobody' FROM generate_series(1, 1000) n;
	GRANT ALL ON notes TO authenticator`

// executor runs scripts at a server; lines are the connections of a standby.
func executor(t *testing.T, uri string, lines *replica.Lines) (*exec.Executor, *pgxpool.Pool) {
	t.Helper()
	config, err := pgxpool.ParseConfig(uri)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 4
	config.ConnConfig.ConnectTimeout = 5 * time.Second
	if lines != nil {
		lines.Guard(config)
	}
	exec.Guard(config)
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	e, err := exec.New(pool, exec.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e, pool
}

// told is what a Set tells.
type told struct {
	mu     sync.Mutex
	states map[int][]replica.State
	why    map[int]error
}

func (l *told) tell(node int, s replica.State, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.states[node] = append(l.states[node], s)
	l.why[node] = why
}

func (l *told) is(node int, want replica.State) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.states[node]
	return len(list) > 0 && list[len(list)-1] == want
}

func (l *told) reason(node int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprint(l.why[node])
}

// open makes a Set over servers and lets it look at them until the test ends.
func open(t *testing.T, maxLag time.Duration, primary string, standbys ...string) (*replica.Set, *told) {
	t.Helper()
	said := &told{states: map[int][]replica.State{}, why: map[int]error{}}
	o := replica.Options{Connect: pgtest.Connector(primary), MaxLag: maxLag, Tell: said.tell}
	o.Primary, _ = executor(t, primary, nil)
	for _, uri := range standbys {
		n := replica.Node{Lines: new(replica.Lines), Connect: pgtest.Connector(uri)}
		var pool *pgxpool.Pool
		n.Executor, pool = executor(t, uri, n.Lines)
		n.Reset = pool.Reset
		o.Nodes = append(o.Nodes, n)
	}
	s, err := replica.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { s.Run(ctx); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	return s, said
}

func statement(sql string, columns int) query.Statement {
	return query.Statement{SQL: sql, Columns: columns, BinaryColumn: -1}
}

func reading(sql string) *query.Script {
	return &query.Script{
		Role: "tester", Tx: query.Tx{ReadOnly: true},
		Settings: statement("SELECT pg_catalog.set_config('transaction_read_only', 'on', true)", 0),
		Main:     []query.Statement{statement(sql, 1)},
	}
}

func writing(sql string) *query.Script {
	return &query.Script{Role: "tester", Settings: statement("SELECT 1", 0), Main: []query.Statement{statement(sql, 0)}}
}

// read asks for one value as a client; port is the server's that answered.
func read(t *testing.T, s *replica.Set, c replica.Client, sql string) (value, port string, _ error) {
	t.Helper()
	results, err := s.For(c).Run(t.Context(), reading("SELECT concat(("+sql+"), '@', inet_server_port())"), nil)
	if err != nil {
		return "", "", err
	}
	value, port, _ = strings.Cut(string(results[0].Rows[0][0]), "@")
	return value, port, nil
}

func port(uri string) string {
	_, rest, _ := strings.Cut(uri, "127.0.0.1:")
	number, _, _ := strings.Cut(rest, "/")
	return number
}

func do(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
}

var alice, bob = replica.Client{Name: "alice", Address: netip.MustParseAddr("203.0.113.1")}, replica.Client{Name: "bob", Address: netip.MustParseAddr("203.0.113.2")} // read-only

// TestStandbys tries a primary with two standbys, one thing after the other: the
// servers are started once.
func TestStandbys(t *testing.T) {
	t.Parallel()
	primary, standbys := pgtest.Standbys(t, 2)
	admin := pgtest.Conn(t, primary.URL("supabase_admin"))
	do(t, admin, schema)
	do(t, admin, "ALTER ROLE authenticator SET statement_timeout = 0")
	uris := []string{standbys[0].URL("authenticator"), standbys[1].URL("authenticator")}
	first := pgtest.Conn(t, standbys[0].URL("supabase_admin"))
	second := pgtest.Conn(t, standbys[1].URL("supabase_admin"))

	s, said := open(t, time.Minute, primary.URL("authenticator"), uris...)
	bothUsed := func() bool { return said.is(0, replica.Used) && said.is(1, replica.Used) }
	servicetest.Eventually(t, "both are used", bothUsed)
	home := port(primary.URL("x"))

	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("told: %v, %v; %+v", said.states, said.why, s.Stats())
		}
	})
	t.Run("reads land on both", func(t *testing.T) {
		seen := map[string]int{}
		servicetest.Eventually(t, "both answer", func() bool { // a look that is late on a busy machine leaves one to the primary
			_, at, err := read(t, s, alice, "SELECT 1")
			if err != nil {
				t.Fatal(err)
			}
			seen[at]++
			return seen[port(uris[0])] > 5 && seen[port(uris[1])] > 5
		})
	})

	t.Run("a client reads its own writes", func(t *testing.T) {
		do(t, first, "SELECT pg_wal_replay_pause()") // the other one goes on
		for i := range 200 {
			if _, err := s.For(alice).Run(t.Context(), writing(fmt.Sprintf("UPDATE notes SET owner = 'alice%d' WHERE id = %d", i, i+1)), nil); err != nil {
				t.Fatal(err)
			}
			got, at, err := read(t, s, alice, fmt.Sprintf("SELECT owner FROM notes WHERE id = %d", i+1))
			if err != nil || got != fmt.Sprintf("alice%d", i) {
				t.Fatalf("write %d: read %q from %s, %v", i, got, at, err)
			}
			servicetest.Eventually(t, "reads of others go elsewhere", func() bool {
				_, at, err := read(t, s, bob, "SELECT 1")
				return err == nil && at != home
			})
		}
		servicetest.Eventually(t, "her reads are back on the standby that goes on", func() bool {
			_, at, err := read(t, s, alice, "SELECT 1")
			return err == nil && at == port(uris[1])
		})
		for range 10 {
			if got, at, err := read(t, s, alice, "SELECT owner FROM notes WHERE id = 200"); got != "alice199" || at == port(uris[0]) {
				t.Fatalf("read %q from %s, %v", got, at, err)
			}
		}
		do(t, first, "SELECT pg_wal_replay_resume()")
	})

	t.Run("a client without a name", func(t *testing.T) {
		do(t, first, "SELECT pg_wal_replay_pause()")
		do(t, second, "SELECT pg_wal_replay_pause()")
		anonymous := replica.Client{Address: netip.MustParseAddr("203.0.113.9")}
		signedUp := replica.Client{Name: "carol", Address: anonymous.Address}
		s.Wrote(anonymous) // by other ways
		for _, c := range []replica.Client{anonymous, signedUp} {
			if _, at, err := read(t, s, c, "SELECT 1"); err != nil || at != home {
				t.Errorf("%+v read from %s, %v", c, at, err)
			}
		}
		do(t, first, "SELECT pg_wal_replay_resume()")
		do(t, second, "SELECT pg_wal_replay_resume()")
	})

	t.Run("what is not replayed yet", func(t *testing.T) {
		do(t, first, "SELECT pg_wal_replay_pause()")
		do(t, second, "SELECT pg_wal_replay_pause()")
		do(t, admin, "CREATE TABLE fresh (id int); GRANT SELECT ON fresh TO authenticator; ALTER TABLE notes ADD COLUMN more int")
		for _, sql := range []string{"SELECT count(*) FROM fresh", "SELECT count(more) FROM notes"} {
			if got, at, err := read(t, s, bob, sql); err != nil || at != home {
				t.Errorf("%s: %q from %s, %v", sql, got, at, err)
			}
		}
		s.Loaded()
		if _, at, err := read(t, s, bob, "SELECT 1"); err != nil || at != home {
			t.Errorf("with a schema cache that is younger than the standbys: from %s, %v", at, err)
		}
		do(t, first, "SELECT pg_wal_replay_resume()")
		do(t, second, "SELECT pg_wal_replay_resume()")
		servicetest.Eventually(t, "standbys have the schema", func() bool {
			_, at, err := read(t, s, bob, "SELECT count(*) FROM fresh")
			return err == nil && at != home
		})
	})

	t.Run("a function that a standby refuses", func(t *testing.T) {
		if _, at, err := read(t, s, bob, "SELECT pg_current_xact_id() IS NOT NULL"); err != nil || at != home {
			t.Errorf("from %s, %v", at, err)
		}
		if _, _, err := read(t, s, bob, "SELECT 1/0"); err == nil {
			t.Error("an error of the primary's is none of the client's")
		}
	})

	t.Run("a conflict with recovery", func(t *testing.T) {
		do(t, first, "ALTER SYSTEM SET max_standby_streaming_delay = 0")
		do(t, second, "ALTER SYSTEM SET max_standby_streaming_delay = 0")
		do(t, first, "SELECT pg_reload_conf()")
		do(t, second, "SELECT pg_reload_conf()")
		repeated := func() (n int) {
			for _, node := range s.Stats() {
				n += int(node.Repeated)
			}
			return n
		}
		before := repeated()
		var altered atomic.Bool
		var reads sync.WaitGroup
		for number := 1; number <= 2; number++ { // the second goes where the first is not, if that one is used at this moment
			reads.Go(func() {
				for again := true; again; again = !altered.Load() { // a look that is late leaves a read to the primary, where none sleeps
					if got, _, err := read(t, s, bob, "SELECT count(*) FROM notes, pg_sleep(CASE WHEN pg_is_in_recovery() THEN 60 ELSE 0 END)"); err != nil || got != "1000" {
						t.Errorf("%q, %v", got, err)
						return
					}
				}
			})
			servicetest.Eventually(t, "the read runs", func() bool { return sleeping(t, first)+sleeping(t, second) == number })
		}
		altered.Store(true)
		do(t, admin, "ALTER TABLE notes ADD COLUMN even_more int DEFAULT random() * 9")
		reads.Wait()
		if after := repeated(); after != before+2 {
			t.Errorf("of two reads that were cut %d were repeated", after-before)
		}
	})

	t.Run("a standby that freezes loses no read", func(t *testing.T) {
		servicetest.Eventually(t, "both are used", bothUsed)
		crowd := ask(t, s)
		crowd.until(t, 50)
		standbys[0].Freeze()
		servicetest.Eventually(t, "it is left", func() bool { return said.is(0, replica.Away) })
		crowd.until(t, 50)
		standbys[0].Thaw()
		servicetest.Eventually(t, "it is used again", func() bool { return said.is(0, replica.Used) })
		crowd.end(t)
	})

	t.Run("a standby that is killed loses no read", func(t *testing.T) {
		crowd := ask(t, s)
		crowd.until(t, 50)
		standbys[0].Kill()
		began := time.Now()
		servicetest.Eventually(t, "it is left", func() bool { return said.is(0, replica.Away) })
		t.Logf("left after %s", time.Since(began).Round(time.Millisecond))
		crowd.until(t, 50)
		standbys[0].Start()
		servicetest.Eventually(t, "it is used again", func() bool { return said.is(0, replica.Used) })
		crowd.end(t)
	})

	t.Run("a promoted one is left", func(t *testing.T) {
		crowd := ask(t, s)
		do(t, second, "SELECT pg_promote()")
		servicetest.Eventually(t, "it is left", func() bool { return said.is(1, replica.Away) })
		if !strings.Contains(said.reason(1), "no standby") {
			t.Errorf("reason: %s", said.reason(1))
		}
		crowd.end(t)
	})

	t.Run("more lag than the bound", func(t *testing.T) {
		short, said := open(t, time.Second, primary.URL("authenticator"), uris[0])
		servicetest.Eventually(t, "it is used", func() bool { return said.is(0, replica.Used) })
		first := pgtest.Conn(t, standbys[0].URL("supabase_admin"))
		do(t, first, "SELECT pg_wal_replay_pause()")
		do(t, admin, "UPDATE notes SET owner = 'late' WHERE id = 1")
		servicetest.Eventually(t, "it is behind", func() bool { return said.is(0, replica.Behind) })
		if got, at, err := read(t, short, bob, "SELECT owner FROM notes WHERE id = 1"); err != nil || at != home || got != "late" {
			t.Errorf("%q from %s, %v", got, at, err)
		}
		if lag := short.Stats()[0].Lag; lag < time.Second || !strings.Contains(said.reason(0), "behind the primary") {
			t.Errorf("lag %s: %s", lag, said.reason(0))
		}
		do(t, first, "SELECT pg_wal_replay_resume()")
	})

	t.Run("what is no standby of this primary", func(t *testing.T) {
		other := strings.Replace(uris[0], port(uris[0])+"/", port(uris[0])+"/postgres?", 1)
		other, _, _ = strings.Cut(other, "?")
		for want, uri := range map[string]string{
			"logs in as supabase_admin": standbys[0].URL("supabase_admin"),
			"another database":          other,
			"no standby":                primary.URL("authenticator"),
		} {
			set, said := open(t, time.Minute, primary.URL("authenticator"), uri)
			servicetest.Eventually(t, want, func() bool { return said.is(0, replica.Away) })
			if !strings.Contains(said.reason(0), want) {
				t.Errorf("want %q, got %s", want, said.reason(0))
			}
			if _, at, err := read(t, set, bob, "SELECT 1"); err != nil || at != home {
				t.Errorf("%s: read from %s, %v", want, at, err)
			}
		}
	})
}

// sleeping is the number of reads that sleep on a server.
func sleeping(t *testing.T, conn *pgx.Conn) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// asking are clients that read without end.
type asking struct {
	stop  context.CancelFunc
	work  sync.WaitGroup
	good  atomic.Int64
	fault atomic.Pointer[error]
}

func ask(t *testing.T, s *replica.Set) *asking {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	a := &asking{stop: stop}
	for range 4 {
		a.work.Go(func() {
			for ctx.Err() == nil {
				if got, _, err := read(t, s, bob, "SELECT count(*) FROM notes"); err != nil || got != "1000" {
					err = errors.Join(err, errors.New("read "+got))
					a.fault.CompareAndSwap(nil, &err)
					return
				}
				a.good.Add(1)
			}
		})
	}
	return a
}

// until waits for so many more good reads.
func (a *asking) until(t *testing.T, more int64) {
	t.Helper()
	goal := a.good.Load() + more
	servicetest.Eventually(t, "reads go on", func() bool { return a.good.Load() >= goal || a.fault.Load() != nil })
}

func (a *asking) end(t *testing.T) {
	t.Helper()
	a.stop()
	a.work.Wait()
	if err := a.fault.Load(); err != nil {
		t.Errorf("a read failed: %v", *err)
	}
}
