package migrator_test

import (
	"context"
	"io/fs"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/pelletier/go-toml/v2"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/sql/supabase"
)

// project is the supabase CLI's folder.
const project = "../../../supabase"

// The CLI reads config.toml before anything else.
func TestSupabaseConfig(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(project, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		ProjectID string `toml:"project_id"`
		API       struct{ Schemas []string }
		DB        struct {
			MajorVersion int `toml:"major_version"`
			Seed         struct {
				SQLPaths []string `toml:"sql_paths"`
			}
		}
	}
	if err := toml.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	if config.ProjectID == "" || config.DB.MajorVersion < 15 || !slices.Contains(config.API.Schemas, "public") || slices.Contains(config.API.Schemas, "romashka") {
		t.Errorf("config.toml: %+v", config)
	}
	for _, path := range config.DB.Seed.SQLPaths {
		if _, err := os.Stat(filepath.Join(project, path)); err != nil {
			t.Error(err)
		}
	}
}

// supabaseMigrations are the files in the order in which the CLI applies them.
func supabaseMigrations(t testing.TB) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(project, "migrations", "*.sql"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no migrations in %s: %v", project, err)
	}
	return names
}

// push applies files as the supabase CLI does: those that its history does not
// have, each in a transaction with its line in them.
func push(t testing.TB, url string, files []string) {
	t.Helper()
	conn := pgtest.Conn(t, url)
	script(t, conn, `CREATE SCHEMA IF NOT EXISTS supabase_migrations;
		CREATE TABLE IF NOT EXISTS supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text)`)
	for _, file := range files {
		version, name, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".sql"), "_")
		if value[bool](t, conn, "SELECT EXISTS (SELECT FROM supabase_migrations.schema_migrations WHERE version = $1)", version) {
			continue
		}
		psql(t, url, file, "INSERT INTO supabase_migrations.schema_migrations (version, name) VALUES ('"+version+"', '"+name+"')")
	}
}

// script is exec for several statements at once.
func script(t testing.TB, conn *pgx.Conn, text string) {
	t.Helper()
	if _, err := conn.PgConn().Exec(context.Background(), text).ReadAll(); err != nil {
		t.Fatalf("exec %.80s: %v", text, err)
	}
}

// psql runs a file and a statement in one transaction, with psql where there
// is one, which knows nothing of how we cut scripts.
func psql(t testing.TB, url, file, then string) {
	t.Helper()
	program, err := osexec.LookPath("psql")
	if err != nil {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		script(t, pgtest.Conn(t, url), string(text)+";\n"+then)
		return
	}
	out, err := osexec.Command(program, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
		"--dbname="+url, "--file="+file, "--command="+then).CombinedOutput()
	if err != nil {
		t.Fatalf("psql --file=%s: %v\n%.2000s", file, err, out)
	}
}

// rolesChange is held by who changes roles, which all databases of the server share:
// PostgreSQL refuses two changes of one at a time.
var rolesChange sync.Mutex

// bareSupabase makes a project without a table, as supabase start does.
func bareSupabase(t testing.TB, d devdb.Defaults) (url string) {
	t.Helper()
	admin := pgtest.Database(t)
	conn := pgtest.Conn(t, admin)
	names, err := fs.Glob(supabase.Files, "[123]*.sql")
	if err != nil {
		t.Fatal(err)
	}
	rolesChange.Lock()
	defer rolesChange.Unlock()
	for _, name := range names {
		if d == devdb.GrantAll && name == "25_no_default_grants.sql" {
			continue
		}
		text, err := supabase.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		script(t, conn, "BEGIN;"+string(text)+";COMMIT")
	}
	return pgtest.As(t, admin, "postgres")
}

// settled fails unless Up finds nothing to do and the schema is as wanted.
func settled(t *testing.T, url string, want []string) {
	t.Helper()
	var steps []string
	m := newMigrator(t, url, migrator.Options{Progress: func(s migrator.Step) { steps = append(steps, s.Name) }})
	if n := pending(t, m); n != 0 {
		t.Errorf("%d to do", n)
	}
	up(t, m)
	if len(steps) > 0 {
		t.Errorf("up did %v", steps)
	}
	if diff := cmp.Diff(want, schema(t, pgtest.Conn(t, url))); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
	if p := planFor(t, url); len(p.Drift) != 0 {
		t.Errorf("drift: %v", p.Drift)
	}
}

func TestSupabaseAndUpTakeTurns(t *testing.T) {
	t.Parallel()
	pgtest.BothDefaults(t, testTurns)
}

func testTurns(t *testing.T, d devdb.Defaults) {
	url := bootstrappedWith(t, d)
	up(t, newMigrator(t, url, migrator.Options{}))
	want := schema(t, pgtest.Conn(t, url))
	files := supabaseMigrations(t)
	half := len(files) / 2

	t.Run("up, then push", func(t *testing.T) {
		push(t, url, files)
		settled(t, url, want)
	})
	t.Run("reset, then up", func(t *testing.T) {
		t.Parallel()
		url := bareSupabase(t, d)
		push(t, url, files)
		for range 2 { // the second adds nothing
			psql(t, url, filepath.Join(project, "seed.sql"), "SELECT 1")
		}
		settled(t, url, want)
		conn := pgtest.Conn(t, url)
		const counts = `SELECT array_agg(n) FROM (SELECT count(*)::int FROM auth.users UNION ALL SELECT count(*) FROM public.conversations
			UNION ALL SELECT count(*) FROM public.security_sessions UNION ALL SELECT count(*) FROM public.security_incidents) AS c (n)`
		if got := value[[]int32](t, conn, counts); !slices.Equal(got, []int32{5, 6, 3, 3}) {
			t.Errorf("users, conversations, sessions, incidents = %v", got)
		}
	})
	t.Run("half of a push, up, the rest", func(t *testing.T) {
		t.Parallel()
		url := bootstrappedWith(t, d)
		push(t, url, files[:half])
		up(t, newMigrator(t, url, migrator.Options{}))
		push(t, url, files)
		settled(t, url, want)
	})
	t.Run("over the seed by hand", func(t *testing.T) {
		t.Parallel()
		url := bootstrappedWith(t, d)
		exec(t, pgtest.Conn(t, url), testdata(t, "seed.sql"))
		push(t, url, files)
		settled(t, url, want)
	})
}
