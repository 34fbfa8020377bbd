package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// allowedOutage are the answers to a request that the database could not answer
// any more, as status and code. Read-only.
var allowedOutage = map[string]bool{
	"503 PGRST000": true, "503 PGRST001": true, "503 PGRST002": true, "504 PGRST003": true,
}

// pace is the time between the requests of one client.
const pace = 5 * time.Millisecond

// client is one of those that put the sidecar under load.
type client struct {
	caller
	name   string
	ask    func(c *client, number int) (answer, error)
	want   int          // status of success
	streak atomic.Int64 // successes since the last error or load.mark

	// Of the client's goroutine, until load.stop.
	acked    []int // numbers that were acknowledged
	outcomes map[string]int
	wrong    []string
	slowest  time.Duration
}

// load is a crowd of clients that ask without end.
type load struct {
	clients []*client
	cancel  context.CancelFunc
	done    sync.WaitGroup
}

func write(c *client, number int) (answer, error) {
	return c.try("POST", "/rest/v1/e2e_ledger", fmt.Sprintf(`{"client":"%s","number":%d}`, c.name, number))
}

func read(c *client, number int) (answer, error) {
	return c.try("GET", fmt.Sprintf("/rest/v1/e2e_things?select=id,e2e_parts(title)&id=eq.%d", number%5+1), "")
}

// startLoad starts so many writers, and as many readers.
func startLoad(c caller, writers int) *load {
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{cancel: cancel}
	for i := range writers {
		l.clients = append(l.clients,
			&client{name: fmt.Sprintf("writer %d", i), ask: write, want: 201},
			&client{name: fmt.Sprintf("reader %d", i), ask: read, want: 200})
	}
	for _, cl := range l.clients {
		cl.caller, cl.outcomes = c, map[string]int{}
		cl.client = &http.Client{Transport: &http.Transport{}} // a connection of its own
		l.done.Go(func() { cl.run(ctx) })
	}
	return l
}

func (c *client) run(ctx context.Context) {
	defer c.client.CloseIdleConnections()
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for number := 0; ; number++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		began := time.Now()
		a, err := c.ask(c, number)
		c.slowest = max(c.slowest, time.Since(began))
		c.judge(number, a, err)
	}
}

func (c *client) judge(number int, a answer, err error) {
	outcome := fmt.Sprintf("%d %s", a.Status, a.code())
	switch {
	case err != nil:
		c.wrong = append(c.wrong, err.Error())
	case a.Status == c.want:
		c.acked = append(c.acked, number)
		c.streak.Add(1)
		outcome = "good"
	case allowedOutage[outcome]:
		c.streak.Store(0)
	default:
		c.wrong = append(c.wrong, outcome+" "+a.Body)
	}
	c.outcomes[outcome]++
}

// mark resets the count of good answers of all clients.
func (l *load) mark() {
	for _, c := range l.clients {
		c.streak.Store(0)
	}
}

// well reports whether each client got so many good answers in a row that all is
// well again.
func (l *load) well() bool {
	const enough = 10
	return !slices.ContainsFunc(l.clients, func(c *client) bool { return c.streak.Load() < enough })
}

func (l *load) stop() {
	l.cancel()
	l.done.Wait()
}

// testKilledDatabase kills the database twice and restarts it once in good
// order, under load. Each request gets its answer or an error that says that the
// database is away; then all goes on by itself, and every acknowledged write was
// done once.
func testKilledDatabase(t *testing.T, s *served) {
	const writers = 3
	l := startLoad(s.caller, writers)
	defer l.stop()
	eventually(t, "all are well", l.well)
	for _, end := range []func(){s.pg.Kill, s.pg.Stop, s.pg.Kill} {
		caught := s.longQuery(t)
		end()
		if outcome := <-caught; !allowedOutage[outcome] {
			t.Errorf("a request whose query was cut: %s", outcome)
		}
		eventually(t, "the loss is told", func() bool {
			return s.do(t, "GET", "/rest/v1/e2e_things?select=id", "").Status == 503
		})
		s.pg.Start()
		l.recover(t)
	}
	l.stop()
	l.report(t)
	l.checkLedger(t, s.pg.URL("postgres"))
}

// longQuery sends a query of a minute, and returns when it runs. The outcome
// comes as status and code.
func (s *served) longQuery(t *testing.T) <-chan string {
	t.Helper()
	outcome := make(chan string, 1)
	go func() {
		a, err := s.try("POST", "/rest/v1/rpc/e2e_wait", `{"seconds": 60}`)
		if err != nil {
			outcome <- err.Error()
			return
		}
		outcome <- fmt.Sprintf("%d %s", a.Status, a.code())
	}()
	db, err := pgx.Connect(context.Background(), s.pg.URL("supabase_admin"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.Background())
	eventually(t, "the query runs", func() bool { return asleep(t, db) == 1 })
	return outcome
}

// testKilledUnderDev kills the database of a developer's instance under load:
// nobody starts it again but the instance itself.
func testKilledUnderDev(t *testing.T, d *developer) {
	const writers = 2
	db := d.state.Get("DB_URL")
	if _, err := pgtest.Conn(t, db).Exec(context.Background(), fixture); err != nil {
		t.Fatalf("load the fixture: %v", err)
	}
	d.until("the fixture is served", func() bool {
		return d.do(t, "GET", "/rest/v1/e2e_ledger", "").Status == 200
	})
	l := startLoad(d.caller, writers)
	defer l.stop()
	eventually(t, "all are well", l.well)
	killed := d.postgres()
	if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	d.until("another database server runs", func() bool { pid := d.postgres(); return pid != 0 && pid != killed })
	d.until("it takes connections", func() bool {
		conn, err := pgx.Connect(context.Background(), db)
		return err == nil && conn.Close(context.Background()) == nil
	})
	l.recover(t)
	l.stop()
	l.report(t)
	l.checkLedger(t, db)
}

// recover waits until all clients are well, which the database has just become.
func (l *load) recover(t *testing.T) {
	t.Helper()
	const limit = 5 * time.Second
	back := time.Now()
	l.mark()
	eventually(t, "all are well again", l.well)
	if took := time.Since(back); took > limit {
		t.Errorf("all were well %v after the database, want at most %v", took, limit)
	} else {
		t.Logf("all were well %v after the database", took.Round(time.Millisecond))
	}
}

// report fails the test for each wrong answer, and for one that took too long.
func (l *load) report(t *testing.T) {
	t.Helper()
	total, slowest := map[string]int{}, time.Duration(0)
	for _, c := range l.clients {
		for _, wrong := range c.wrong {
			t.Errorf("%s: %s", c.name, wrong)
		}
		for outcome, n := range c.outcomes {
			total[outcome] += n
		}
		slowest = max(slowest, c.slowest)
	}
	const bound = 15 * time.Second // the wait for a connection is 10 s
	if slowest > bound {
		t.Errorf("a request took %v", slowest)
	}
	for _, outcome := range slices.Sorted(maps.Keys(total)) {
		t.Logf("%6d %s", total[outcome], outcome)
	}
	t.Logf("slowest answer: %v", slowest.Round(time.Millisecond))
}

// checkLedger compares the acknowledged writes with the rows.
func (l *load) checkLedger(t *testing.T, db string) {
	t.Helper()
	rows, err := pgtest.Conn(t, db).Query(context.Background(), "SELECT client, number, count(*) FROM e2e_ledger GROUP BY 1, 2")
	if err != nil {
		t.Fatal(err)
	}
	type entry struct {
		Client string
		Number int
	}
	times := map[entry]int{}
	var e entry
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&e.Client, &e.Number, &n}, func() error {
		times[e] = n
		if n > 1 {
			t.Errorf("%v was done %d times", e, n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	acked := 0
	for _, c := range l.clients {
		if c.want != 201 {
			continue
		}
		acked += len(c.acked)
		for _, number := range c.acked {
			if times[entry{c.name, number}] == 0 {
				t.Errorf("%s: the acknowledged write %d is lost", c.name, number)
			}
		}
	}
	t.Logf("%d writes acknowledged, %d done", acked, len(times))
}
