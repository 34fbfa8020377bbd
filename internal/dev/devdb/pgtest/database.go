package pgtest

import (
	"context"
	"crypto/rand"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb"
)

// Database returns the URL of a fresh, empty database, as its superuser. It
// is dropped at the end of the test, with whatever is connected to it.
func Database(t testing.TB) string {
	t.Helper()
	return create(t, "template0")
}

// Bootstrapped returns the URL of a fresh database that looks like a Supabase
// project of today with ROMASHKA's base tables, without users and rows. The
// role is postgres, as for migrations at Supabase: owner, but no superuser.
func Bootstrapped(t testing.TB) string {
	t.Helper()
	return DressedWith(t, devdb.NoGrants)
}

// DressedWith is Bootstrapped with the default privileges of a time.
func DressedWith(t testing.TB, d devdb.Defaults) string {
	t.Helper()
	template := bootstrappedDB
	if d == devdb.GrantAll {
		template = olderDB
	}
	return As(t, create(t, template), "postgres")
}

// BothDefaults runs a test for a project of today and for an older one, at the
// same time.
func BothDefaults(t *testing.T, test func(*testing.T, devdb.Defaults)) {
	t.Helper()
	for _, d := range []devdb.Defaults{devdb.NoGrants, devdb.GrantAll} {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			test(t, d)
		})
	}
}

// Encoded returns the URL of a fresh, empty database in an encoding such as
// LATIN1, as its superuser. Its texts are sorted by their bytes.
func Encoded(t testing.TB, encoding string) string {
	t.Helper()
	return create(t, "template0 ENCODING '"+encoding+"' LC_COLLATE 'C' LC_CTYPE 'C'")
}

// DressedIn is Bootstrapped in another encoding than UTF8.
func DressedIn(t testing.TB, encoding string) string {
	t.Helper()
	owner := Encoded(t, encoding)
	conn := connect(t, owner)
	bootstrapping.Lock()
	defer bootstrapping.Unlock()
	if err := devdb.Dress(context.Background(), conn, devdb.NoGrants); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return As(t, owner, "postgres")
}

// bootstrapping is held while roles are changed, which are the server's: it refuses
// two who change one at a time.
var bootstrapping sync.Mutex

// As returns the same database seen by another role of the bootstrap that may
// log in: supabase_admin (superuser), postgres, authenticator.
func As(t testing.TB, dbURL, role string) string {
	t.Helper()
	u, err := url.Parse(dbURL)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	password, _ := u.User.Password() // one for all roles
	u.User = url.UserPassword(role, password)
	return u.String()
}

// Tx returns a transaction in a bootstrapped database, as its superuser, that is
// rolled back at the end of the test. The database is shared by the tests of
// the binary: a test that commits must do so in one of its own.
func Tx(t testing.TB) pgx.Tx {
	t.Helper()
	name, err := txDatabase()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	ctx := context.Background()
	conn := connect(t, use(t).adminURL(name))
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatalf("pgtest: begin: %v", err)
	}
	t.Cleanup(func() { _ = tx.Rollback(ctx) }) // closing, which follows, rolls back too
	return tx
}

// Conn returns a connection that is closed at the end of the test.
func Conn(t testing.TB, dbURL string) *pgx.Conn {
	t.Helper()
	return connect(t, dbURL)
}

// Major returns the major version of a database's server, such as 15.
func Major(t testing.TB, dbURL string) int {
	t.Helper()
	var number int
	if err := connect(t, dbURL).QueryRow(context.Background(), "SELECT current_setting('server_version_num')::int / 10000").Scan(&number); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return number
}

// Connector returns a function that connects to a database, for parts that open connections
// by itself.
func Connector(dbURL string) func(context.Context) (*pgx.Conn, error) {
	return func(ctx context.Context) (*pgx.Conn, error) {
		config, err := pgx.ParseConfig(dbURL)
		if err != nil {
			return nil, err
		}
		config.ConnectTimeout = 5 * time.Second
		config.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec // nothing stays prepared
		return pgx.ConnectConfig(ctx, config)
	}
}

// txDatabase is the one database of all transactions of this binary; like
// shared, it has no other place to live.
var txDatabase = sync.OnceValues(func() (string, error) {
	c, err := shared()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	const name = "romashka_tx"
	return name, execOn(ctx, c.adminURL("postgres"), "CREATE DATABASE "+name+" TEMPLATE "+bootstrappedDB)
})

func use(t testing.TB) *cluster {
	t.Helper()
	c, err := shared()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return c
}

// create copies a template under a random name.
func create(t testing.TB, template string) string {
	t.Helper()
	c := use(t)
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	name := "test_" + strings.ToLower(rand.Text()[:12])
	if err := execOn(ctx, c.adminURL("postgres"), "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatalf("pgtest: create database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
		defer cancel()
		if err := execOn(ctx, c.adminURL("postgres"), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("pgtest: drop database: %v", err)
		}
	})
	return c.adminURL(name)
}

func connect(t testing.TB, dbURL string) *pgx.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), setupTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, dbURL)
	if err != nil {
		t.Fatalf("pgtest: connect: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}
