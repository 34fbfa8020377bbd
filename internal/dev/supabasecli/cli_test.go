package supabasecli_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/romashka/sidecar/functions"
	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/dev/supabasecli"
	"github.com/romashka/sidecar/migrations"
)

// cli is the real supabase CLI in a folder of its own with the project's files.
type cli struct {
	t               *testing.T
	program, folder string
}

// newCLI skips the test where there is no supabase CLI.
func newCLI(t *testing.T) *cli {
	t.Helper()
	program := os.Getenv("SUPABASE_CLI")
	if program == "" {
		var err error
		if program, err = exec.LookPath("supabase"); err != nil {
			t.Skip("the supabase CLI is not installed; npm install -g supabase, or its path in SUPABASE_CLI")
		}
	}
	c := &cli{t: t, program: program, folder: t.TempDir()}
	files, err := supabasecli.Files(migrations.Files, functions.Files, os.DirFS(project), supabasecli.Users())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		c.write(name, string(text))
	}
	config, err := os.ReadFile(filepath.Join(project, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	c.write("config.toml", string(config))
	return c
}

func (c *cli) write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.folder, "supabase", name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// run is the output of a command of the CLI, and whether it succeeded.
func (c *cli) run(url string, args ...string) (string, bool) {
	c.t.Helper()
	command := exec.CommandContext(c.t.Context(), c.program, append(args, "--workdir", c.folder, "--db-url", url, "--yes")...)
	command.Env = append(os.Environ(), "DO_NOT_TRACK=1", "SUPABASE_TELEMETRY_DISABLED=1", "HOME="+c.folder)
	out, err := command.CombinedOutput()
	return string(out), err == nil
}

// nothingLeft fails unless the CLI finds each of its files applied, and none to push.
func (c *cli) nothingLeft(url string) {
	c.t.Helper()
	list, ok := c.run(url, "migration", "list", "--output-format", "json")
	both := regexp.MustCompile(`"local":\s*"(\d{14})",\s*"remote":\s*"(\d{14})"`)
	rows := both.FindAllStringSubmatch(list, -1)
	if want := strings.Count(migrations.SupabaseFiles, "\n"); !ok || len(rows) < want {
		c.t.Errorf("migration list: %d of %d applied\n%s", len(rows), want, list)
	}
	for _, row := range rows {
		if row[1] != row[2] {
			c.t.Errorf("migration list: %s beside %s", row[1], row[2])
		}
	}
	if out, ok := c.run(url, "db", "push", "--dry-run"); !ok || !strings.Contains(out, "up to date") {
		c.t.Errorf("db push --dry-run: %s", out)
	}
}

// up runs romashka migrate up, and returns the steps that it took.
func up(t *testing.T, url string, o migrator.Options) (steps []string) {
	t.Helper()
	o.Progress = func(s migrator.Step) { steps = append(steps, s.Name) }
	m, err := migrator.New(url, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	return steps
}

// The real CLI and migrate up leave each other nothing to do, in both orders, also
// in a project that has migrations of its own.
func TestCLI(t *testing.T) {
	t.Parallel()
	const own = "-- of the project's\nCREATE TABLE IF NOT EXISTS public.own (id int PRIMARY KEY);\n"
	t.Run("up, then push", func(t *testing.T) {
		t.Parallel()
		c, url := newCLI(t), database(t)
		up(t, url, migrator.Options{})
		c.nothingLeft(url)
	})
	t.Run("push, then up", func(t *testing.T) {
		t.Parallel()
		c, url := newCLI(t), database(t)
		if out, ok := c.run(url, "db", "push"); !ok {
			t.Fatalf("db push: %s", out)
		}
		if steps := up(t, url, migrator.Options{}); len(steps) > 0 {
			t.Errorf("up did %v", steps)
		}
		c.nothingLeft(url)
	})
	t.Run("migrations of its own, from before", func(t *testing.T) {
		t.Parallel()
		c, url := newCLI(t), database(t)
		c.write("migrations/20260101000000_own.sql", own)
		pushOwn(t, url, "20260101000000")
		if out, ok := c.run(url, "db", "push", "--dry-run"); !ok || !strings.Contains(out, "romashka_base") { // not blocked
			t.Errorf("db push --dry-run: %s", out)
		}
		up(t, url, migrator.Options{SupabaseHistory: migrator.SupabaseOn})
		c.nothingLeft(url)
	})
	t.Run("migrations of its own, from later", func(t *testing.T) {
		t.Parallel()
		c, url := newCLI(t), database(t)
		c.write("migrations/20270101000000_own.sql", own)
		pushOwn(t, url, "20270101000000")
		up(t, url, migrator.Options{SupabaseHistory: migrator.SupabaseOn})
		c.nothingLeft(url)
	})
	t.Run("a project without these files", func(t *testing.T) {
		t.Parallel()
		c, url := newCLI(t), database(t)
		pushOwn(t, url, "20260101000000")
		up(t, url, migrator.Options{})
		if err := os.RemoveAll(filepath.Join(c.folder, "supabase", "migrations")); err != nil {
			t.Fatal(err)
		}
		c.write("migrations/20260101000000_own.sql", own)
		if out, ok := c.run(url, "db", "push", "--dry-run"); !ok || !strings.Contains(out, "up to date") {
			t.Errorf("db push --dry-run: %s", out)
		}
	})
}

// database is a project of Supabase with the base tables, in which its owner may
// make schemas.
func database(t *testing.T) string {
	t.Helper()
	url := pgtest.Bootstrapped(t)
	pgtest.MaySchemas(t, url)
	return url
}

// pushOwn notes in the CLI's history that a migration of the project's is applied.
func pushOwn(t *testing.T, url, version string) {
	t.Helper()
	_, err := pgtest.Conn(t, url).Exec(context.Background(), `CREATE SCHEMA supabase_migrations;
		CREATE TABLE supabase_migrations.schema_migrations (version text PRIMARY KEY, statements text[], name text);
		INSERT INTO supabase_migrations.schema_migrations (version, name) VALUES ('`+version+`', 'own')`)
	if err != nil {
		t.Fatal(err)
	}
}
