package cli_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// ownDatabase is a project in which its owner may make schemas, as in every one;
// a copied database loses that right.
func ownDatabase(t *testing.T) (url string) {
	t.Helper()
	url = pgtest.Bootstrapped(t)
	admin := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	grant := "GRANT CREATE ON DATABASE " + pgx.Identifier{admin.Config().Database}.Sanitize() + " TO postgres"
	if _, err := admin.Exec(context.Background(), grant); err != nil {
		t.Fatal(err)
	}
	return url
}

// TestMigrate walks up, down and up again, as an operator would.
func TestMigrate(t *testing.T) {
	t.Parallel()
	url := ownDatabase(t)
	environ := []string{"PGRST_DB_URI=" + url}
	migrate := func(want int, args ...string) outcome {
		t.Helper()
		got := run(t, environ, append([]string{"migrate"}, args...)...)
		if got.code != want {
			t.Fatalf("migrate %v: %+v", args, got)
		}
		return got
	}
	if got := migrate(0, "version"); got.out != "0\n" {
		t.Errorf("an empty database is at %q", got.out)
	}
	if got := migrate(0, "status"); !strings.Contains(got.out, "pending ") || strings.Contains(got.out, "applied ") {
		t.Errorf("status before: %s", got.out)
	}
	if got := migrate(0, "up"); !strings.Contains(got.out, "applied ") || !strings.Contains(got.out, "the database is at version ") {
		t.Errorf("up: %s", got.out)
	}
	if got := migrate(0, "status"); strings.Contains(got.out, "pending ") || !strings.Contains(got.out, ", 0 to do\n") {
		t.Errorf("status after: %s", got.out)
	}
	newest := migrate(0, "version").out
	if got := migrate(1, "down", "2"); strings.Count(got.out, "would be taken back: ") != 2 || !strings.Contains(got.errOut, "--yes") {
		t.Errorf("down, without a yes: %+v", got)
	}
	if got := migrate(0, "version"); got.out != newest {
		t.Errorf("it was taken back all the same: %s", got.out)
	}
	if got := migrate(0, "down", "--yes"); !strings.Contains(got.out, "taken back "+strings.TrimSpace(newest)) {
		t.Errorf("down: %s", got.out)
	}
	if got := migrate(0, "up"); !strings.Contains(got.out, "the database is at version "+newest) {
		t.Errorf("up again: %s", got.out)
	}
	if got := migrate(0, "force", strings.TrimSpace(newest)); got.errOut != "" {
		t.Errorf("force: %s", got.errOut)
	}
	migrate(1, "force", "3")
	migrate(2, "force", "three")
	migrate(2, "down", "none")
}

// TestMigrateRefuses: the error names the missing objects, and nothing is
// changed.
func TestMigrateRefuses(t *testing.T) {
	t.Parallel()
	url := pgtest.Database(t)
	got := run(t, []string{"PGRST_DB_URI=" + url}, "migrate", "up")
	if got.code != 1 || !strings.Contains(got.errOut, "nothing was changed") || !strings.Contains(got.errOut, "profiles") {
		t.Errorf("%+v", got)
	}
	var schemas int
	err := pgtest.Conn(t, url).QueryRow(context.Background(), "SELECT count(*) FROM pg_namespace WHERE nspname = 'romashka'").Scan(&schemas)
	if err != nil || schemas != 0 {
		t.Errorf("schemas = %d, err = %v", schemas, err)
	}
}

func TestMigrateUnreachable(t *testing.T) {
	t.Parallel()
	c, err := pgx.ParseConfig(pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	got := run(t, []string{"PGRST_DB_URI=postgres://someone:hunter22@127.0.0.1:1/" + c.Database}, "migrate", "version")
	if got.code != 1 || strings.Contains(got.errOut, "hunter22") {
		t.Errorf("%+v", got)
	}
	got = run(t, []string{"PGRST_DB_URI=nonsense hunter22"}, "migrate", "version")
	if got.code != 1 || strings.Contains(got.errOut, "hunter22") || !strings.Contains(got.errOut, "db-uri (PGRST_DB_URI)") {
		t.Errorf("%+v", got)
	}
}
