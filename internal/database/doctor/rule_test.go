package doctor_test

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/doctor"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// Every rule finds the fault that it is for; the seed has those of the rest.
func TestRules(t *testing.T) {
	t.Parallel()
	partitioned := os.Getenv("ROMASHKA_TEST_PARTITIONED") != "" // TestLogPartitions has what is wrong with a log that is not
	url := migratedWith(t, devdb.GrantAll)
	admin := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	exec(t, admin, read(t, "testdata/faults.sql"))
	flushStatistics(t, admin)
	r := examine(t, url, func(o *doctor.Options) { o.Schemas, o.Jobs = []string{"public", "pgmq_public"}, []string{"f_known"} })
	for _, want := range []struct{ rule, object, owner string }{
		{"policy_without_rls", "public.f_policies", doctor.OwnerProject},
		{"rls_disabled", "public.f_policies", doctor.OwnerProject},
		{"rls_without_policy", "public.f_closed", doctor.OwnerProject},
		{"user_metadata_in_policy", "public.f_metadata", doctor.OwnerProject},
		{"policy_unindexed", "public.f_unindexed.owner", doctor.OwnerProject},
		{"security_definer_callable", "public.f_definer()", doctor.OwnerProject},
		{"auth_users_exposed", "public.f_users", doctor.OwnerProject},
		{"security_definer_view", "public.f_users", doctor.OwnerProject},
		{"materialized_view_in_api", "public.f_materialized", doctor.OwnerProject},
		{"foreign_table_in_api", "public.f_foreign", doctor.OwnerProject},
		{"extension_in_api", "citext", doctor.OwnerProject},
		{"extension_outdated", "citext", doctor.OwnerProject},
		{"queue_in_api", "pgmq.q_mail", doctor.OwnerProject},
		{"bucket_listing", "listing", doctor.OwnerProject},
		{"graphql_exposed", "public.f_closed", doctor.OwnerProject},
		{"unsupported_reg_type", "public.f_keyless.kind", doctor.OwnerProject},
		{"no_primary_key", "public.f_keyless", doctor.OwnerProject},
		{"auth_key_not_primary", "f_phone_phone_fkey", doctor.OwnerProject},
		{"duplicate_index", "public.f_twice_b", doctor.OwnerProject},
		{"unused_index", "public.f_twice_b", doctor.OwnerProject},
		{"table_bloat", "public.f_bloated", doctor.OwnerProject},
		{"anonymous_users", "auth.users", doctor.OwnerProject},
		{"retention", "public.api_security_logs", doctor.OwnerRomashka},
		{"log_volume", "public.api_security_logs", doctor.OwnerRomashka},
		{"log_partitions", "public.api_security_logs", doctor.OwnerRomashka},
		{"daily_metrics_twice", "public.daily_metrics", doctor.OwnerProject},
		{"create_in_schema", "schema public", doctor.OwnerProject},
		{"jobs", "job retention", doctor.OwnerRomashka},
		{"jobs", "job f_unknown", doctor.OwnerRomashka},
		{"jobs", "job f_missing", doctor.OwnerRomashka},
		{"jobs", "job f_failing", doctor.OwnerRomashka},
		{"queues", "queue kpi", doctor.OwnerRomashka},
		{"queues", "queue text", doctor.OwnerRomashka},
		{"no_grants", "public.f_ungranted", doctor.OwnerProject},
		{"no_sequence_grant", "public.f_serial", doctor.OwnerProject},
		{"realtime_publication", "public.messages", doctor.OwnerProject},
		{"realtime_source", "Realtime", doctor.OwnerDeployment}, // the test's server has wal_level minimal
		{"realtime_source", "table public.f_followed", doctor.OwnerProject},
	} {
		if !reported(r, want.rule, want.object, "") && (want.rule != "log_partitions" || !partitioned) {
			t.Errorf("no finding of %s about %s", want.rule, want.object)
		}
		for _, f := range r.Findings {
			if f.Rule == want.rule && f.Object == want.object && f.Owner != want.owner {
				t.Errorf("%s %s is the %s's, want %s", f.Rule, f.Object, f.Owner, want.owner)
			}
		}
	}
	for _, s := range r.Skipped {
		t.Errorf("%s was not checked: %s", s.Rule, s.Reason)
	}
	for _, job := range []string{"job f_known", "job f_off"} {
		if reported(r, "jobs", job, "") {
			t.Errorf("there is nothing wrong with %s", job)
		}
	}
	if reported(r, "duplicate_index", "public.f_twice_a", "") {
		t.Error("both of two equal indexes are called superfluous")
	}

	seen := map[string]bool{"roles": true, "log_partitions": partitioned} // TestLogin has the first
	seed := deployed(t, read(t, "../migrator/testdata/seed.sql"))
	ofSeed := examine(t, seed, nil)
	remediesRun(t, url, r)
	remediesRun(t, seed, ofSeed)
	for _, f := range slices.Concat(r.Findings, ofSeed.Findings) {
		if !slices.Contains(doctor.RuleNames(), f.Rule) {
			t.Errorf("RuleNames lacks %s", f.Rule)
		}
	}
	for _, report := range []doctor.Report{r, ofSeed} {
		for _, f := range report.Findings {
			seen[f.Rule] = true
		}
	}
	for _, rule := range doctor.Rules() {
		if !seen[rule.Name] {
			t.Errorf("no test makes %s find anything", rule.Name)
		}
	}
}

// flushStatistics has the server count conn's work: at once, from release 15 on;
// before that, a session reports it at its end.
func flushStatistics(t testing.TB, conn *pgx.Conn) {
	t.Helper()
	ctx := context.Background()
	if _, err := conn.Exec(ctx, "SELECT pg_stat_force_next_flush()"); err != nil && conn.Close(ctx) != nil {
		t.Fatal(err)
	}
}

// The linter's lints are all covered, each by one rule.
func TestLints(t *testing.T) {
	t.Parallel()
	by := map[string]string{}
	for _, rule := range doctor.Rules() {
		for _, lint := range rule.Lints {
			if by[lint] != "" {
				t.Errorf("lint %s: rules %s and %s", lint, by[lint], rule.Name)
			}
			by[lint] = rule.Name
		}
	}
	// github.com/supabase/splinter, folders lints and docs, in their order.
	for _, lint := range []string{
		"unindexed_foreign_keys", "auth_users_exposed", "auth_rls_initplan", "no_primary_key", "unused_index", "multiple_permissive_policies",
		"policy_exists_rls_disabled", "rls_enabled_no_policy", "duplicate_index", "security_definer_view", "function_search_path_mutable",
		"auth_allow_anonymous_sign_ins", "rls_disabled_in_public", "extension_in_public", "rls_references_user_metadata", "materialized_view_in_api",
		"foreign_table_in_api", "unsupported_reg_types", "insecure_queue_exposed_in_api", "table_bloat", "fkey_to_auth_unique",
		"extension_versions_outdated", "sensitive_columns_exposed", "rls_policy_always_true", "public_bucket_allows_listing",
		"pg_graphql_anon_table_exposed", "pg_graphql_authenticated_table_exposed", "anon_security_definer_function_executable",
		"authenticated_security_definer_function_executable",
	} {
		if by[lint] == "" {
			t.Errorf("no rule covers lint %s", lint)
		}
	}
}

// The API's login, and the rights of its roles.
func TestLogin(t *testing.T) {
	t.Parallel()
	url := pgtest.Bootstrapped(t)
	admin := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	exec(t, admin, `CREATE ROLE test_doctor_anon NOLOGIN CREATEDB;`)
	t.Cleanup(func() {
		_, _ = admin.Exec(context.Background(), "DROP ROLE IF EXISTS test_doctor_anon")
	})
	clean := examine(t, url, nil)
	for _, rule := range []string{"login", "connection", "clock", "roles", "jwt_secret", "direct_connection"} {
		if reported(clean, rule, "", "") {
			t.Errorf("%s finds fault with authenticator", rule)
		}
	}
	for _, tt := range []struct {
		name               string
		change             func(*doctor.Options)
		rule, object, want string
	}{
		{"the owner", func(o *doctor.Options) { o.URI = url }, "login", "role postgres", "more than become others"},
		{"the owner", func(o *doctor.Options) { o.URI = url }, "login", "role postgres", "owner of what it serves"},
		{"the owner", func(o *doctor.Options) { o.URI = url }, "login", "role postgres", "all its roles at once"},
		{"a powerful anon role", func(o *doctor.Options) { o.AnonRole = "test_doctor_anon" }, "roles", "test_doctor_anon", "administrator"},
		{"a stranger's role", func(o *doctor.Options) { o.AnonRole = "test_doctor_anon" }, "login", "authenticator", "cannot become test_doctor_anon"},
		{"a login that is not known", func(o *doctor.Options) { o.URI, o.AnonRole = "", "test_doctor_anon" }, "login", "authenticator", "cannot become test_doctor_anon"},
		{"nothing there", func(o *doctor.Options) { o.URI = "postgres://x:hunter22@127.0.0.1:1/x" }, "connection", "db-uri", "cannot be reached"},
		{"a large pool", func(o *doctor.Options) { o.Pool = 100000 }, "connection", "db-pool", "larger"},
	} {
		if r := examine(t, url, tt.change); !reported(r, tt.rule, tt.object, tt.want) {
			t.Errorf("%s: no finding of %s: %s", tt.name, tt.rule, tt.want)
		}
	}
}

// The log's ceiling is reported before it is reached, and as an error once it
// is.
func TestLogCeiling(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	admin := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	exec(t, admin, "INSERT INTO public.api_security_logs (endpoint) SELECT repeat('x', 400) FROM generate_series(1, 3000)")
	var size int64
	if err := admin.QueryRow(context.Background(), "SELECT sum(pg_total_relation_size(t.relid))::bigint FROM (SELECT 'public.api_security_logs'::regclass AS relid UNION SELECT relid FROM pg_partition_tree('public.api_security_logs')) AS t").Scan(&size); err != nil {
		t.Fatal(err)
	}
	for ceiling, want := range map[int64]doctor.Severity{0: 0, 10 * size: 0, size + size/20: doctor.Warning, size: doctor.Error} {
		r := examine(t, url, func(o *doctor.Options) { o.LogCeiling = ceiling })
		var got doctor.Severity
		for _, f := range r.Findings {
			if f.Rule == "log_volume" {
				got = f.Severity
			}
		}
		if got != want {
			t.Errorf("ceiling %d of %d: severity %v, want %v", ceiling, size, got, want)
		}
	}
}

// A database without an encoding is reported, and nothing else about encodings.
func TestEncoding(t *testing.T) {
	t.Parallel()
	for encoding, want := range map[string]int{"SQL_ASCII": 1, "LATIN1": 0, "UTF8": 0} {
		r, err := doctor.Examine(t.Context(), doctor.Options{DirectURI: pgtest.DressedIn(t, encoding), ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		found := slices.DeleteFunc(r.Findings, func(f doctor.Finding) bool { return f.Rule != "encoding" })
		if len(found) != want || !slices.Contains(r.Checked, "encoding") {
			t.Errorf("%s: %+v, checked %v", encoding, found, r.Checked)
		}
	}
}
