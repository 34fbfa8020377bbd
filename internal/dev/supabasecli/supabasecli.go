// Package supabasecli writes the files of supabase/, the folder of the supabase
// CLI, from migrations/, functions/ and sql/: its migrations and seed.sql.
//
// Each migration says in romashka.schema_migrations that it is applied, and
// does nothing where that is said already, so that the supabase CLI and
// romashka migrate up may take turns. A function is a file of its own, named
// after it. The CLI applies no file twice, so that a function's change makes a
// new file once a release has shipped the old one; shipped.txt names those.
//
// It never writes to a database, and none of it is part of the product.
package supabasecli

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/sql"
	"github.com/romashka/sidecar/sql/supabase"
)

// Shipped is the file of supabase/ that lists the functions' files which a
// release has shipped, one name a line. They are never written anew.
const Shipped = "shipped.txt"

// ShippedHeader is the header of the list.
const ShippedHeader = "# Files of functions that a release has shipped: make generate never writes them anew.\n"

// baseVersion stands before all migrations, and no earlier than need be: the CLI
// pushes no file that is dated before the last one that a project has applied.
const baseVersion = "20261123000000"

// Users are those who can sign in after `supabase db reset`, with a password
// that is known to all.
func Users() []devdb.User {
	users := devdb.NewDemoUsers()
	for i := range users {
		users[i].Password = "romashka-demo"
	}
	return users
}

// Files are the files of supabase/ that follow from others, by their names in
// that folder. standing is the folder as it is: its files that a release has shipped
// are kept.
func Files(migrations, functions, standing fs.FS, users []devdb.User) (map[string][]byte, error) {
	plan, err := migrator.ReadMigrations(migrations)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	if files[folder+baseVersion+"_romashka_base.sql"], err = baseMigration(); err != nil {
		return nil, err
	}
	history, err := statement("history.sql")
	if err != nil {
		return nil, err
	}
	for _, one := range plan {
		text, err := fs.ReadFile(migrations, one.Name()+".up.sql")
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		if files[folder+one.Name()+".sql"], err = migration(one, string(text), history); err != nil {
			return nil, err
		}
		history = "" // the first one makes its tables
	}
	if err := addFunctions(functions, standing, files); err != nil {
		return nil, err
	}
	files["seed.sql"], err = seed(users)
	return files, err
}

// IsOurs reports whether a migration of the folder was written by Files, and is not one
// that a developer has added.
func IsOurs(text []byte) bool {
	head, _, _ := strings.Cut(generated, "%s")
	return bytes.HasPrefix(text, []byte(head))
}

// History lists the migrations among files as migrations/supabase.txt has them.
func History(files map[string][]byte) []byte {
	var b bytes.Buffer
	for _, path := range slices.Sorted(maps.Keys(files)) {
		if file, ok := strings.CutPrefix(path, folder); ok {
			version, name, _ := strings.Cut(strings.TrimSuffix(file, ".sql"), "_")
			fmt.Fprintf(&b, "%s %s\n", version, name)
		}
	}
	return b.Bytes()
}

// folder is where the CLI looks for migrations.
const folder = "migrations/"

const (
	generated = "-- Written by `make generate` from %s; do not edit.\n"
	blockTag  = "$romashka$"
	textTag   = "$text$"
)

// quoteText makes a dollar-quoted string of a script.
func quoteText(script string) (string, error) {
	if strings.Contains(script, textTag) || strings.Contains(script, blockTag) {
		return "", fmt.Errorf("a script may not contain %s or %s", textTag, blockTag)
	}
	return textTag + "\n" + strings.TrimSpace(script) + "\n" + textTag, nil
}

// migration is one migration with its line in the history, whose tables it
// makes itself if their statements are given.
func migration(m migrator.Migration, text, history string) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, generated, "migrations/"+m.Name()+".up.sql")
	fmt.Fprintf(&b, `DO %s
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = %d) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

`, blockTag, m.Version)
	for _, script := range []string{text, history} {
		if script == "" {
			continue
		}
		if err := execute(&b, script, ""); err != nil {
			return nil, fmt.Errorf("migration %s: %w", m.Name(), err)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, `INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (%d, '%s', '%s', now());
END
%s;
`, m.Version, m.Title, m.Checksum, blockTag)
	return b.Bytes(), nil
}

// baseMigration makes the tables that ROMASHKA already has, where it has none:
// in the database of `supabase start`. A project with users is left alone.
func baseMigration() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, generated, "sql/supabase")
	fmt.Fprintf(&b, "-- The deployed project has these tables, and keeps its own; supabase start has none.\n"+
		"DO %s\nBEGIN\nIF to_regclass('public.profiles') IS NOT NULL THEN\n  RETURN;\nEND IF;\n", blockTag)
	names, err := fs.Glob(supabase.Files, "*.sql") // sorted; those that make a Supabase of a PostgreSQL come first
	if err != nil {
		return nil, fmt.Errorf("list bootstrap: %w", err)
	}
	for _, name := range names {
		if name < "40" {
			continue
		}
		text, err := supabase.Files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read bootstrap: %w", err)
		}
		quoted, err := quoteText(string(text))
		if err != nil {
			return nil, fmt.Errorf("bootstrap %s: %w", name, err)
		}
		fmt.Fprintf(&b, "\nEXECUTE %s;\n", quoted)
	}
	fmt.Fprintf(&b, "END\n%s;\n", blockTag)
	return b.Bytes(), nil
}

// addFunctions adds the files of functions: those that a release has shipped as
// they are, and, under versions after all others, each function whose newest
// shipped file differs from its text now.
func addFunctions(functions, standing fs.FS, files map[string][]byte) error {
	list, err := migrator.ReadFunctions(functions)
	if err != nil {
		return err
	}
	newest, err := addShipped(standing, files)
	if err != nil {
		return err
	}
	version, err := newestVersion(files)
	if err != nil {
		return err
	}
	for _, f := range list {
		text, err := functionMigration(f)
		if err != nil {
			return fmt.Errorf("function %s: %w", f.Name, err)
		}
		if bytes.Equal(text, newest[f.Name]) {
			continue
		}
		version++ // counted in its own digits: only the order counts
		files[fmt.Sprintf("%s%d%s%s.sql", folder, version, infix, f.Name)] = text
	}
	return nil
}

// infix stands between version and name of a function's file.
const infix = "_function_"

// addShipped adds the shipped files, and returns the newest of each function.
func addShipped(standing fs.FS, files map[string][]byte) (newest map[string][]byte, err error) {
	text, err := fs.ReadFile(standing, Shipped)
	if err != nil {
		return nil, fmt.Errorf("read what releases have shipped: %w", err)
	}
	names := slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool {
		return line == "" || strings.HasPrefix(line, "#")
	})
	slices.Sort(names) // by version
	newest = map[string][]byte{}
	for _, name := range names {
		_, function, ok := strings.Cut(strings.TrimSuffix(name, ".sql"), infix)
		if !ok {
			return nil, fmt.Errorf("%s: %q is no file of a function", Shipped, name)
		}
		if newest[function], err = fs.ReadFile(standing, folder+name); err != nil {
			return nil, fmt.Errorf("read what a release has shipped: %w", err)
		}
		files[folder+name] = newest[function]
	}
	return newest, nil
}

func newestVersion(files map[string][]byte) (newest uint64, err error) {
	for name := range files {
		digits, _, _ := strings.Cut(strings.TrimPrefix(name, folder), "_")
		version, err := strconv.ParseUint(digits, 10, 63)
		if err != nil {
			return 0, fmt.Errorf("version of %s: %w", name, err)
		}
		newest = max(newest, version)
	}
	return newest, nil
}

// functionMigration applies a function where it is not current, as Up does.
func functionMigration(f migrator.FunctionFile) ([]byte, error) {
	columns, err := statement("relation_columns.sql")
	if err != nil {
		return nil, err
	}
	standing, err := statement("functions.sql")
	if err != nil {
		return nil, err
	}
	text, err := quoteText(f.Text)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, generated, "functions/"+f.Name+".sql")
	shape := strings.ReplaceAll(withoutHeader(columns), "$1", "'{"+strings.Join(f.Depends, ",")+"}'")
	fmt.Fprintf(&b, `DO %[8]s
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:%[2]s' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (%[3]s) AS c;
IF to_regprocedure('%[1]s') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = '%[4]s' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = '%[5]s'::regnamespace AND p.proname = '%[4]s' AND p.oid IS DISTINCT FROM to_regprocedure('%[1]s')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE %[6]s;
made := to_regprocedure('%[1]s');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT '%[4]s', '%[1]s', wanted, now(), s.definition
FROM (%[7]s) AS s
ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END
%[8]s;
`, f.Signature, migrator.Checksum(f.Text), shape, f.Name, f.Schema(), text,
		strings.ReplaceAll(withoutHeader(standing), "$1", "made"), blockTag)
	return b.Bytes(), nil
}

// statement is a file of the migrator's.
func statement(name string) (string, error) {
	text, err := sql.Migrator.ReadFile("migrator/" + name)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return string(text), nil
}

// withoutHeader is a statement of sql/ without the comment over it.
func withoutHeader(text string) string {
	for strings.HasPrefix(text, "--") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return strings.TrimSpace(text)
}

// seed adds users, demo rows and the sample, each where it is missing.
func seed(users []devdb.User) ([]byte, error) {
	addUser, err := supabase.Files.ReadFile("demo/user.sql")
	if err != nil {
		return nil, fmt.Errorf("read bootstrap: %w", err)
	}
	rows, err := supabase.Files.ReadFile("demo/rows.sql")
	if err != nil {
		return nil, fmt.Errorf("read bootstrap: %w", err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, generated, "sql/supabase/demo and sql/sample")
	fmt.Fprintf(&b, "-- For supabase db reset on a developer's machine: the passwords are known to all.\nDO %s\nDECLARE\n  person record;\n  owner  uuid;\nBEGIN\n", blockTag)
	b.WriteString("FOR person IN SELECT * FROM (VALUES\n")
	for i, u := range users {
		fmt.Fprintf(&b, "  (%s, %s, %s, %s)%s\n", literal(u.Email), literal(u.Password), literal(u.FullName), literal(u.Role), comma(i < len(users)-1))
	}
	b.WriteString(") AS p (email, password, full_name, role) LOOP\n  CONTINUE WHEN EXISTS (SELECT FROM auth.users AS u WHERE u.email = person.email);\n")
	if err := execute(&b, string(addUser), " USING person.email, person.password, person.full_name, person.role"); err != nil {
		return nil, err
	}
	b.WriteString("END LOOP;\n\nIF NOT EXISTS (SELECT FROM public.conversations) THEN\n")
	if err := execute(&b, string(rows), ""); err != nil {
		return nil, err
	}
	fmt.Fprintf(&b, "END IF;\n\nSELECT id INTO owner FROM public.profiles WHERE email = %s;\n", literal(users[0].Email))
	names, err := fs.Glob(sql.Sample, "sample/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list sample: %w", err)
	}
	for _, name := range names {
		text, err := sql.Sample.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read sample: %w", err)
		}
		using := ""
		if strings.Contains(string(text), "$1") {
			using = " USING owner"
		}
		if err := execute(&b, string(text), using); err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(&b, "END\n%s;\n", blockTag)
	return b.Bytes(), nil
}

func execute(b *bytes.Buffer, script, using string) error {
	quoted, err := quoteText(script)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "EXECUTE %s%s;\n", quoted, using)
	return nil
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func comma(more bool) string {
	if more {
		return ","
	}
	return ""
}
