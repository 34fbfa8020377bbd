package app_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// tables are as many as there are kinds of request, each of its own table. All
// look alike, so that a statement meant for another works, and shows.
const tables = 10

const lookalikes = `
	DO $$ BEGIN FOR i IN 0..9 LOOP
		EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, src text NOT NULL)', i);
		EXECUTE format('INSERT INTO t%s SELECT g, %L FROM generate_series(1, 5) g', i, 't' || i);
		EXECUTE format('CREATE TABLE part%s (id int PRIMARY KEY REFERENCES t%s, src text)', i, i);
		EXECUTE format('INSERT INTO part%s SELECT id, src FROM t%s', i, i);
		EXECUTE format('GRANT SELECT, INSERT ON t%s, part%s TO anon', i, i);
		EXECUTE format('CREATE FUNCTION f%s(n int) RETURNS text STABLE LANGUAGE sql AS ''SELECT src FROM t%s WHERE id = n''', i, i);
	END LOOP; END $$`

// reads are the kinds of request: the path with table and key, the headers, and
// the answer.
func reads() [tables]struct {
	path, want string
	headers    []string
} {
	type kind = struct {
		path, want string
		headers    []string
	}
	return [tables]kind{
		{path: "/t{t}?id=eq.{k}&select=id,src", want: `[{"id":{k},"src":"t{t}"}]`},
		{path: "/t{t}?id=eq.{k}", want: `[{"id":{k},"src":"t{t}"}]`, headers: []string{"Prefer: count=exact"}},
		{path: "/t{t}?id=in.({k})&select=src", want: `[{"src":"t{t}"}]`},
		{path: "/t{t}?id=eq.{k}&select=src", want: "src\nt{t}", headers: []string{"Accept: text/csv"}},
		{path: "/rpc/f{t}?n={k}", want: `"t{t}"`},
		{path: "/t{t}?id=eq.{k}", want: `{"id":{k},"src":"t{t}"}`, headers: []string{"Accept: application/vnd.pgrst.object+json"}},
		{path: "/t{t}?id=eq.{k}&select=id,part{t}(src)", want: `[{"id":{k},"part{t}":{"src":"t{t}"}}]`},
		{path: "/t{t}?select=src&id=lte.5&order=id.desc&limit=1", want: `[{"src":"t{t}"}]`},
		{path: "/part{t}?id=eq.{k}&select=src", want: `[{"src":"t{t}"}]`},
		{path: "/t{t}?id=not.neq.{k}&select=key:id,of:src", want: `[{"key":{k},"of":"t{t}"}]`},
	}
}

// TestSharedSessions: 64 clients on 1 to 5 sessions of a pooler in transaction
// mode, with ten kinds of request and with writes. No answer and no write is
// another's. POOLER=long is the long form: for each way to send statements
// 100,000 reads and 20,000 writes.
func TestSharedSessions(t *testing.T) {
	perSession := 300
	if os.Getenv("POOLER") == "long" {
		perSession = 24_000
	} else {
		t.Parallel()
	}
	for name, settings := range map[string]map[string]string{
		"default": {}, "prepared": {"romashka-statements": "prepared"}, "unnamed": {"romashka-statements": "unnamed"},
	} {
		for sessions := 1; sessions <= 5; sessions++ {
			t.Run(fmt.Sprintf("%s, %d sessions", name, sessions), func(t *testing.T) {
				if os.Getenv("POOLER") != "long" {
					t.Parallel()
				}
				shareSessions(t, settings, sessions, perSession)
			})
		}
	}
}

// crowd are clients that share sessions.
type crowd struct {
	url    string
	client *http.Client

	next          atomic.Int64
	reads, writes atomic.Int64
	mu            sync.Mutex
	wrong         []string
}

// shareSessions sends requests, a sixth of them writes.
func shareSessions(t *testing.T, settings map[string]string, sessions, requests int) {
	t.Helper()
	const clients = 64
	owner := pgtest.Bootstrapped(t)
	admin := pgtest.Conn(t, owner)
	run(t, admin, lookalikes)
	r := start(t, pgtest.Pooler(t, owner, sessions), settings).ready(t)
	c := &crowd{url: r.URL, client: &http.Client{
		Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true},
	}}
	began := time.Now()
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for n := c.next.Add(1); n <= int64(requests); n = c.next.Add(1) {
				c.send(int(n))
			}
		})
	}
	all.Wait()
	c.client.CloseIdleConnections()
	for i, w := range c.wrong {
		if i == 10 {
			break
		}
		t.Error(w)
	}
	stray := strays(t, admin, c.writes.Load())
	t.Logf("%d reads, %d writes, %d wrong, %d strays, %s", c.reads.Load(), c.writes.Load(), len(c.wrong), stray, time.Since(began).Round(time.Millisecond))
}

// send reads, or writes with every sixth number.
func (c *crowd) send(n int) {
	table, key := n%tables, n%5+1
	if n%6 == 0 {
		body := fmt.Sprintf(`{"id":%d,"src":"t%d"}`, 100+n, table)
		path := fmt.Sprintf("/t%d?select=id,src", table)
		if n%12 == 0 {
			c.judge(http.MethodPost, path, body, []string{"Prefer: return=representation"}, http.StatusCreated, "["+body+"]")
		} else {
			c.judge(http.MethodPost, path, body, []string{"Prefer: return=minimal"}, http.StatusCreated, "")
		}
		return
	}
	kind := reads()[n/tables%tables]
	fill := strings.NewReplacer("{t}", strconv.Itoa(table), "{k}", strconv.Itoa(key))
	c.judge(http.MethodGet, fill.Replace(kind.path), "", kind.headers, http.StatusOK, fill.Replace(kind.want))
}

func (c *crowd) judge(method, path, body string, headers []string, status int, want string) {
	got, text, err := c.ask(method, path, body, headers)
	if err != nil || got != status || strings.ReplaceAll(text, " ", "") != want {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.wrong = append(c.wrong, fmt.Sprintf("%s %s: %d %s %v, want %d %s", method, path, got, text, err, status, want))
		return
	}
	if method == http.MethodPost {
		c.writes.Add(1)
	} else {
		c.reads.Add(1)
	}
}

// ask sends one request.
func (c *crowd) ask(method, path, body string, headers []string) (int, string, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Set(name, value)
	}
	res, err := c.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

// strays counts rows in tables that they do not belong to. Writes that were
// acknowledged are all there, and no others.
func strays(t *testing.T, admin *pgx.Conn, acknowledged int64) (stray int64) {
	t.Helper()
	var there int64
	for i := range tables {
		var in, other int64
		sql := fmt.Sprintf("SELECT count(*) FILTER (WHERE id >= 100), count(*) FILTER (WHERE src <> 't%[1]d') FROM t%[1]d", i)
		if err := admin.QueryRow(t.Context(), sql).Scan(&in, &other); err != nil {
			t.Fatal(err)
		}
		there, stray = there+in, stray+other
	}
	if there != acknowledged || stray > 0 {
		t.Errorf("%d rows of %d acknowledged writes, %d of them in another's table", there, acknowledged, stray)
	}
	return stray
}
