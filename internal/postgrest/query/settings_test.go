package query_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
	"github.com/romashka/sidecar/internal/postgrest/apirequest"
	"github.com/romashka/sidecar/internal/postgrest/plan"
	"github.com/romashka/sidecar/internal/postgrest/query"
	"github.com/romashka/sidecar/internal/postgrest/schemacache"
)

// TestManySettings: more settings than a function takes arguments, and all of
// them hold.
func TestManySettings(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	for _, n := range []int{0, 1, 30, 40, 41, 42, 43, 44, 45, 200} {
		var list []schemacache.Setting
		for i := range n {
			list = append(list, schemacache.Setting{Name: fmt.Sprintf("app.settings.s%d", i), Value: fmt.Sprintf("%d of %d", i, n)})
		}
		script := query.Build(query.Options{AppSettings: list}, query.Caller{Role: "none", Claims: []byte(`{"sub":"me"}`)},
			&apirequest.Request{Schema: "public", Method: "GET", Path: "/"}, &plan.Plan{Kind: plan.Describe})
		var args []any
		for _, a := range script.Settings.Args {
			args = append(args, string(a.Value))
		}
		if _, err := tx.Exec(t.Context(), script.Settings.SQL, args...); err != nil {
			t.Fatalf("%d settings: %v", n, err)
		}
		checks := []string{"current_setting('request.jwt.claims') = '{\"sub\":\"me\"}'"}
		for _, s := range list {
			checks = append(checks, fmt.Sprintf("current_setting('%s') = '%s'", s.Name, s.Value))
		}
		var held bool
		if err := tx.QueryRow(t.Context(), "SELECT "+strings.Join(checks, " AND ")).Scan(&held); err != nil || !held {
			t.Errorf("%d settings hold: %t, error %v", n, held, err)
		}
	}
}
