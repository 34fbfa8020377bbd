package doctor_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/doctor"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// deployed returns the URL of an older project, in which all was granted by
// default, as the owner of its tables. prepare is run in it.
func deployed(t testing.TB, prepare string) string {
	t.Helper()
	url := pgtest.DressedWith(t, devdb.GrantAll)
	exec(t, pgtest.Conn(t, url), prepare)
	return url
}

// migrated returns the URL of a bootstrapped database with our migrations.
func migrated(t testing.TB) string {
	t.Helper()
	return migratedWith(t, devdb.NoGrants)
}

func migratedWith(t testing.TB, d devdb.Defaults) string {
	t.Helper()
	return pgtest.As(t, pgtest.MigratedWith(t, d, "supabase_admin"), "postgres")
}

func exec(t testing.TB, conn *pgx.Conn, text string) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), text, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("prepare: %v", err)
	}
}

func examine(t testing.TB, url string, change func(*doctor.Options)) doctor.Report {
	t.Helper()
	o := doctor.Options{URI: pgtest.As(t, url, "authenticator"), DirectURI: url, Secret: "3fb1d0a97c52e8b64f0a1d9c7e25b8f3"}
	if change != nil {
		change(&o)
	}
	report, err := doctor.Examine(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	// Most tests have no API; TestStaleSchemaCache has.
	report.Skipped = slices.DeleteFunc(report.Skipped, func(s doctor.Skipped) bool {
		return s.Rule == "stale_schema_cache" && s.Reason == "the API's address is not known; give --api-url"
	})
	return report
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// reported reports whether a finding of rule is about object ("" = any) and has
// fault in its text.
func reported(r doctor.Report, rule, object, fault string) bool {
	return slices.ContainsFunc(r.Findings, func(f doctor.Finding) bool {
		return f.Rule == rule && (object == "" || strings.Contains(f.Object, object)) && strings.Contains(f.Fault, fault)
	})
}

// The seed's SQL, pasted by hand into a project with Supabase's default grants:
// every defect that was found in it by reading and measuring, and every finding
// of Supabase's linter.
func TestSeed(t *testing.T) {
	t.Parallel()
	r := examine(t, deployed(t, read(t, "../migrator/testdata/seed.sql")), nil)
	for _, want := range []struct{ defect, rule, object, fault string }{
		{"two_factor_auth has no RLS", "rls_disabled", "two_factor_auth", ""},
		{"anon reads every TOTP secret", "sensitive_columns", "two_factor_auth", ""},
		{"secrets and backup codes leave through the API", "plain_secrets", "two_factor_auth.secret", ""},
		{"secrets and backup codes leave through the API", "plain_secrets", "two_factor_auth.backup_codes", ""},
		{"a user can erase or forge his trail", "evidence_erasable", "security_sessions", ""},
		{"analytics readable by anon", "anon_reads_everything", "predictive_analytics", ""},
		{"analytics readable by anon", "anon_reads_everything", "business_intelligence", ""},
		{"analytics readable by anon", "anon_reads_everything", "customer_journey", ""},
		{"analytics readable by anon", "anon_reads_everything", "sentiment_analysis", ""},
		{"analytics readable by anon", "anon_reads_everything", "advanced_metrics", ""},
		{"no UPDATE policy on incidents", "nobody_can_resolve", "security_incidents", ""},
		{"admins see own sessions only", "policy_matrix", "security_sessions", ""},
		{"admins see own API logs only", "policy_matrix", "api_security_logs", ""},
		{"the dashboard reads columns that are not there", "function_fails", "get_analytics_dashboard_data", ""},
		{"the dashboard invents numbers", "invented_values", "get_analytics_dashboard_data", ""},
		{"CREATE TABLE IF NOT EXISTS, CREATE POLICY: no converging", "migrations", "", "not applied"},
		{"cleanup deletes sessions still active", "clean_up_by_age", "cleanup_old_analytics_data", "still active"},
		{"functions without search_path", "function_search_path", "get_security_metrics", ""},
		{"functions without search_path", "function_search_path", "get_analytics_dashboard_data", ""},
		{"functions without search_path", "function_search_path", "cleanup_old_analytics_data", ""},
		{"auth.uid() per row", "policy_per_row", "security_sessions", ""},
		{"auth.uid() per row", "policy_per_row", "security_incidents", ""},
		{"auth.uid() per row", "policy_per_row", "compliance_results", ""},
		{"auth.uid() per row", "policy_per_row", "api_security_logs", ""},

		{"lint unindexed_foreign_keys", "unindexed_foreign_key", "security_incidents_resolved_by_fkey", ""},
		{"lint unindexed_foreign_keys", "unindexed_foreign_key", "two_factor_auth_user_id_fkey", ""},
		{"lint multiple_permissive_policies", "multiple_permissive_policies", "security_sessions", "SELECT"},
		{"lint rls_policy_always_true", "writes_always_true", "ai_response_queue", ""},
		{"lint security_definer_view", "security_definer_view", "agent_performance_metrics", ""},
		{"beside lint duplicate_index: the unique key's own index", "duplicate_index", "idx_security_sessions_token", ""},

		{"base: nothing can be resolved", "base_tables", "conversations", "resolved"},
		{"base: double counts", "base_tables", "messages", "counted more than once"},
		{"base: first_response_at", "base_tables", "conversation_analytics", "first_response_at"},
		{"base: daily metrics", "daily_metrics_key", "aggregate_daily_metrics", ""},
	} {
		if !reported(r, want.rule, want.object, want.fault) {
			t.Errorf("%s: no finding of %s about %q", want.defect, want.rule, want.object)
		}
	}
	if worst, _ := r.Worst(); worst != doctor.Critical || r.Findings[0].Severity != doctor.Critical {
		t.Errorf("worst = %v, first = %v, want critical", worst, r.Findings[0].Severity)
	}
	// Rules about objects that the seed does not make cannot run, and are listed as
	// skipped.
	want := []doctor.Skipped{
		{Rule: "retention", Reason: "there is no table public.data_retention_policies"},
		{Rule: "jobs", Reason: "there is no table romashka.jobs"},
		{Rule: "queues", Reason: "there is no table romashka.queues"},
		{Rule: "realtime_source", Reason: "there is no table romashka.realtime_changes"},
	}
	if diff := cmp.Diff(want, r.Skipped); diff != "" {
		t.Errorf("not checked (-want +got):\n%s", diff)
	}
}

// A guard that somebody took away is an error, a trigger of the project's own is not.
func TestLostGuards(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	exec(t, pgtest.Conn(t, pgtest.As(t, url, "supabase_admin")), `
		DROP TRIGGER romashka_trail ON public.data_retention_policies;
		ALTER TABLE public.profiles DISABLE TRIGGER romashka_guard_profile_role;
		CREATE TRIGGER own BEFORE UPDATE ON public.security_alerts FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column()`)
	got := map[string]doctor.Severity{}
	for _, f := range examine(t, url, nil).Findings {
		if f.Rule == "drift" {
			got[f.Object] = f.Severity
		}
	}
	want := map[string]doctor.Severity{
		"trigger romashka_trail on public.data_retention_policies": doctor.Error,
		"trigger romashka_guard_profile_role on public.profiles":   doctor.Error,
		"trigger own on public.security_alerts":                    doctor.Warning,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Our migrations leave nothing to report about our own tables and functions. The
// rest is the base's, and each finding says so.
func TestMigrated(t *testing.T) {
	t.Parallel()
	pgtest.BothDefaults(t, testMigrated)
}

func testMigrated(t *testing.T, d devdb.Defaults) {
	r := examine(t, migratedWith(t, d), func(o *doctor.Options) { o.SecretKeyIDs = []string{"set"} })
	for _, f := range r.Findings {
		if f.Owner != doctor.OwnerProject && f.Rule != "realtime_source" { // the server of tests keeps no logical log
			t.Errorf("%s: %s %s: %s (%s)", f.Severity, f.Rule, f.Object, f.Fault, f.Evidence)
		}
	}
	for _, s := range r.Skipped {
		t.Errorf("%s was not checked: %s", s.Rule, s.Reason)
	}
}
