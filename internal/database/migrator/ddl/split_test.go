package ddl_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/database/migrator/ddl"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		want     []string
		lines    []int
	}{
		{name: "empty", in: " -- nothing\n ; ;"},
		{name: "two, the last without an end", in: "SELECT 1;\n-- a; b\nSELECT 2", want: []string{"SELECT 1", "SELECT 2"}, lines: []int{1, 3}},
		{name: "strings", in: `SELECT ';', ';''', E'\';', ";""" ; x`, want: []string{`SELECT ';', ';''', E'\';', ";"""`, "x"}, lines: []int{1, 1}},
		{name: "dollars", in: "DO $a$ x; $b$;$b$ $a$;\nSELECT $1, a$b, $$;$$;", want: []string{"DO $a$ x; $b$;$b$ $a$", "SELECT $1, a$b, $$;$$"}, lines: []int{1, 2}},
		{name: "comments", in: "/* ; /* ; */ ; */ a -- ;\n; b", want: []string{"a", "b"}, lines: []int{1, 2}},
		{name: "parentheses", in: "CREATE RULE r AS ON INSERT TO t DO (a; b); c", want: []string{"CREATE RULE r AS ON INSERT TO t DO (a; b)", "c"}, lines: []int{1, 1}},
		{
			name: "atomic body", in: "CREATE OR REPLACE FUNCTION f(begin atomic) RETURNS int LANGUAGE sql\nBEGIN ATOMIC\n  SELECT 1; SELECT 2;\nEND;\nb",
			want:  []string{"CREATE OR REPLACE FUNCTION f(begin atomic) RETURNS int LANGUAGE sql\nBEGIN ATOMIC\n  SELECT 1; SELECT 2;\nEND", "b"},
			lines: []int{1, 5},
		},
		{
			name: "atomic body with cases",
			in:   "create procedure p() begin /* */ atomic SELECT CASE WHEN a THEN CASE b WHEN 1 THEN 2 END END; SELECT (CASE WHEN c THEN 1 END); END; b; c",
			want: []string{
				"create procedure p() begin /* */ atomic SELECT CASE WHEN a THEN CASE b WHEN 1 THEN 2 END END; SELECT (CASE WHEN c THEN 1 END); END", "b", "c",
			},
			lines: []int{1, 1, 1},
		},
		{
			name:  "names in an atomic body",
			in:    `CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS end, t.case, "end" FROM t; SELECT 'END'; END; b`,
			want:  []string{`CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS end, t.case, "end" FROM t; SELECT 'END'; END`, "b"},
			lines: []int{1, 1},
		},
		{name: "no atomic body", in: "BEGIN; SELECT begin atomic; CREATE TABLE function (begin atomic); END", want: []string{"BEGIN", "SELECT begin atomic", "CREATE TABLE function (begin atomic)", "END"}, lines: []int{1, 1, 1, 1}},
		{name: "unfinished atomic body", in: "CREATE FUNCTION f() BEGIN ATOMIC a; b;", want: []string{"CREATE FUNCTION f() BEGIN ATOMIC a; b;"}, lines: []int{1}},
		{name: "unfinished", in: "SELECT 'a; b", want: []string{"SELECT 'a; b"}, lines: []int{1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			var lines []int
			for _, s := range ddl.Split(tt.in) {
				got, lines = append(got, s.Text), append(lines, s.Line)
				if tt.in[s.Start:s.End] != s.Text {
					t.Errorf("%q is not at %d-%d", s.Text, s.Start, s.End)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("statements (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.lines, lines); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	s := ddl.Split("ALTER TABLE t\n  ADD COLUMN  ä int")[0]
	if got, want := s.Summary(80), "ALTER TABLE t ADD COLUMN ä int"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := s.Summary(16), "ALTER TABLE t..."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzSplit: no input makes it panic, and nothing of a statement is lost.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"a; b", "$$", "'", "/*", "E'\\", "$a$;$a", "((;", "CREATE FUNCTION f() BEGIN ATOMIC a; CASE END; END; b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, s := range ddl.Split(in) {
			if s.Text == "" || in[s.Start:s.End] != s.Text {
				t.Errorf("%q at %d-%d of %q", s.Text, s.Start, s.End, in)
			}
			ddl.Catalog{}.Read(s)
		}
	})
}
