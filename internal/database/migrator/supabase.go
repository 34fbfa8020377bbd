package migrator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/romashka/sidecar/sql"
	"github.com/romashka/sidecar/sql/supabase"
)

// baseVersion is the day of the dump that the base tables were taken from.
const baseVersion = "20250717000000"

// SeedUser is somebody who can sign in after `supabase db reset`.
type SeedUser struct{ Email, Password, FullName, Role string }

// SupabaseProject writes the files of supabase/ that follow from others, by
// their names in that folder: migrations/ and seed.sql. Each migration says in
// romashka.schema_migrations that it is applied, and does nothing where that
// is said already, so that the supabase CLI and Up may take turns.
//
// standing are the files of migrations/ that are there. A change of a function
// makes a new file, as the CLI applies none twice; the older ones stay.
func (m *Migrator) SupabaseProject(standing fs.FS, users []SeedUser) (map[string][]byte, error) {
	files := map[string][]byte{}
	base, err := baseMigration()
	if err != nil {
		return nil, err
	}
	files["migrations/"+baseVersion+"_romashka_base.sql"] = base
	books, err := readFile("books.sql")
	if err != nil {
		return nil, err
	}
	for _, one := range m.plan {
		text, err := fs.ReadFile(m.opts.Migrations, one.Name()+".up.sql")
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		if files["migrations/"+one.Name()+".sql"], err = supabaseMigration(one, string(text), books); err != nil {
			return nil, err
		}
		books = "" // the first one makes them
	}
	if err := m.supabaseFunctions(standing, files); err != nil {
		return nil, err
	}
	files["seed.sql"], err = supabaseSeed(users)
	return files, err
}

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

// supabaseMigration is one migration with its line in the books, which it makes
// itself if they are given.
func supabaseMigration(m Migration, text, books string) ([]byte, error) {
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
	for _, script := range []string{text, books} {
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

// supabaseFunctions adds the file of all functions, under the version that it
// has already or, if none of the standing files says the same, under a new one.
func (m *Migrator) supabaseFunctions(standing fs.FS, files map[string][]byte) error {
	text, err := m.functionsScript()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	suffix := "_functions_" + hex.EncodeToString(sum[:4]) + ".sql"
	versions := []string{baseVersion}
	for _, one := range m.plan {
		versions = append(versions, strconv.FormatUint(uint64(one.Version), 10))
	}
	names, err := fs.Glob(standing, "*_functions_*.sql")
	if err != nil {
		return fmt.Errorf("list functions: %w", err)
	}
	for _, name := range names {
		old, err := fs.ReadFile(standing, name)
		if err != nil {
			return fmt.Errorf("read functions: %w", err)
		}
		files["migrations/"+name] = old
		versions = append(versions, name[:strings.IndexByte(name, '_')])
	}
	newest := slices.Max(versions)
	if current := newest + suffix; len(names) > 0 && path.Base(names[len(names)-1]) == current {
		files["migrations/"+current] = text
		return nil
	}
	next, err := nextVersion(newest)
	files["migrations/"+next+suffix] = text
	return err
}

// nextVersion is one second after a version, counted in its own digits: only
// the order counts.
func nextVersion(version string) (string, error) {
	n, err := strconv.ParseUint(version, 10, 63)
	if err != nil {
		return "", fmt.Errorf("version %s: %w", version, err)
	}
	return strconv.FormatUint(n+1, 10), nil
}

// functionsScript applies every function that is not current, as Up does.
func (m *Migrator) functionsScript() ([]byte, error) {
	columns, err := readFile("relation_columns.sql")
	if err != nil {
		return nil, err
	}
	standing, err := readFile("functions.sql")
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, generated, "functions/")
	fmt.Fprintf(&b, "DO %s\nDECLARE\n  wanted text; -- checksum\n  other  text;\nBEGIN\n", blockTag)
	for _, f := range m.fns {
		text, err := quoteText(f.text)
		if err != nil {
			return nil, fmt.Errorf("function %s: %w", f.name, err)
		}
		shape := strings.ReplaceAll(withoutHeader(columns), "$1", "'{"+strings.Join(f.depends, ",")+"}'")
		fmt.Fprintf(&b, `
-- %[1]s
SELECT encode(sha256(convert_to('64:%[2]s' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (%[3]s) AS c;
IF to_regprocedure('%[1]s') IS NULL
   OR NOT EXISTS (SELECT FROM romashka.functions WHERE name = '%[4]s' AND checksum = wanted) THEN
  FOR other IN
    SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
    WHERE p.pronamespace = '%[5]s'::regnamespace AND p.proname = '%[4]s' AND p.oid IS DISTINCT FROM to_regprocedure('%[1]s')
  LOOP
    EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
  END LOOP;
  EXECUTE %[6]s;
  INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
  SELECT '%[4]s', '%[1]s', wanted, now(), s.definition
  FROM (%[7]s) AS s
  WHERE s.name IN ('%[8]s', '%[9]s')
  ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
    applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END IF;
`, f.signature, checksum(f.text), shape, f.name, f.schema(), text, withoutHeader(standing), f.key(), strings.TrimPrefix(f.key(), "public."))
	}
	fmt.Fprintf(&b, "END\n%s;\n", blockTag)
	return b.Bytes(), nil
}

// withoutHeader is a statement of sql/ without the comment over it.
func withoutHeader(text string) string {
	for strings.HasPrefix(text, "--") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return strings.TrimSpace(text)
}

// supabaseSeed adds users, demo rows and the sample, each where it is missing.
func supabaseSeed(users []SeedUser) ([]byte, error) {
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
