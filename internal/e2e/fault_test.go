package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/devdb/pgtest"
)

// allowedOutage are the answers to a request that the database did not live to
// answer, as status and code. Read-only.
var allowedOutage = map[string]bool{
	"503 PGRST000": true, "503 PGRST001": true, "503 PGRST002": true, "504 PGRST003": true,
	"503 57P01": true, "503 57P02": true, "503 57P03": true, // the server's own last words
}

// pace is the pause between the requests of one client.
const pace = 5 * time.Millisecond

// client is one of those that put the sidecar under load.
type client struct {
	caller
	name  string
	ask   func(c *client, number int) (answer, error)
	want  int // status of success
	done  atomic.Int64
	since atomic.Int64 // done at the last mark

	// Of the client's goroutine, until load.stop.
	acked     []int // numbers that were acknowledged
	outcomes  map[string]int
	wrong     []string
	slowest   time.Duration
	lastRefus time.Time
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
		c.done.Add(1)
		outcome = "good"
	case allowedOutage[outcome]:
		c.lastRefus = time.Now()
	default:
		c.wrong = append(c.wrong, outcome+" "+a.Body)
	}
	c.outcomes[outcome]++
}

// mark begins to count anew for progress.
func (l *load) mark() {
	for _, c := range l.clients {
		c.since.Store(c.done.Load())
	}
}

// progress says whether each client had n good answers since the mark.
func (l *load) progress(n int64) bool {
	return !slices.ContainsFunc(l.clients, func(c *client) bool { return c.done.Load()-c.since.Load() < n })
}

func (l *load) stop() {
	l.cancel()
	l.done.Wait()
}

// testKilledDatabase kills the database twice and restarts it once in good
// order, under load. Each request gets its answer or is told that the database
// is away; then all goes on by itself, and what was acknowledged was done once.
func testKilledDatabase(t *testing.T, s *served) {
	const (
		writers = 3
		enough  = 10 // good answers that show that a client is well
		limit   = 5 * time.Second
	)
	l := startLoad(s.caller, writers)
	defer l.stop()
	well := func() bool { return l.progress(enough) }
	var recovered []time.Duration
	for _, end := range []func(){s.pg.Kill, s.pg.Stop, s.pg.Kill} {
		l.mark()
		eventually(t, "all are well", well)
		end()
		away := time.Now()
		eventually(t, "the loss is told", func() bool {
			a, err := s.try("GET", "/rest/v1/e2e_things?select=id", "")
			if err != nil {
				t.Errorf("while the database is away: %v", err)
				return true
			}
			return a.Status != 200 || time.Since(away) > limit
		})
		s.pg.Start()
		back := time.Now()
		l.mark()
		eventually(t, "all get answers again", func() bool { return l.progress(1) })
		recovered = append(recovered, time.Since(back).Round(time.Millisecond))
	}
	back := time.Now()
	l.mark()
	eventually(t, "all are well", well)
	l.stop()

	for _, took := range recovered {
		if took > limit {
			t.Errorf("recovered %v after the database, want at most %v", took, limit)
		}
	}
	l.report(t, back.Add(limit))
	l.checkLedger(t, s.pg)
	t.Logf("recovered after %v", recovered)
}

// report fails the test for each wrong answer, each that took too long, and
// each refusal after the moment when all must be well.
func (l *load) report(t *testing.T, well time.Time) {
	t.Helper()
	total, slowest := map[string]int{}, time.Duration(0)
	for _, c := range l.clients {
		for _, wrong := range c.wrong {
			t.Errorf("%s: %s", c.name, wrong)
		}
		if c.lastRefus.After(well) {
			t.Errorf("%s: still refused at the end", c.name)
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

// checkLedger compares what was acknowledged with what is there.
func (l *load) checkLedger(t *testing.T, pg *pgtest.PrivateServer) {
	t.Helper()
	rows, err := pgtest.Conn(t, pg.URL("postgres")).Query(context.Background(), "SELECT client, number, count(*) FROM e2e_ledger GROUP BY 1, 2")
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
