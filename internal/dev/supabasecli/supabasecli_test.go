package supabasecli_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/romashka/sidecar/functions"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/supabasecli"
	"github.com/romashka/sidecar/migrations"
)

// project is the supabase CLI's folder.
const project = "../../../supabase"

// TestProject compares supabase/ with its sources.
func TestProject(t *testing.T) {
	t.Parallel()
	files, err := supabasecli.Files(migrations.Files, functions.Files, os.DirFS(project), supabasecli.Users())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(project, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("supabase/%s is not what it is made of; run make generate (%v)", name, err)
		}
	}
	if migrations.SupabaseFiles != string(supabasecli.History(files)) {
		t.Error("migrations/supabase.txt is not what it is made of; run make generate")
	}
	standing, err := filepath.Glob(filepath.Join(project, "migrations", "*.sql"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range standing {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if files["migrations/"+filepath.Base(name)] == nil && supabasecli.IsOurs(text) { // others are a developer's own
			t.Errorf("%s is made of nothing; run make generate", name)
		}
	}
}

const (
	first  = "-- function: public.first()\nSELECT 1;\n"
	second = "-- function: public.second()\nSELECT 2;\n"
)

// A function is a file; a shipped file stays; a change of it makes one more.
func TestFunctions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		shipped string // by an earlier release, of first
		text    string // of first, now
		want    []string
	}{
		{name: "nothing shipped", text: first, want: []string{"20270101000001_function_first.sql", "20270101000002_function_second.sql"}},
		{name: "shipped as it is", shipped: first, text: first, want: []string{"20270101000001_function_first.sql", "20270101000002_function_second.sql"}},
		{
			name: "changed since", shipped: first, text: strings.Replace(first, "1", "3", 1),
			want: []string{"20270101000001_function_first.sql", "20270101000002_function_first.sql", "20270101000003_function_second.sql"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			standing := fstest.MapFS{supabasecli.Shipped: &fstest.MapFile{Data: []byte("# none\n")}}
			if tt.shipped != "" {
				old := generate(t, tt.shipped, standing)["migrations/20270101000001_function_first.sql"]
				standing = fstest.MapFS{
					supabasecli.Shipped:                            &fstest.MapFile{Data: []byte("20270101000001_function_first.sql\n")},
					"migrations/20270101000001_function_first.sql": &fstest.MapFile{Data: old},
				}
			}
			files := generate(t, tt.text, standing)
			var got []string
			for _, name := range slices.Sorted(maps.Keys(files)) {
				if strings.Contains(name, "_function_") {
					got = append(got, filepath.Base(name))
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("functions %q, want %q", got, tt.want)
			}
			for name, file := range standing {
				if name != supabasecli.Shipped && !bytes.Equal(files[name], file.Data) {
					t.Errorf("%s was shipped, and is written anew", name)
				}
			}
		})
	}
}

func generate(t *testing.T, text string, standing fstest.MapFS) map[string][]byte {
	t.Helper()
	files, err := supabasecli.Files(
		fstest.MapFS{
			"20270101000000_tables.up.sql":   &fstest.MapFile{Data: []byte("SELECT 1;")},
			"20270101000000_tables.down.sql": &fstest.MapFile{Data: []byte("SELECT 1;")},
		},
		fstest.MapFS{"first.sql": &fstest.MapFile{Data: []byte(text)}, "second.sql": &fstest.MapFile{Data: []byte(second)}},
		standing, []devdb.User{{Email: "a@b.test", Password: "p", FullName: "A", Role: "user"}})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
