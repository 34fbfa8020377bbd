package e2e_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

const (
	mb           = 1 << 20
	answerBudget = 256 * mb
	answerBar    = 64 * mb // of one that is not an answer
)

// answerTables are 40 rows of 20 MB, and 60 MB in small rows.
const answerTables = `
	CREATE TABLE large AS SELECT g AS id, repeat('a "quoted" text' || g, 1250000) AS content FROM generate_series(1, 40) g;
	CREATE TABLE wide AS SELECT g AS id, repeat('x', 300) AS content FROM generate_series(1, 200000) g;
	CREATE TABLE small AS SELECT 1 AS id;
	GRANT SELECT ON large, wide, small TO anon;`

// TestAnswersOfTheBinary has the built binary make answers that are larger than
// its memory, and send them to clients that do not read.
func TestAnswersOfTheBinary(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	if _, err := pgtest.Conn(t, url).Exec(context.Background(), answerTables); err != nil {
		t.Fatal(err)
	}
	p := run(t, buildWith(t, false), []string{
		"PGRST_DB_URI=" + url, "PGRST_DB_ANON_ROLE=anon", "PGRST_SERVER_HOST=127.0.0.1", "PGRST_SERVER_PORT=0", "PGRST_LOG_LEVEL=info",
		"ROMASHKA_ANSWER_MEMORY=256MB", "GOMEMLIMIT=300MiB", // as in a container: garbage counts too
	}, "serve")
	c := caller{url: p.listensAt()}
	t.Run("large answers", func(t *testing.T) { testLargeAnswers(t, p, c) })
	t.Run("lazy readers", func(t *testing.T) { testLazyReaders(t, p, c) })
}

// listensAt is listening without the paths that only a project's API has.
func (p *process) listensAt() (url string) {
	p.t.Helper()
	p.until("it serves", func() bool {
		if found := apiAddress.FindStringSubmatch(p.log.String()); found != nil {
			url = "http://" + found[1]
		}
		a, err := caller{url: url}.try("GET", "/small", "")
		return err == nil && a.Status == 200
	})
	return url
}

// crowd has so many clients ask the same at once, and others for something
// small meanwhile, who must be served.
func crowd(t *testing.T, c caller, clients int, path string, allowed ...string) map[string]int {
	t.Helper()
	var mu sync.Mutex
	outcomes := map[string]int{}
	ctx, stop := context.WithCancel(context.Background())
	var large, small sync.WaitGroup
	for range 4 {
		small.Go(func() {
			for ctx.Err() == nil {
				if a, err := c.try("GET", "/small", ""); err != nil || a.Status != 200 {
					t.Errorf("something small meanwhile: %d %s %v", a.Status, a.Body, err)
					return
				}
			}
		})
	}
	for range clients {
		large.Go(func() {
			a, err := c.try("GET", path, "")
			outcome := strconv.Itoa(a.Status)
			if a.Status != 200 {
				outcome += " " + a.code()
			}
			if err != nil {
				outcome = err.Error()
			}
			if a.Status == 503 && a.Header.Get("Retry-After") == "" {
				t.Error("503 without Retry-After")
			}
			mu.Lock()
			outcomes[outcome]++
			mu.Unlock()
		})
	}
	large.Wait()
	stop()
	small.Wait()
	for outcome := range outcomes {
		if !strings.Contains(" "+strings.Join(allowed, ", ")+",", " "+outcome+",") {
			t.Errorf("%s: %v", path, outcomes)
		}
	}
	return outcomes
}

func testLargeAnswers(t *testing.T, p *process, c caller) {
	const budget, bar = answerBudget, answerBar
	check := func(what string, outcomes any, limit int) {
		t.Helper()
		peak := p.peak(t)
		t.Logf("%s: %v, peak %d MB", what, outcomes, peak/mb)
		if peak > limit {
			t.Errorf("%s: peak %d MB, want at most %d", what, peak/mb, limit/mb)
		}
	}
	check("idle", "", bar)
	check("800 MB", crowd(t, c, 1, "/large?select=content", "413 ROM020"), bar+budget/4)
	check("ten times 800 MB", crowd(t, c, 10, "/large?select=content", "413 ROM020", "503 ROM503"), bar+budget)
	check("40 MB", crowd(t, c, 1, "/large?select=id,content&limit=2", "200"), bar+budget)
	check("ten times 20 MB as one JSON value", crowd(t, c, 10, "/large?select=content&id=eq.1", "200", "503 ROM503"), bar+budget)
	check("ten times 60 MB of small rows", crowd(t, c, 10, "/wide?select=content", "200", "413 ROM020", "503 ROM503"), bar+budget)
}

// lazyReader asks for a stream and reads nothing of it.
func lazyReader(t *testing.T, c caller, path string) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", strings.TrimPrefix(c.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	if err := nc.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(nc, "GET "+path+" HTTP/1.1\r\nHost: h\r\nAccept: text/csv\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return nc
}

// testLazyReaders: ten clients that read nothing of a table of 60 MB, again and
// again, do not keep others from the database, nor, for long, from streams.
func testLazyReaders(t *testing.T, p *process, c caller) {
	const clients = 10
	ctx, stop := context.WithCancel(context.Background())
	var lazy sync.WaitGroup
	for range clients {
		lazy.Go(func() {
			for ctx.Err() == nil {
				nc := lazyReader(t, c, "/wide")
				_, _ = io.ReadFull(nc, make([]byte, 100)) // it has begun, and that is all
				select {
				case <-ctx.Done():
				case <-time.After(5 * time.Second): // cut off by now
				}
				nc.Close()
			}
		})
	}
	for range 3 {
		crowd(t, c, 20, "/wide?select=id&id=eq.7", "200")
		res := c.do(t, "GET", "/wide?select=id&limit=5", "", "Accept: text/csv")
		if res.Status != http.StatusOK && res.Status != http.StatusServiceUnavailable {
			t.Errorf("another stream: %d %s", res.Status, res.Body)
		}
		t.Logf("another stream: %d", res.Status)
	}
	stop()
	lazy.Wait()
	eventually(t, "streams are served again", func() bool {
		a, err := c.try("GET", "/wide?select=id&limit=5", "", "Accept: text/csv")
		return err == nil && a.Status == 200
	})
	if peak := p.peak(t); peak > answerBudget+answerBar {
		t.Errorf("peak %d MB", peak/mb)
	} else {
		t.Logf("peak %d MB", peak/mb)
	}
}
