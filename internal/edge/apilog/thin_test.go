package apilog_test

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/edge/apilog"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
)

// clock is a time that tests set.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

const plenty = 1 << 30 // bytes a minute

// counts returns rows by endpoint, with the counts and statuses of rows that
// stand for several requests.
func counts(t testing.TB, conn *pgx.Conn) []string {
	t.Helper()
	return lines(t, conn, `SELECT concat_ws(' ', endpoint, coalesce(host(ip_address), '-'), response_code, count(*),
		string_agg(request_headers->>'counted', ',') , string_agg((request_headers->'statuses')::text, ','))
		FROM public.api_security_logs GROUP BY endpoint, ip_address, response_code ORDER BY 1`)
}

func TestFloodsAreCounted(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	conn := pgtest.Conn(t, url)
	at := &clock{at: time.Date(2026, 5, 6, 7, 8, 1, 0, time.UTC)}
	w, _ := start(t, apilog.Options{URL: url, Budget: plenty, Now: at.now})
	send := func(n int, e apilog.Entry) {
		for range n {
			one := e
			one.Time = at.now()
			w.Record(&one)
		}
	}
	one, two, six := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2"), netip.MustParseAddr("2001:db8::1")
	other := netip.MustParseAddr("2001:db8::ffff") // of the same /64
	send(1000, apilog.Entry{Endpoint: "/x", Address: one, Status: 404, Visitor: true})
	send(20, apilog.Entry{Endpoint: "/x", Address: one, Status: 401, Visitor: true})
	send(10, apilog.Entry{Endpoint: "/x", Address: two, Status: 404, Visitor: true})
	send(50, apilog.Entry{Endpoint: "/x", Address: six, Status: 404, Visitor: true})
	send(50, apilog.Entry{Endpoint: "/x", Address: other, Status: 404, Visitor: true})
	send(500, apilog.Entry{Endpoint: "/auth/v1/token", Address: one, Status: 400, Visitor: true}) // detection reads each
	send(700, apilog.Entry{Endpoint: "/auth/v1/token", Address: two, Status: 400, Visitor: true})
	send(1000, apilog.Entry{Endpoint: "/mine", Address: one, Status: 200, Method: "GET"})
	send(100, apilog.Entry{Endpoint: "/mine", Address: one, Status: 403, Method: "GET"})
	at.add(30 * time.Second)
	send(5, apilog.Entry{Endpoint: "/x", Address: one, Status: 404, Visitor: true})
	at.add(time.Minute) // a new window
	send(1, apilog.Entry{Endpoint: "/x", Address: one, Status: 404, Visitor: true})
	w.Stop()
	want := []string{
		"(more) 2001:db8:: 404 1 40 {\"404\": 40}",
		"(more) 203.0.113.1 404 1 965 {\"401\": 20, \"404\": 945}",
		"/auth/v1/token 203.0.113.1 400 500",
		"/auth/v1/token 203.0.113.2 400 601 100 {\"400\": 100}",
		"/mine 203.0.113.1 200 1000",
		"/mine 203.0.113.1 403 100",
		"/x 2001:db8::1 404 50",
		"/x 2001:db8::ffff 404 10",
		"/x 203.0.113.1 404 61",
		"/x 203.0.113.2 404 10",
	}
	if diff := cmp.Diff(want, counts(t, conn)); diff != "" {
		t.Error(diff)
	}
	first := lines(t, conn, `SELECT concat_ws(' ', request_headers->>'first', request_headers->>'last', "timestamp" AT TIME ZONE 'UTC')
		FROM public.api_security_logs WHERE endpoint = '(more)' AND ip_address = '203.0.113.1'`)
	if diff := cmp.Diff([]string{"2026-05-06T07:08:01Z 2026-05-06T07:08:31Z 2026-05-06 07:08:31"}, first); diff != "" {
		t.Error(diff)
	}
	if s := w.Stats(); s.Counted != 1105 || s.Dropped != 0 {
		t.Errorf("stats %+v", s)
	}
}

// No kind of request takes another's part of the budget.
func TestBudget(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	conn := pgtest.Conn(t, url)
	at := &clock{at: time.Date(2026, 5, 6, 7, 8, 1, 0, time.UTC)}
	const budget = 160_000
	w, _ := start(t, apilog.Options{URL: url, Budget: budget, Now: at.now})
	long := strings.Repeat("p", 4000)
	for i := range 3000 { // each from an address of its own
		a := netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)})
		w.Record(&apilog.Entry{Time: at.now(), Endpoint: "/" + long, Address: a, Status: 404, Visitor: true, Request: apilog.Headers{UserAgent: long}})
		w.Record(&apilog.Entry{Time: at.now(), Endpoint: "/mine", Address: a, Status: 200})
	}
	for range 50 {
		w.Record(&apilog.Entry{Time: at.now(), Endpoint: "/auth/v1/token", Address: netip.MustParseAddr("203.0.113.2"), Status: 400, Visitor: true})
	}
	w.Stop()
	var bytes, attempts, longest int
	err := conn.QueryRow(t.Context(), `SELECT sum(pg_column_size(l.*)) FILTER (WHERE endpoint <> '(more)'), count(*) FILTER (WHERE endpoint = '/auth/v1/token'), max(length(endpoint))
		FROM public.api_security_logs AS l`).Scan(&bytes, &attempts, &longest)
	if err != nil {
		t.Fatal(err)
	}
	if bytes > budget || bytes < budget/4 || attempts != 50 || longest != 256 {
		t.Errorf("%d bytes of %d, %d attempts of 50, longest path %d", bytes, budget, attempts, longest)
	}
}

// The log may be a table of partitions.
const (
	tablesOfLog = "SELECT 'public.api_security_logs'::regclass UNION SELECT relid FROM pg_partition_tree('public.api_security_logs')"
	sizeOfLog   = "SELECT sum(pg_total_relation_size(t.relid))::bigint FROM (" + tablesOfLog + ") AS t (relid)"
)

func TestCeiling(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	conn := pgtest.Conn(t, url)
	exec(t, conn, `INSERT INTO public.api_security_logs (endpoint) SELECT repeat('x', 400) FROM generate_series(1, 5000)`)
	var size int64
	if err := conn.QueryRow(t.Context(), sizeOfLog).Scan(&size); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		ceiling int64
		want    []string // endpoints
		said    string
	}{
		{"far", 10 * size, []string{"/auth/v1/token", "/mine", "/refused"}, ""},
		{"near", size + size/20, []string{"(more)", "/auth/v1/token", "/refused"}, "only sign-ins and refusals"},
		{"reached", size, nil, "nothing is written"},
	} {
		t.Run(tt.name, func(t *testing.T) { //nolint:paralleltest // one table
			exec(t, conn, "DELETE FROM public.api_security_logs WHERE length(endpoint) < 400")
			at := &clock{at: time.Date(2026, 5, 6, 7, 8, 1, 0, time.UTC)}
			w, log := start(t, apilog.Options{URL: url, Budget: plenty, Ceiling: tt.ceiling, Now: at.now})
			servicetest.Eventually(t, "the size is known", func() bool { return w.Stats().Size >= size })
			servicetest.Eventually(t, "it is said", func() bool { return strings.Contains(log.String(), tt.said) })
			for _, e := range []apilog.Entry{
				{Endpoint: "/mine", Status: 200}, {Endpoint: "/refused", Status: 403}, {Endpoint: "/auth/v1/token", Status: 400, Visitor: true},
			} {
				e.Time = at.now()
				w.Record(&e)
			}
			w.Stop()
			got := lines(t, conn, "SELECT endpoint FROM public.api_security_logs WHERE length(endpoint) < 400 ORDER BY endpoint")
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("rows %q, want %q", got, tt.want)
			}
		})
	}
}

// Retention makes room though the files keep their size.
func TestDeletedRowsMakeRoom(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	conn := pgtest.Conn(t, url)
	exec(t, conn, `INSERT INTO public.api_security_logs (endpoint) SELECT repeat('x', 400) FROM generate_series(1, 20000)`)
	exec(t, conn, `DELETE FROM public.api_security_logs WHERE id IN (SELECT id FROM public.api_security_logs LIMIT 19000)`)
	exec(t, conn, `VACUUM ANALYZE public.api_security_logs`)
	servicetest.Eventually(t, "the statistics are told", func() bool { // a process of their own gathers them up to 14
		var rows int64
		err := conn.QueryRow(t.Context(), "SELECT sum(s.n_live_tup)::bigint FROM pg_stat_all_tables AS s WHERE s.relid IN ("+tablesOfLog+")").Scan(&rows)
		return err == nil && rows > 0 && rows < 5000
	})
	var files int64
	if err := conn.QueryRow(t.Context(), sizeOfLog).Scan(&files); err != nil {
		t.Fatal(err)
	}
	w, _ := start(t, apilog.Options{URL: url})
	servicetest.Eventually(t, "the size is known", func() bool { return w.Stats().Size > 0 })
	if size := w.Stats().Size; size > files/4 {
		t.Errorf("%d bytes, in files of %d", size, files)
	}
}
