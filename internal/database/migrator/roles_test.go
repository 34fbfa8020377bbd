package migrator_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// rolesOf returns the roles that user_roles has for a person.
func rolesOf(t testing.TB, owner *pgx.Conn, person string) string {
	t.Helper()
	return value[string](t, owner, `SELECT COALESCE(string_agg(r.name, ' ' ORDER BY r.name), '-') FROM public.user_roles AS u
		JOIN public.roles AS r ON r.id = u.role_id WHERE u.user_id = $1`, person)
}

// user_roles has the role of profiles.role, never a higher one, whoever writes
// it.
func TestRolesInStep(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	for person, want := range map[string]string{alice: "user", bob: "user", anna: "admin"} {
		if got := rolesOf(t, owner, person); got != want {
			t.Errorf("%s signed up as %s, want %s", person, got, want)
		}
	}
	if _, err := do(t, url, anna, "INSERT INTO public.roles (name) VALUES ('billing')"); err != nil {
		t.Fatal(err)
	}
	const set = "UPDATE public.profiles SET role = $2 WHERE id = $1"
	for _, tt := range []struct {
		name, as, whose, role string // as a person, or a role of the API
		wantState             string
		wantRows              int64
		want                  string // of whose, afterwards
	}{
		{"a stranger makes a user an admin", "anon", alice, "admin", "", 0, "user"},
		{"a user makes himself an admin", alice, alice, "admin", "42501", 0, "user"},
		{"a user makes another an agent", alice, bob, "agent", "", 0, "user"},
		{"a user makes himself an agent, as the base allows", alice, alice, "agent", "", 1, "agent"},
		{"a user gives himself a role that nobody knows", alice, alice, "king", "23514", 0, "agent"},
		{"a user gives himself a role that an admin added", alice, alice, "billing", "42501", 0, "agent"},
		{"the server gives that role", "service_role", alice, "billing", "", 1, "billing"},
		{"a user comes back", alice, alice, "user", "", 1, "user"},
		{"the server makes a user an admin", "service_role", bob, "security_admin", "", 1, "security_admin"},
		{"the server writes what is there", "service_role", bob, "security_admin", "", 1, "security_admin"},
		{"the server takes that back", "service_role", bob, "user", "", 1, "user"},
		{"the last admin steps down", anna, anna, "user", "23514", 0, "admin"},
		{"the server makes another admin", "service_role", bob, "admin", "", 1, "admin"},
		{"an admin steps down", anna, anna, "user", "", 1, "user"},
		{"who was an admin does not come back", anna, anna, "admin", "42501", 0, "user"},
	} {
		act := do
		if tt.as == "anon" || tt.as == "service_role" {
			act = asRole
		}
		n, err := act(t, url, tt.as, set, tt.whose, tt.role)
		if sqlstate(err) != tt.wantState || n != tt.wantRows {
			t.Errorf("%s: %d rows, %v; want %d, %q", tt.name, n, err, tt.wantRows, tt.wantState)
		}
		if got := rolesOf(t, owner, tt.whose); got != tt.want {
			t.Errorf("%s: user_roles says %s, want %s", tt.name, got, tt.want)
		}
	}
	if _, err := do(t, url, alice, "INSERT INTO public.user_roles (user_id, role_id) SELECT $1, id FROM public.roles WHERE name = 'admin'", alice); sqlstate(err) != "42501" {
		t.Errorf("a user assigns himself a role: %v", err)
	}
}

// A role that an admin assigned besides stays.
func TestFurtherRolesStay(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	_, err := do(t, url, anna, "INSERT INTO public.user_roles (user_id, role_id, assigned_by) SELECT $1, id, $2 FROM public.roles WHERE name = 'agent'", bob, anna)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := asRole(t, url, "service_role", "UPDATE public.profiles SET role = 'compliance_admin' WHERE id = $1", bob); err != nil {
		t.Fatal(err)
	}
	if got, want := rolesOf(t, owner, bob), "agent compliance_admin"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// asRole runs one statement as a role without a person; it returns the rows it
// reached.
func asRole(t testing.TB, url, role, query string, args ...any) (n int64, err error) {
	t.Helper()
	ctx := context.Background()
	err = pgx.BeginFunc(ctx, pgtest.Conn(t, pgtest.As(t, url, "authenticator")), func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL ROLE "+role); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, query, args...)
		n = tag.RowsAffected()
		return err
	})
	return n, err
}
