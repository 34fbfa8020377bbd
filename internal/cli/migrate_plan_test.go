package cli_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// TestMigratePlan shows an admin the statements and their locks, before and
// after.
func TestMigratePlan(t *testing.T) {
	t.Parallel()
	url := ownDatabase(t)
	conn := pgtest.Conn(t, url)
	environ := []string{"PGRST_DB_URI=" + url}

	got := run(t, environ, "migrate", "plan")
	for _, want := range []string{
		"pending     20261123000200_seed_tables (10 statements)\n",
		"public.profiles: SHARE ROW EXCLUSIVE, blocks writes (about 0 rows, ",
		"function    public.get_security_metrics() (missing)\n",
		"\nversion 0, ", " to apply; 0 differences\n",
	} {
		if got.code != 0 || !strings.Contains(got.out, want) {
			t.Errorf("no %q in %+v", want, got)
		}
	}
	got = run(t, environ, "migrate", "plan", "--json")
	var plan struct {
		Migrations []struct {
			Statements []struct{ Tables []struct{ Lock string } }
		}
		Drift []any
	}
	if err := json.Unmarshal([]byte(got.out), &plan); err != nil {
		t.Fatal(err)
	}
	if n := len(plan.Migrations); n < 20 || plan.Migrations[1].Statements[0].Tables[0].Lock != "SHARE ROW EXCLUSIVE" || plan.Drift == nil {
		t.Errorf("JSON: %+v", plan)
	}

	if _, err := conn.Exec(context.Background(), "ALTER TABLE public.messages DROP COLUMN sender_type CASCADE"); err != nil {
		t.Fatal(err)
	}
	got = run(t, environ, "migrate", "plan")
	if got.code != 1 || !strings.Contains(got.out, "in the way  table public.messages, column sender_type is missing: ") ||
		!strings.Contains(got.errOut, "up would refuse") {
		t.Errorf("with a base that lacks a column: %+v", got)
	}
}
