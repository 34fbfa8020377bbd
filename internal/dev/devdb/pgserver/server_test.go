package pgserver_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgserver"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// cluster makes a data directory where the server's account can reach it.
func cluster(t *testing.T) pgserver.Options {
	t.Helper()
	ctx := t.Context()
	binaries, err := pgserver.Find(ctx, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	account, err := pgserver.ServerAccount()
	if err != nil {
		t.Fatal(err)
	}
	o := pgserver.Options{
		Binaries: binaries, Account: account, Dir: filepath.Join(pgtest.Folder(t), "data"),
		Superuser: "owner", Password: "it's a §ecret", Settings: []string{"fsync=off"},
	}
	t.Cleanup(func() {
		if err := pgserver.Remove(context.Background(), o.Dir); err != nil {
			t.Error(err)
		}
	})
	err = pgserver.Init(ctx, pgserver.InitOptions{
		Binaries: o.Binaries, Account: o.Account, Dir: o.Dir, Superuser: o.Superuser, Password: o.Password, WALSegMB: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func start(t *testing.T, o pgserver.Options) *pgserver.Server {
	t.Helper()
	s, err := pgserver.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func ended(t *testing.T, s *pgserver.Server) {
	t.Helper()
	select {
	case <-s.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the server still runs")
	}
}

func TestServerAnswersOnBothAddresses(t *testing.T) {
	t.Parallel()
	o := cluster(t)
	s := start(t, o)
	socket := "postgres://" + o.Superuser + "@/postgres?port=" + strconv.Itoa(s.Port()) + "&host=" + s.SocketDir()
	for _, address := range []string{s.URL("postgres"), socket} {
		var n int
		if err := connect(t, address).QueryRow(t.Context(), "SELECT 1").Scan(&n); err != nil {
			t.Error(err)
		}
	}
}

func TestServerWantsPassword(t *testing.T) {
	t.Parallel()
	o := cluster(t)
	s := start(t, o)
	if conn, err := pgx.Connect(t.Context(), s.URLAs(o.Superuser, "guess", "postgres")); err == nil {
		_ = conn.Close(t.Context())
		t.Error("a wrong password was accepted")
	}
}

func TestStopTwice(t *testing.T) {
	t.Parallel()
	s := start(t, cluster(t))
	busy := connect(t, s.URL("postgres"))
	for range 2 {
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ended(t, s)
	if err := busy.Ping(t.Context()); err == nil {
		t.Error("a session outlived its server")
	}
}

func TestStartOverKilledServer(t *testing.T) {
	t.Parallel()
	o := cluster(t)
	s := start(t, o)
	conn := connect(t, s.URL("postgres"))
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 1 AS n"); err != nil {
		t.Fatal(err)
	}
	// A session that computes does not notice that its parent has died, and
	// holds on to the shared memory.
	busy := connect(t, s.URL("postgres"))
	go func() { _, _ = busy.Exec(context.Background(), "SELECT count(*) FROM generate_series(1, 1e12)") }()
	waitForQuery(t, conn)
	s.Kill()
	ended(t, s)

	again := start(t, o)
	var n int
	if err := connect(t, again.URL("postgres")).QueryRow(t.Context(), "SELECT n FROM kept").Scan(&n); err != nil {
		t.Error(err)
	}
}

// waitForQuery returns when another session computes.
func waitForQuery(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	const q = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series%' AND pid <> pg_backend_pid()"
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		var n int
		if err := conn.QueryRow(t.Context(), q).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			return
		}
	}
	t.Fatal("the query did not start")
}

func TestStartEndsOrphan(t *testing.T) {
	t.Parallel()
	o := cluster(t)
	orphan := start(t, o)
	again := start(t, o)
	ended(t, orphan)
	connect(t, again.URL("postgres"))
}

func TestStartOverStaleLockFile(t *testing.T) {
	t.Parallel()
	o := cluster(t)
	// The process number of a foreign process that lives and is not PostgreSQL.
	stale := strconv.Itoa(os.Getppid()) + "\n" + o.Dir + "\n1700000000\n5432\n\n127.0.0.1\n  1234567 99999999\nready   \n"
	if err := os.WriteFile(filepath.Join(o.Dir, "postmaster.pid"), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	connect(t, start(t, o).URL("postgres"))
}

func TestStartPortTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	o := cluster(t)
	o.Port = l.Addr().(*net.TCPAddr).Port
	if _, err := pgserver.Start(t.Context(), o); !errors.Is(err, pgserver.ErrPortTaken) {
		t.Errorf("err = %v, want ErrPortTaken", err)
	}
}

func TestStartReportsLastWords(t *testing.T) {
	t.Parallel()
	o := cluster(t)
	o.Settings = []string{"no_such_setting=1"}
	_, err := pgserver.Start(t.Context(), o)
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("err = %v, want the server's complaint in it", err)
	}
}

func TestRestartKeepsAddress(t *testing.T) {
	t.Parallel()
	s := start(t, cluster(t))
	before, err := url.Parse(s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	s.Kill()
	again, err := s.Restart(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Stop(context.Background())
	if after := again.URL("postgres"); after != before.String() {
		t.Error("the address has changed")
	}
}
