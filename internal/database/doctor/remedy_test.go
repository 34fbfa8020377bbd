package doctor_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/doctor"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// remediesRun runs the remedy of each finding of the rules over the catalog, as
// it is printed: SQL is taken back again, but for what no transaction takes, which
// comes last. A remedy that begins with romashka is a command line.
func remediesRun(t *testing.T, url string, r doctor.Report) {
	t.Helper()
	conn := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	ctx := context.Background()
	overCatalog := map[string]bool{}
	for _, rule := range doctor.Rules() {
		overCatalog[rule.Name] = true
	}
	alone := func(f doctor.Finding) bool {
		return strings.Contains(f.Remedy, "CONCURRENTLY") || strings.HasPrefix(f.Remedy, "VACUUM")
	}
	list := slices.Clone(r.Findings)
	slices.SortStableFunc(list, func(a, b doctor.Finding) int {
		switch {
		case alone(a) == alone(b):
			return 0
		case alone(b):
			return -1
		}
		return 1
	})
	ran := map[string]bool{} // two rules may say the same
	for _, f := range list {
		statement, _, _ := strings.Cut(f.Remedy, "; --")
		if statement = strings.TrimSuffix(statement, ";"); alone(f) && ran[statement] {
			continue
		}
		ran[statement] = true
		if !overCatalog[f.Rule] || strings.HasPrefix(f.Remedy, "romashka ") {
			continue
		}
		if strings.Contains(f.Remedy, "...") && f.Rule != "retention" || strings.Contains(f.Remedy, "<") && strings.Contains(f.Remedy, ">;") {
			t.Errorf("%s %s: has a gap to fill: %s", f.Rule, f.Object, f.Remedy)
		}
		if !alone(f) {
			_, _ = conn.Exec(ctx, "BEGIN")
		}
		_, err := conn.Exec(ctx, f.Remedy, pgx.QueryExecModeSimpleProtocol)
		if !alone(f) {
			_, _ = conn.Exec(ctx, "ROLLBACK")
		}
		if err != nil {
			t.Errorf("%s %s: %v\n%s", f.Rule, f.Object, err, f.Remedy)
		}
	}
}
