package cli_test

import (
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

func TestRoles(t *testing.T) {
	t.Parallel()
	url := pgtest.As(t, pgtest.Bootstrapped(t), "supabase_admin")
	m, err := migrator.New(url, migrator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = pgtest.Conn(t, url).Exec(t.Context(), `WITH u AS (INSERT INTO auth.users (id, email) VALUES (gen_random_uuid(), 'ann@roles.test'), (gen_random_uuid(), 'bea@roles.test') RETURNING id, email)
		INSERT INTO public.profiles (id, email, role) SELECT id, email, CASE email WHEN 'ann@roles.test' THEN 'admin' ELSE 'user' END FROM u
		ON CONFLICT (id) DO UPDATE SET role = EXCLUDED.role`)
	if err == nil {
		_, err = pgtest.Conn(t, url).Exec(t.Context(), "INSERT INTO public.roles (name, permissions) VALUES ('resolver', '{incidents:resolve}')")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"list"}, 0, "incidents:resolve"},
		{[]string{"grant", "bea@roles.test", "resolver", "--until", "8h"}, 0, "has the role resolver until"},
		{[]string{"show", "bea@roles.test", "--json"}, 0, `"role": "resolver"`},
		{[]string{"show", "resolver"}, 0, "bea@roles.test"},
		{[]string{"show", "resolver"}, 0, "Record incidents"},
		{[]string{"show", "nothing"}, 1, "no role and no user"},
		{[]string{"grant", "bea@roles.test", "nothing"}, 1, "no role"},
		{[]string{"grant", "nobody@roles.test", "resolver"}, 1, "no user"},
		{[]string{"grant", "bea@roles.test", "resolver", "--until", "2020-01-01T00:00:00Z"}, 2, "--until"},
		{[]string{"revoke", "bea@roles.test", "resolver"}, 0, "has no longer the role resolver"},
		{[]string{"revoke", "bea@roles.test", "resolver"}, 0, "did not have"},
		{[]string{"revoke", "ann@roles.test", "admin"}, 1, "last one who may grant"},
		{[]string{"grant", "bea@roles.test", "admin"}, 0, "has the role admin"},
		{[]string{"revoke", "ann@roles.test", "admin"}, 0, "has no longer"},
		{[]string{"show", "ann@roles.test"}, 0, "user (profile)"},
	} {
		got := run(t, nil, append(append([]string{"roles"}, tt.args...), "--db-url", url)...)
		if got.code != tt.code || !strings.Contains(got.out+got.errOut, tt.want) {
			t.Errorf("%v: %+v, want %d and %q", tt.args, got, tt.code, tt.want)
		}
	}
}
