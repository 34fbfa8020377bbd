package ddl_test

import (
	"testing"

	"github.com/romashka/sidecar/internal/database/migrator/ddl"
)

func TestReadIndex(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in, name, table string
		unique          bool
		concurrently    string
	}{
		{
			in: "CREATE INDEX IF NOT EXISTS i ON public.t (a)", name: "i", table: "public.t",
			concurrently: "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON public.t (a)",
		},
		{
			in: "create unique /* x */ index\n\"I x\" ON t (a)", name: "I x", table: "public.t", unique: true,
			concurrently: "create unique /* x */ index CONCURRENTLY\n\"I x\" ON t (a)",
		},
		{in: "CREATE INDEX CONCURRENTLY i ON t (a)"},
		{in: "CREATE INDEX ON t (a)"},
		{in: "CREATE TABLE t (index int)"},
	} {
		t.Run(tt.in, func(t *testing.T) {
			t.Parallel()
			s := ddl.Statement{Text: tt.in}
			x, ok := ddl.ReadIndex(s)
			if ok != (tt.name != "") || x.Name != tt.name || x.Table != tt.table || x.Unique != tt.unique {
				t.Fatalf("%+v, %v", x, ok)
			}
			if ok && x.Concurrently(s) != tt.concurrently {
				t.Errorf("got %q", x.Concurrently(s))
			}
		})
	}
}
