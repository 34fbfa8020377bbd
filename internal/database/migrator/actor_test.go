package migrator_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// The people of these tests.
const (
	alice = "00000000-0000-4000-8000-00000000000a" // a user
	bob   = "00000000-0000-4000-8000-00000000000b" // another
	anna  = "00000000-0000-4000-8000-00000000000c" // admin
)

// peopled returns a migrated database with the three of them, and a connection
// of its owner.
func peopled(t testing.TB) (url string, owner *pgx.Conn) {
	t.Helper()
	url, _ = migrated(t)
	people(t, url)
	return url, pgtest.Conn(t, url)
}

func people(t testing.TB, url string) {
	t.Helper()
	super := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	for id, who := range map[string][2]string{alice: {"alice", "user"}, bob: {"bob", "user"}, anna: {"anna", "admin"}} {
		exec(t, super, "INSERT INTO auth.users (id, email) VALUES ($1, $2)", id, who[0]+"@people.test")
		exec(t, super, "INSERT INTO public.profiles (id, email, role) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET role = EXCLUDED.role",
			id, who[0]+"@people.test", who[1])
	}
}

// actAs runs act in a transaction as the person, signed in, and commits if act
// returns no error.
func actAs(t testing.TB, url, person string, act func(pgx.Tx) error) error {
	t.Helper()
	ctx := context.Background()
	conn := pgtest.Conn(t, pgtest.As(t, url, "authenticator"))
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		claims := fmt.Sprintf(`{"role": "authenticated", "sub": "%s"}`, person)
		if _, err := tx.Exec(ctx, "SELECT set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)", claims); err != nil {
			return err
		}
		return act(tx)
	})
}

// do is actAs for one statement; it returns the rows it reached.
func do(t testing.TB, url, person, query string, args ...any) (n int64, err error) {
	t.Helper()
	err = actAs(t, url, person, func(tx pgx.Tx) error {
		tag, err := tx.Exec(context.Background(), query, args...)
		n = tag.RowsAffected()
		return err
	})
	return n, err
}

func sqlstate(err error) string {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return pgErr.Code
	}
	return ""
}
