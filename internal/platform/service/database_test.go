package service_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/platform/service"
)

func open(t testing.TB, uri string, need service.Scope) (*pgx.Conn, error) {
	t.Helper()
	d, err := service.New(service.Options{URI: uri, Setting: "romashka-db-direct-uri", Name: "romashka test"})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := d.Connect(t.Context(), need)
	if err == nil {
		t.Cleanup(func() { service.Close(context.Background(), conn) })
	}
	return conn, err
}

// with adds parameters to a connection string.
func with(t testing.TB, uri, parameters string) string {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = strings.TrimPrefix(u.RawQuery+"&"+parameters, "&")
	return u.String()
}

// A pooler on the way is recognised, for pools with room and without, and one
// that keeps too little of a session is refused before anything is done on it.
func TestScope(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		mode     string
		sessions int
		keeps    service.Scope
	}{
		{"session", 1, service.Session},
		{"session", 3, service.Session},
		{"transaction", 1, service.Transaction},
		{"transaction", 2, service.Transaction},
		{"transaction", 3, service.Transaction},
		{"statement", 1, service.Statement},
		{"statement", 3, service.Statement},
	} {
		t.Run(fmt.Sprint(tt.mode, tt.sessions), func(t *testing.T) {
			t.Parallel()
			uri := pgtest.PoolerIn(t, tt.mode, pgtest.Database(t), tt.sessions)
			for _, need := range []service.Scope{service.Statement, service.Transaction, service.Session} {
				conn, err := open(t, uri, need)
				if err == nil {
					service.Close(t.Context(), conn)
				}
				var refused *service.PoolerError
				if got := errors.As(err, &refused); got != (need > tt.keeps) || err != nil && !got {
					t.Fatalf("for a %s: %v", need, err)
				}
				if refused == nil {
					continue
				}
				if refused.Keeps != tt.keeps || !strings.Contains(err.Error(), "romashka-db-direct-uri") || !strings.Contains(err.Error(), tt.mode+" mode") {
					t.Errorf("for a %s: %v", need, err)
				}
			}
		})
	}
}

func TestScopeOfServer(t *testing.T) {
	t.Parallel()
	conn, err := open(t, with(t, pgtest.Database(t), "pgbouncer=true"), service.Session)
	if err != nil {
		t.Fatalf("the server itself, whatever the string says: %v", err)
	}
	conn.Close(t.Context())
}

// The session is ours, whatever the database, the role and the string say.
func TestSession(t *testing.T) {
	t.Parallel()
	owner := pgtest.Database(t)
	conn := pgtest.Conn(t, owner)
	for _, setting := range []string{"client_encoding = 'LATIN1'", "DateStyle = 'German'", "standard_conforming_strings = off"} {
		if _, err := conn.Exec(t.Context(), "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET "+strings.ReplaceAll(setting, "'", "''")+"', current_database()); END $$"); err != nil {
			t.Fatal(err)
		}
	}
	uri := with(t, owner, "pgbouncer=true&connection_limit=1&schema=public&keepalives_idle=30&Client_Encoding=EUC_JP&statement_timeout=4321")
	for name, uri := range map[string]string{"direct": uri, "pooler": with(t, pgtest.Pooler(t, owner, 2), "pgbouncer=true&pool_timeout=3")} {
		conn, err := open(t, uri, service.Transaction)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for setting, want := range map[string]string{
			"client_encoding": "UTF8", "DateStyle": "ISO, MDY", "standard_conforming_strings": "on", "application_name": "romashka test",
		} {
			var got string
			if err := conn.QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s is %q, want %q (%v)", name, setting, got, want, err)
			}
		}
		if name != "direct" {
			continue
		}
		var got string
		if err := conn.QueryRow(t.Context(), "SHOW statement_timeout").Scan(&got); err != nil || got != "4321ms" {
			t.Errorf("a parameter of the server's is %q, want 4321ms (%v)", got, err)
		}
	}
}

// No error repeats a piece of the string: if special characters of the password
// were left as they are, pieces of it stand for host and database.
func TestErrorsHoldNothingOfTheString(t *testing.T) {
	t.Parallel()
	db, err := url.Parse(pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, uri := range []string{
		"postgres://u:p@piece/w:rd@127.0.0.1:5432/app",
		"postgres://u:p@piece@127.0.0.1:1/app",
		"postgres://u:100%piece@127.0.0.1/app",
		"postgres://u:piece@127.0.0.1:1/piece",
		"postgres://piece@piece.invalid/piece",
		"postgres://" + db.User.String() + "@" + db.Host + "/piece",
		"piece", "host=piece.invalid dbname=piece password=piece", "postgres://u:pi#piece@h/db", "postgres://u:pa?piece@h/db",
	} {
		d, err := service.New(service.Options{URI: uri, Setting: "db-uri"})
		if err == nil {
			_, err = d.Connect(t.Context(), service.Statement)
		}
		if err == nil || strings.Contains(err.Error(), "piece") || strings.Contains(err.Error(), "w:rd") || !strings.Contains(err.Error(), "db-uri") {
			t.Errorf("%s: %v", uri, err)
		}
	}
	_, err = open(t, "postgres://"+db.User.String()+"@"+db.Host+"/piece", service.Statement)
	var refusal *pgconn.PgError
	if !errors.As(err, &refusal) || refusal.Code != "3D000" {
		t.Errorf("the server's refusal: %v", err)
	}
}

// The attempt ends when its context does.
func TestConnectCanceled(t *testing.T) {
	t.Parallel()
	d, err := service.New(service.Options{URI: pgtest.Database(t)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Connect(ctx, service.Session); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v", err)
	}
}

// While others use the pooler, its sessions come in another order than those of
// an idle one; the mode is recognised all the same.
func TestScopeUnderLoad(t *testing.T) {
	t.Parallel()
	for _, sessions := range []int{1, 3, 12} {
		t.Run(strconv.Itoa(sessions), func(t *testing.T) {
			t.Parallel()
			uri := pgtest.Pooler(t, pgtest.Database(t), sessions)
			ctx, stop := context.WithCancel(t.Context())
			var others sync.WaitGroup
			defer func() { stop(); others.Wait() }()
			for range 16 {
				conn := pgtest.Conn(t, uri)
				others.Go(func() {
					for ctx.Err() == nil {
						_, _ = conn.PgConn().Exec(ctx, "SELECT count(*) FROM generate_series(1, 3000)").ReadAll()
					}
				})
			}
			recognised := 0
			for range 20 {
				var refused *service.PoolerError
				conn, err := open(t, uri, service.Session)
				switch {
				case errors.As(err, &refused) && refused.Keeps == service.Transaction:
					recognised++
				case err == nil || !strings.Contains(err.Error(), "became free in time"): // which on a busy machine is true
					t.Errorf("conn %v, err %v", conn != nil, err)
				}
			}
			if recognised == 0 {
				t.Error("not recognised once")
			}
		})
	}
}

// A pooler whose only session is in use is not waited for until it gives up.
func TestScopeOfBusyPooler(t *testing.T) {
	t.Parallel()
	uri := pgtest.Pooler(t, pgtest.Database(t), 1)
	if _, err := pgtest.Conn(t, uri).Exec(t.Context(), "BEGIN"); err != nil {
		t.Fatal(err)
	}
	conn, err := open(t, uri, service.Session)
	if err == nil || !strings.Contains(err.Error(), "romashka-db-direct-uri") || !strings.Contains(err.Error(), "became free in time") {
		t.Errorf("conn %v, err %v", conn != nil, err)
	}
}
