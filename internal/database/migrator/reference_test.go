package migrator_test

import (
	"context"
	"flag"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/migrations"
	"github.com/romashka/sidecar/sql"
)

var update = flag.Bool("update", false, "write reference.txt anew")

// firstMigrations are the files of the n oldest migrations.
func firstMigrations(t testing.TB, n int) fs.FS {
	t.Helper()
	names, err := fs.Glob(migrations.Files, "*.sql") // sorted; two for each
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, name := range names[:2*n] {
		text, err := migrations.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: text}
	}
	return files
}

// objects returns lines "kind, relation, name, definition" of the objects of the
// database.
func objects(t testing.TB, conn *pgx.Conn) []string {
	t.Helper()
	exec(t, conn, "SET search_path = ''")
	var lines []string
	for _, file := range []string{"objects.sql", "functions.sql"} {
		query, err := sql.Migrator.ReadFile("migrator/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var args []any
		if file == "functions.sql" {
			args = append(args, nil) // all of them
		}
		rows, err := conn.Query(context.Background(), string(query), args...)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
			var kind, relation, name, definition string
			err := row.Scan(&kind, &relation, &name, &definition)
			return strings.Join([]string{kind, relation, name, strings.Join(strings.Fields(definition), " ")}, "\t"), err
		})
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		lines = append(lines, found...)
	}
	return slices.DeleteFunc(lines, func(line string) bool {
		relation := strings.Split(line, "\t")[1]
		return slices.Contains([]string{
			"romashka.schema_migrations", "romashka.functions", "romashka.later_indexes", "romashka.repairs", "romashka.repaired_rows",
		}, relation)
	})
}

// whicheverDefaults joins the objects of two projects of other default
// privileges: a grant that is not the same in both was not stated yet.
func whicheverDefaults(t testing.TB, today, older []string) []string {
	t.Helper()
	keys := map[string]bool{}
	for _, line := range today {
		if !slices.Contains(older, line) {
			keys[line[:strings.LastIndexByte(line, '\t')]] = true
		}
	}
	var joined []string
	for _, line := range older {
		switch key := line[:strings.LastIndexByte(line, '\t')]; {
		case slices.Contains(today, line):
			joined = append(joined, line)
		case strings.Contains(strings.Split(line, "\t")[0], "grant"):
			keys[key] = true
		default:
			t.Errorf("only in an older project: %s", line)
		}
	}
	for key := range keys {
		if !strings.Contains(strings.Split(key, "\t")[0], "grant") {
			t.Errorf("only in a project of today: %s", key)
		}
		joined = append(joined, key+"\tas default privileges have it")
	}
	return joined
}

// TestReference walks up through the versions and writes down from when until
// when each object stands; -update keeps that as reference.txt.
func TestReference(t *testing.T) {
	t.Parallel()
	urls := []string{bootstrapped(t), bootstrappedWith(t, devdb.GrantAll)}
	conns := []*pgx.Conn{pgtest.Conn(t, urls[0]), pgtest.Conn(t, urls[1])}
	standing := func() []string { return whicheverDefaults(t, objects(t, conns[0]), objects(t, conns[1])) }
	status, err := newMigrator(t, urls[0], migrator.Options{}).Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	base := standing()
	var order []string
	since := map[string]string{}
	before := base
	for i, one := range status.Migrations {
		version := strconv.FormatUint(uint64(one.Version), 10)
		for _, url := range urls {
			up(t, newMigrator(t, url, migrator.Options{Migrations: firstMigrations(t, i+1), Functions: fstest.MapFS{}}))
		}
		after := standing()
		for _, line := range before {
			if !slices.Contains(after, line) {
				if since[line] == "" {
					t.Fatalf("%s takes away what it has not made: %s", one.Name(), line)
				}
				order = append(order, since[line]+"\t"+version+"\t"+line)
				delete(since, line)
			}
		}
		for _, line := range after {
			if !slices.Contains(before, line) {
				since[line] = version
			}
		}
		before = after
	}
	for line, version := range since {
		order = append(order, version+"\t-\t"+line)
	}
	slices.Sort(order)
	got := "# What the migrations make, version by version: since, until, kind, relation, name,\n" +
		"# definition. Written by go test ./internal/database/migrator -run TestReference -update\n" +
		strings.Join(order, "\n") + "\n"
	if *update {
		if err := os.WriteFile("reference.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("reference.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("reference.txt is not what the migrations make; if they are right, run with -update\n%s", diff)
	}
}
