package cli_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// seeded returns the URL of an older project into which the seed's SQL was
// pasted.
func seeded(t *testing.T) string {
	t.Helper()
	url := pgtest.DressedWith(t, devdb.GrantAll)
	seed, err := os.ReadFile("../database/migrator/testdata/seed.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pgtest.Conn(t, url).Exec(context.Background(), string(seed), pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	return url
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	url := pgtest.As(t, pgtest.Migrated(t, "supabase_admin"), "postgres")
	if got := run(t, nil, "policy", "--check", "--db-url", url); got.code != 0 || !strings.Contains(got.out, "policy hold") {
		t.Errorf("check: %+v", got)
	}
	if got := run(t, []string{"PGRST_DB_URI=" + url}, "policy"); got.code != 0 || !strings.Contains(got.out, "0 differ from the expected matrix") {
		t.Errorf("text: %+v", got)
	}
	page := filepath.Join(t.TempDir(), "policy.html")
	if got := run(t, nil, "policy", "--html", page, "--db-url", url); got.code != 0 {
		t.Errorf("html: %+v", got)
	}
	if text, err := os.ReadFile(page); err != nil || !strings.Contains(string(text), "<th>two_factor_auth</th>") {
		t.Errorf("page: %v\n%s", err, text)
	}

	if _, err := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin")).Exec(context.Background(), "GRANT DELETE ON public.security_sessions TO authenticated"); err != nil {
		t.Fatal(err)
	}
	got := run(t, nil, "policy", "--check", "--db-url", url)
	if got.code != 1 || !strings.Contains(got.out, "security_sessions                    admin             delete  want denied, have no row (") {
		t.Errorf("check of a changed database: %+v", got)
	}
}

func TestPolicyJSON(t *testing.T) {
	t.Parallel()
	got := run(t, nil, "policy", "--json", "--db-url", seeded(t))
	var report struct {
		Missing []string
		Cells   []struct{ Object, Role, Operation, Access, Expected string }
	}
	if err := json.Unmarshal([]byte(got.out), &report); err != nil || got.code != 0 {
		t.Fatalf("%v: %+v", err, got)
	}
	if len(report.Missing) == 0 || report.Missing[0] != "data_retention_policies" {
		t.Errorf("missing = %v", report.Missing)
	}
	first := report.Cells[0]
	if first.Object != "security_sessions" || first.Role != "anon" || first.Access != "no row" || first.Expected != "denied" {
		t.Errorf("first cell = %+v", first)
	}
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	url := seeded(t)
	got := run(t, []string{"PGRST_DB_URI=" + pgtest.As(t, url, "authenticator"), "PGRST_JWT_SECRET=" + secret}, "doctor", "--json", "--db-url", url)
	var report struct {
		Server   string
		Findings []struct{ Rule, Severity, Object, Owner, Fault, Evidence, Remedy string }
		Skipped  []struct{ Rule, Reason string }
	}
	if err := json.Unmarshal([]byte(got.out), &report); err != nil {
		t.Fatalf("%v: %+v", err, got)
	}
	report.Skipped = slices.DeleteFunc(report.Skipped, func(s struct{ Rule, Reason string }) bool { return strings.HasPrefix(s.Reason, "there is no table") })
	if got.code != 5 || got.errOut != "" || len(report.Skipped) != 1 || report.Skipped[0].Rule != "stale_schema_cache" || !strings.HasPrefix(report.Server, "PostgreSQL ") {
		t.Errorf("code %d, errors %q, skipped %v, server %q", got.code, got.errOut, report.Skipped, report.Server)
	}
	published := false
	for _, f := range report.Findings {
		published = published || f.Rule == "jwt_secret" && f.Severity == "critical"
		if f.Object == "" || f.Fault == "" || f.Remedy == "" || strings.Contains(f.Evidence, secret) {
			t.Errorf("an unhelpful finding: %+v", f)
		}
	}
	if !published {
		t.Error("the secret of PostgREST's tutorial is not named")
	}
	got = run(t, nil, "doctor", "--read-only", "--db-url", url)
	if got.code != 5 || !strings.Contains(got.out, "NOT CHECKED  policy_matrix: ") || !strings.Contains(got.out, "CRITICAL  table public.two_factor_auth\n") {
		t.Errorf("read-only: %+v", got)
	}
}

// Without a database the error says how to name one.
func TestNoTarget(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"policy", "doctor"} {
		got := run(t, nil, command, "--data", t.TempDir())
		if got.code != 1 || !strings.Contains(got.errOut, "give --db-url") {
			t.Errorf("%s: %+v", command, got)
		}
	}
	if got := run(t, nil, "policy", "--json", "--check"); got.code == 0 {
		t.Errorf("json and check: %+v", got)
	}
}
