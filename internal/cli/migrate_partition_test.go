package cli_test

import (
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// TestMigratePartition shows an operator the steps first, and does them once.
func TestMigratePartition(t *testing.T) {
	t.Parallel()
	environ := []string{"PGRST_DB_URI=" + pgtest.Migrated(t, "postgres")}
	for _, tt := range []struct {
		args []string
		code int
		out  []string
	}{
		{[]string{"messages"}, 2, []string{"want api_security_logs"}},
		{[]string{"api_security_logs", "--plan", "--abort"}, 1, nil},
		{[]string{"api_security_logs", "--plan"}, 0, []string{"about 0 rows", "step 1 ", "keeps nobody out", "ACCESS EXCLUSIVE for moments", "step 5 "}},
		{[]string{"api_security_logs", "--abort"}, 0, []string{"nothing was begun"}},
		{[]string{"api_security_logs", "--undo", "--abort"}, 1, nil},
		{[]string{"api_security_logs", "--undo", "--plan"}, 0, []string{"it is one table: nothing to do"}},
		{[]string{"api_security_logs", "--undo"}, 0, []string{"api_security_logs is one table"}},
		{[]string{"public.api_security_logs"}, 0, []string{"applied unique index", "api_security_logs is partitioned by day"}},
		{[]string{"api_security_logs", "--plan"}, 0, []string{"it is partitioned already"}},
		{[]string{"api_security_logs", "--undo", "--plan"}, 0, []string{"step 1 ", "SHARE ROW EXCLUSIVE for moments", "copy of the rows", "step 5 ", "more until the last step"}},
		{[]string{"api_security_logs", "--undo"}, 0, []string{"applied copy of the rows", "api_security_logs is one table"}},
		{[]string{"api_security_logs", "--plan"}, 0, []string{"about 0 rows", "step 5 "}},
	} {
		got := run(t, environ, append([]string{"migrate", "partition"}, tt.args...)...)
		if got.code != tt.code {
			t.Errorf("%v: %+v, want code %d", tt.args, got, tt.code)
		}
		for _, want := range tt.out {
			if !strings.Contains(got.out+got.errOut, want) {
				t.Errorf("%v lacks %q: %+v", tt.args, want, got)
			}
		}
	}
}
