package apilog_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/edge/apilog"
	"github.com/romashka/sidecar/internal/platform/service/servicetest"
)

// migrated is a database with the log's table.
func migrated(t testing.TB) string {
	t.Helper()
	return pgtest.Migrated(t, "supabase_admin")
}

func migrate(t testing.TB, url string) {
	t.Helper()
	m, err := migrator.New(url, migrator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// start runs a writer until the test ends.
func start(t testing.TB, o apilog.Options) (*apilog.Writer, *servicetest.Log) {
	t.Helper()
	log := new(servicetest.Log)
	o.Logger = slog.New(slog.NewTextHandler(log, nil))
	w, err := apilog.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	return w, log
}

func exec(t testing.TB, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
}

// lines are the rows of a query, each as one text.
func lines(t testing.TB, conn *pgx.Conn, sql string, args ...any) []string {
	t.Helper()
	rows, err := conn.Query(context.Background(), sql, args...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return got
}

const ada = "11111111-1111-4111-8111-111111111111"

const addAda = `INSERT INTO auth.users (id, email) VALUES ('` + ada + `', 'ada@example.com') ON CONFLICT DO NOTHING;
	INSERT INTO public.profiles (id, email) VALUES ('` + ada + `', 'ada@example.com') ON CONFLICT DO NOTHING`

const columns = `SELECT concat_ws(' ', endpoint, method, coalesce(user_id::text, '-'), coalesce(host(ip_address), '-'), request_size,
	response_code, response_time_ms, rate_limit_hit, suspicious_activity, request_headers, response_headers, "timestamp" AT TIME ZONE 'UTC')
	FROM public.api_security_logs ORDER BY endpoint`

func TestRows(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	conn := pgtest.Conn(t, url)
	exec(t, conn, addAda)
	w, log := start(t, apilog.Options{URL: url, Salt: []byte("salt")})
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	const token = "eyJhbGciOiJIUzI1NiJ9.secret.part"
	w.Record(&apilog.Entry{
		Time: at, Took: 12600 * time.Microsecond, Method: "GET", Endpoint: "/a", Role: "authenticated", Subject: ada, Address: netip.MustParseAddr("::ffff:203.0.113.9"),
		Size: 321, Status: 200, Credential: token,
		Request:  apilog.Headers{UserAgent: "test", Origin: "https://o", Referer: "https://user@app.example.com/private?token=x"},
		Response: apilog.Headers{ContentType: "application/json"},
	})
	w.Record(&apilog.Entry{Time: at, Method: "POST", Endpoint: "/b", Subject: "22222222-2222-4222-8222-222222222222", Status: 429, Limited: true, Credential: token,
		Role: "authenticated"})
	w.Record(&apilog.Entry{Time: at, Method: "PUT", Endpoint: "/c\x00\xff", Subject: "no \"uuid\"\t\x00", Address: netip.MustParseAddr("fe80::1%eth0"), Status: 400,
		Request: apilog.Headers{UserAgent: "\x00\xfe" + strings.Repeat("x", 600), Referer: "nonsense"}})
	w.Stop()

	const hash = `"token_hash": "********************************"`
	got := lines(t, conn, columns)
	for i := range got { // the hash is looked at below
		if at := strings.Index(got[i], `"token_hash": "`); at >= 0 {
			got[i] = got[i][:at] + hash + got[i][at+len(hash):]
		}
	}
	want := []string{
		"/a GET " + ada + ` 203.0.113.9 321 200 13 f f {"sub": "` + ada + `", "role": "authenticated", "origin": "https://o", "referer": "app.example.com", ` + hash + `, "user-agent": "test"} {"content-type": "application/json"} 2026-01-02 03:04:05`,
		"/b POST - - 0 429 0 t t {\"sub\": \"22222222-2222-4222-8222-222222222222\", \"role\": \"authenticated\", " + hash + "} {} 2026-01-02 03:04:05",
		"/c\uFFFD PUT - fe80::1 0 400 0 f f {\"sub\": \"no \\\"uuid\\\"\\t\", \"user-agent\": \"\uFFFD" + strings.Repeat("x", 510) + `"} {} 2026-01-02 03:04:05`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	hashes := lines(t, conn, "SELECT DISTINCT request_headers->>'token_hash' FROM public.api_security_logs WHERE request_headers ? 'token_hash'")
	if len(hashes) != 1 || len(hashes[0]) != 32 {
		t.Errorf("hashes of one token: %q", hashes)
	}
	all := fmt.Sprint(lines(t, conn, "SELECT l::text FROM public.api_security_logs l"), log)
	for _, secret := range []string{token, "secret", "private"} {
		if strings.Contains(all, secret) {
			t.Errorf("table or log hold %q", secret)
		}
	}
}

// A session is the same over its tokens, an account over its attempts; neither
// can be read, and one's hash is never the other's.
func TestWhoIsHashed(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	conn := pgtest.Conn(t, url)
	w, _ := start(t, apilog.Options{URL: url, Salt: []byte("salt")})
	const address = "ann@example.test"
	for _, e := range []apilog.Entry{
		{Endpoint: "/a", Session: address, Account: address, Credential: address, Grant: "password", Response: apilog.Headers{ErrorCode: "over_request_rate_limit"}},
		{Endpoint: "/b", Session: address, Account: "bob@example.test", Credential: "another token"},
	} {
		w.Record(&e)
	}
	w.Stop()
	got := lines(t, conn, `SELECT concat_ws(' ', count(DISTINCT h->>'session_hash'), count(DISTINCT h->>'account_hash'), count(DISTINCT h->>'token_hash'),
		(SELECT count(DISTINCT v) FROM public.api_security_logs, jsonb_each_text(request_headers) AS f (k, v) WHERE k LIKE '%_hash' AND length(v) = 32),
		max(h->>'grant_type'), max(r->>'x-sb-error-code')) FROM public.api_security_logs AS l (id), LATERAL (SELECT l.request_headers AS h, l.response_headers AS r) AS x`)
	if want := []string{"1 2 2 5 password over_request_rate_limit"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if all := fmt.Sprint(lines(t, conn, "SELECT l::text FROM public.api_security_logs l")); strings.Contains(all, "example.test") {
		t.Errorf("a person's address stands in the log: %s", all)
	}
}

func TestRowsComeWithinASecond(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	conn := pgtest.Conn(t, url)
	w, _ := start(t, apilog.Options{URL: url})
	w.Record(&apilog.Entry{Endpoint: "/warm"}) // the connection is made
	servicetest.Eventually(t, "the first row", func() bool { return w.Stats().Written == 1 })
	sent := time.Now()
	w.Record(&apilog.Entry{Endpoint: "/late"})
	servicetest.Eventually(t, "the row", func() bool {
		return len(lines(t, conn, "SELECT endpoint FROM public.api_security_logs WHERE endpoint = '/late'")) == 1
	})
	if took := time.Since(sent); took > time.Second {
		t.Errorf("the row came after %v", took)
	}
	for range 5000 {
		w.Record(&apilog.Entry{Endpoint: "/many", Time: time.Now()})
	}
	w.Stop()
	w.Stop()
	if s := w.Stats(); s.Written != 5002 || s.Dropped != 0 || s.Waiting != 0 || s.Counted != 0 {
		t.Errorf("stats %+v", s)
	}
}

// One row that the database refuses does not take the others with it.
func TestRefusedRow(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	conn := pgtest.Conn(t, url)
	exec(t, conn, "ALTER TABLE public.api_security_logs ADD CHECK (endpoint <> '/bad')")
	w, log := start(t, apilog.Options{URL: url})
	for i := range 9 {
		endpoint := fmt.Sprint("/", i)
		if i == 4 {
			endpoint = "/bad"
		}
		w.Record(&apilog.Entry{Endpoint: endpoint})
	}
	w.Stop()
	if s := w.Stats(); s.Written != 8 || s.Dropped != 1 {
		t.Errorf("stats %+v", s)
	}
	if !strings.Contains(log.String(), "were lost") {
		t.Errorf("log:\n%s", log)
	}
}

func TestOffWithoutTable(t *testing.T) {
	t.Parallel()
	w, log := start(t, apilog.Options{URL: pgtest.Bootstrapped(t)})
	servicetest.Eventually(t, "the log says so", func() bool { return strings.Contains(log.String(), "api_security_logs is missing") })
	w.Record(&apilog.Entry{Endpoint: "/a"})
	w.Stop()
	if s := w.Stats(); s.Waiting != 0 || s.Dropped != 0 || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("stats %+v, log:\n%s", s, log)
	}
}

// While the database is away rows wait, up to the limit; then the oldest go.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	s := pgtest.Server(t)
	url := s.URL("postgres")
	migrate(t, url)
	w, log := start(t, apilog.Options{URL: url, MaxQueue: 1500})
	w.Record(&apilog.Entry{Endpoint: "/before"})
	servicetest.Eventually(t, "the first row", func() bool { return w.Stats().Written == 1 })
	s.Stop()
	w.Record(&apilog.Entry{Endpoint: "/seen"}) // in the batch that fails
	servicetest.Eventually(t, "the loss is seen", func() bool { return strings.Contains(log.String(), "waits for its database") })
	const n = 4000
	for i := range n {
		w.Record(&apilog.Entry{Endpoint: fmt.Sprintf("/%04d", i)})
	}
	if got := w.Stats(); got.Waiting > 1500 || got.Dropped == 0 {
		t.Errorf("stats %+v", got)
	}
	s.Start()
	servicetest.Eventually(t, "the rest is written", func() bool { got := w.Stats(); return got.Written+got.Dropped == n+2 })
	w.Stop()
	conn := pgtest.Conn(t, url)
	if got := lines(t, conn, "SELECT count(*)::text FROM public.api_security_logs WHERE endpoint IN ('/before', '/seen', '/3999')"); got[0] != "3" {
		t.Errorf("%s of the rows that must be there", got[0])
	}
	if got := lines(t, conn, "SELECT count(*)::text FROM public.api_security_logs"); got[0] != strconv.FormatInt(w.Stats().Written, 10) {
		t.Errorf("%s rows, %d written", got[0], w.Stats().Written)
	}
	if c := strings.Count(log.String(), "were lost"); c == 0 || c > 2 {
		t.Errorf("%d lines about lost rows:\n%s", c, log)
	}
}

func TestStopWithoutDatabase(t *testing.T) {
	t.Parallel()
	w, log := start(t, apilog.Options{URL: "postgres://nobody:hidden-word@127.0.0.1:1/none"})
	w.Record(&apilog.Entry{Endpoint: "/a"})
	began := time.Now()
	w.Stop()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %v", took)
	}
	if got := w.Stats(); got.Dropped != 1 || strings.Contains(log.String(), "hidden-word") {
		t.Errorf("stats %+v, log:\n%s", got, log)
	}
}

func TestRefusesBadURL(t *testing.T) {
	t.Parallel()
	_, err := apilog.New(apilog.Options{URL: "postgres://u:hidden-word@h:port/d", Logger: slog.Default()})
	if err == nil || strings.Contains(err.Error(), "hidden-word") {
		t.Errorf("New = %v", err)
	}
}

func BenchmarkRecord(b *testing.B) {
	w, err := apilog.New(apilog.Options{URL: "postgres://h/d", Logger: slog.Default()})
	if err != nil {
		b.Fatal(err)
	}
	e := apilog.Entry{
		Endpoint: "/rest/v1/security_incidents", Method: "GET", Status: 200, Credential: strings.Repeat("t", 400), Session: uuid.NewString(),
		Time: time.Now(), Subject: uuid.NewString(), Address: netip.MustParseAddr("203.0.113.9"),
		Request: apilog.Headers{UserAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", ClientInfo: "supabase-js-web/2.50.3"},
	}
	b.ReportAllocs()
	for b.Loop() {
		w.Record(&e)
	}
}

// BenchmarkWrite is the whole way of a row, most of it the database's work.
func BenchmarkWrite(b *testing.B) {
	url := migrated(b)
	exec(b, pgtest.Conn(b, url), addAda)
	w, _ := start(b, apilog.Options{URL: url})
	e := apilog.Entry{
		Time: time.Now(), Endpoint: "/rest/v1/security_incidents", Method: "GET", Status: 200, Subject: ada, Credential: strings.Repeat("t", 400),
		Address: netip.MustParseAddr("203.0.113.9"), Request: apilog.Headers{UserAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", ClientInfo: "supabase-js-web/2.50.3"},
		Response: apilog.Headers{ContentType: "application/json; charset=utf-8", ContentLength: "1234"},
	}
	const rows = 40_000
	for b.Loop() {
		written := w.Stats().Written
		for range rows {
			w.Record(&e)
		}
		servicetest.Eventually(b, "all rows", func() bool { return w.Stats().Written == written+rows })
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/rows, "µs/row")
}

// No text of a client can leave its place in the batch.
func TestHostileText(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	w, _ := start(t, apilog.Options{URL: url})
	hostile := []string{`/"`, `/\`, `/a","b`, `/{a,NULL}`, "/\n\t", "/NULL", `/\"`, "/''", "/ж", "/\r", `/\N`, `\N`, `\.`, `/\x41`, "/</b>&\u2028"}
	for _, endpoint := range hostile {
		w.Record(&apilog.Entry{Endpoint: endpoint, Method: endpoint, Request: apilog.Headers{UserAgent: endpoint}})
	}
	w.Stop()
	got := lines(t, pgtest.Conn(t, url), `SELECT endpoint FROM public.api_security_logs
		WHERE endpoint = method AND request_headers->>'user-agent' = endpoint ORDER BY id`)
	if diff := cmp.Diff(hostile, got); diff != "" {
		t.Error(diff)
	}
}

// deaf returns a URL of the database over which the answer to the first COPY is
// lost: the connection breaks when the rows are in the table.
func deaf(t testing.TB, url string) string {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var lost sync.Once
	var work sync.WaitGroup
	t.Cleanup(func() { ln.Close(); work.Wait() })
	network, address := pgconn.NetworkAddress(config.Host, config.Port)
	work.Go(func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial(network, address)
			if err != nil {
				client.Close()
				continue
			}
			work.Go(func() { _, _ = io.Copy(server, client); server.Close() })
			work.Go(func() { listen(client, server, &lost) })
		}
	})
	return fmt.Sprintf("postgres://%s:%s@%s/%s?sslmode=disable", config.User, config.Password, ln.Addr(), config.Database)
}

// listen passes on the server's messages, but the first that says that a COPY is
// done.
func listen(client, server net.Conn, lost *sync.Once) {
	defer client.Close()
	defer server.Close()
	for buf := make([]byte, 16<<10); ; {
		n, err := server.Read(buf)
		if err != nil {
			return
		}
		end := false
		if bytes.Contains(buf[:n], []byte("COPY ")) {
			lost.Do(func() { end = true })
		}
		if end {
			return
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

// Rows that arrived without an answer are there once, and not counted as lost
// when they are sent again.
func TestRowsThatArrivedUnseen(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	w, log := start(t, apilog.Options{URL: deaf(t, url)})
	for i := range 3 {
		w.Record(&apilog.Entry{Endpoint: fmt.Sprint("/", i)})
	}
	servicetest.Eventually(t, "they are sent again", func() bool { return w.Stats().Written == 3 })
	w.Stop()
	got := lines(t, pgtest.Conn(t, url), "SELECT endpoint FROM public.api_security_logs ORDER BY endpoint")
	if diff := cmp.Diff([]string{"/0", "/1", "/2"}, got); diff != "" {
		t.Error(diff)
	}
	if s := w.Stats(); s.Dropped != 0 || !strings.Contains(log.String(), "waits for its database") {
		t.Errorf("%+v, log:\n%s", s, log)
	}
}

// A subject becomes user_id as soon as there is such a profile, and only until
// it is deleted.
func TestProfilesComeAndGo(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	conn := pgtest.Conn(t, url)
	w, _ := start(t, apilog.Options{URL: url})
	for i, change := range []string{"", addAda, "DELETE FROM public.profiles WHERE id = '" + ada + "'"} {
		exec(t, conn, change)
		w.Record(&apilog.Entry{Endpoint: fmt.Sprint("/", i), Subject: ada})
		servicetest.Eventually(t, "the row", func() bool { return w.Stats().Written == int64(i+1) })
		got := lines(t, conn, "SELECT coalesce(user_id::text, '-') FROM public.api_security_logs WHERE endpoint = $1", fmt.Sprint("/", i))
		if want := []string{"-", ada, "-"}[i]; got[0] != want {
			t.Errorf("after %q: user %s, want %s", change, got[0], want)
		}
	}
}

// Commits of the log do not wait for the disk.
func TestCommitsAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	conn := pgtest.Conn(t, url)
	exec(t, conn, `CREATE FUNCTION note_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.method := current_setting('synchronous_commit'); RETURN NEW; END $$;
		CREATE TRIGGER note_commit BEFORE INSERT ON public.api_security_logs FOR EACH ROW EXECUTE FUNCTION note_commit()`)
	w, _ := start(t, apilog.Options{URL: url})
	w.Record(&apilog.Entry{Endpoint: "/a"})
	servicetest.Eventually(t, "the row", func() bool { return w.Stats().Written == 1 })
	if got := lines(t, conn, "SELECT method FROM public.api_security_logs"); got[0] != "off" {
		t.Errorf("the log's transaction has synchronous_commit = %s", got[0])
	}
}

func TestLifeUnderStress(t *testing.T) {
	t.Parallel()
	servicetest.Stress(t, func() servicetest.Service {
		w, err := apilog.New(apilog.Options{URL: "postgres://nobody@127.0.0.1:1/none", Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}, func(s servicetest.Service) {
		s.(*apilog.Writer).Record(&apilog.Entry{Time: time.Now(), Endpoint: "/x", Status: 200})
		s.(*apilog.Writer).Stats()
	})
}
