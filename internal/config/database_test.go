package config_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/config"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// login makes a role that belongs to this test, runs the statements for it
// ({role} and {db} stand for its name and the database's) and logs in as it.
func login(t *testing.T, role string, statements ...string) *pgx.Conn {
	t.Helper()
	ctx := context.Background()
	url := pgtest.Database(t)
	admin := pgtest.Conn(t, url)
	names := strings.NewReplacer("{role}", role, "{db}", pgx.Identifier{admin.Config().Database}.Sanitize())
	run := func(statement string) {
		t.Helper()
		if _, err := admin.Exec(ctx, names.Replace(statement)); err != nil {
			t.Fatal(err)
		}
	}
	run("CREATE ROLE {role} LOGIN NOINHERIT PASSWORD '" + admin.Config().Password + "'")
	t.Cleanup(func() {
		if _, err := admin.Exec(ctx, names.Replace("DROP OWNED BY {role}; DROP ROLE {role}")); err != nil {
			t.Error(err)
		}
	})
	for _, s := range statements {
		run(s)
	}
	return pgtest.Conn(t, pgtest.As(t, url, role))
}

func TestReadDatabase(t *testing.T) {
	t.Parallel()
	conn := login(t, "config_reader",
		"ALTER ROLE {role} SET pgrst.db_max_rows = '500'",
		"ALTER ROLE {role} SET pgrst.jwt_aud = 'everywhere'",
		"ALTER ROLE {role} IN DATABASE {db} SET pgrst.jwt_aud = 'here = now'",
		"ALTER ROLE {role} IN DATABASE template1 SET pgrst.db_max_rows = '1111'",
		"ALTER ROLE {role} SET pgrst.db_pool = '99'",
		"ALTER ROLE {role} SET pgrst.no_such = 'setting'",
		"ALTER DATABASE {db} SET pgrst.db_anon_role = 'of the database'",
		"CREATE SCHEMA pre; GRANT USAGE ON SCHEMA pre TO {role}",
		`CREATE FUNCTION pre.config() RETURNS void LANGUAGE sql AS $$
			SELECT set_config('pgrst.db_schemas', 'one, two', true), set_config('pgrst.jwt_aud', 'least', true),
			       set_config('pgrst.db_pool', '98', true) $$`,
	)
	for _, tt := range []struct {
		name, preConfig string
		want            []config.Pair
	}{
		{name: "role settings", want: []config.Pair{{Name: "db_max_rows", Value: "500"}, {Name: "jwt_aud", Value: "here = now"}}},
		{name: "pre-config", preConfig: "pre.config", want: []config.Pair{
			// The server hands the database's own setting on to the function's session.
			{Name: "db_anon_role", Value: "of the database"},
			{Name: "db_max_rows", Value: "500"}, {Name: "db_schemas", Value: "one, two"}, {Name: "jwt_aud", Value: "here = now"},
		}},
	} {
		got, err := config.ReadDatabase(context.Background(), conn, tt.preConfig)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	_, err := config.ReadDatabase(context.Background(), conn, `no."such`)
	if err == nil || !strings.Contains(err.Error(), "read settings from the database: ERROR: schema") {
		t.Errorf("err = %v", err)
	}
	_, err = config.ReadDatabase(context.Background(), conn, "select")
	if err == nil || !strings.Contains(err.Error(), "function select() does not exist") {
		t.Errorf("err = %v", err)
	}
}
