package doctor

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/check"
	"github.com/romashka/sidecar/internal/database/policy"
)

// Rule is a fact of sql/check that is a fault of a deployment.
type Rule struct {
	Name  string   // of the file in sql/check
	Lints []string // the names of the same rule in Supabase's linter, if it has it
}

// rules are in no order that matters. Read-only.
// Source of the linter's names: github.com/supabase/splinter, folder lints.
var rules = []Rule{
	{Name: "rls_disabled", Lints: []string{"rls_disabled_in_public"}},
	{Name: "sensitive_columns", Lints: []string{"sensitive_columns_exposed"}},
	{Name: "policy_without_rls", Lints: []string{"policy_exists_rls_disabled"}},
	{Name: "rls_without_policy", Lints: []string{"rls_enabled_no_policy"}},
	{Name: "no_grants"},
	{Name: "no_sequence_grant"},
	{Name: "anon_reads_everything"},
	{Name: "writes_always_true", Lints: []string{"rls_policy_always_true"}},
	{Name: "evidence_erasable"},
	{Name: "nobody_can_resolve"},
	{Name: "plain_secrets"},
	{Name: "user_metadata_in_policy", Lints: []string{"rls_references_user_metadata"}},
	{Name: "function_search_path", Lints: []string{"function_search_path_mutable"}},
	{Name: "security_definer_callable", Lints: []string{
		"anon_security_definer_function_executable", "authenticated_security_definer_function_executable",
	}},
	{Name: "invented_values"},
	{Name: "clean_up_by_age"},
	{Name: "security_definer_view", Lints: []string{"security_definer_view"}},
	{Name: "auth_users_exposed", Lints: []string{"auth_users_exposed"}},
	{Name: "materialized_view_in_api", Lints: []string{"materialized_view_in_api"}},
	{Name: "foreign_table_in_api", Lints: []string{"foreign_table_in_api"}},
	{Name: "extension_in_api", Lints: []string{"extension_in_public"}},
	{Name: "extension_outdated", Lints: []string{"extension_versions_outdated"}},
	{Name: "queue_in_api", Lints: []string{"insecure_queue_exposed_in_api"}},
	{Name: "bucket_listing", Lints: []string{"public_bucket_allows_listing"}},
	{Name: "graphql_exposed", Lints: []string{"pg_graphql_anon_table_exposed", "pg_graphql_authenticated_table_exposed"}},
	{Name: "unsupported_reg_type", Lints: []string{"unsupported_reg_types"}},
	{Name: "no_primary_key", Lints: []string{"no_primary_key"}},
	{Name: "unindexed_foreign_key", Lints: []string{"unindexed_foreign_keys"}},
	{Name: "duplicate_index", Lints: []string{"duplicate_index"}},
	{Name: "unused_index", Lints: []string{"unused_index"}},
	{Name: "table_bloat", Lints: []string{"table_bloat"}},
	{Name: "auth_key_not_primary", Lints: []string{"fkey_to_auth_unique"}},
	{Name: "multiple_permissive_policies", Lints: []string{"multiple_permissive_policies"}},
	{Name: "policy_per_row", Lints: []string{"auth_rls_initplan"}},
	{Name: "policy_unindexed"},
	{Name: "anonymous_users", Lints: []string{"auth_allow_anonymous_sign_ins"}},
	{Name: "retention"},
	{Name: "log_volume"},
	{Name: "log_partitions"},
	{Name: "daily_metrics_twice"},
	{Name: "daily_metrics_key"},
	{Name: "jobs"},
	{Name: "queues"},
	{Name: "roles"},
	{Name: "create_in_schema"},
	{Name: "realtime_publication"},
	{Name: "realtime_source"},
}

// Rules lists the rules over the catalog.
func Rules() []Rule { return append([]Rule(nil), rules...) }

// catalog asks all rules, and tries the functions that a GET without arguments would call.
func (e *examination) catalog(ctx context.Context, conn *pgx.Conn) error {
	r, err := check.Begin(ctx, conn, check.Options{
		Schemas: e.Schemas, AnonRole: e.AnonRole, Timeout: e.Timeout,
		Arguments: map[string]any{"log_ceiling": e.LogCeiling, "base_relations": policy.BaseRelations(), "jobs": append([]string{}, e.Jobs...)},
	})
	if err != nil {
		return err
	}
	defer r.Close(ctx)
	e.Schemas = r.Schemas
	for _, rule := range rules {
		result := r.Ask(ctx, rule.Name)
		for _, f := range result.Findings {
			e.add(Finding{
				Rule: rule.Name, Severity: f.Severity, Object: f.Object, Owner: e.owner(f.Relation),
				Fault: f.Fault, Evidence: f.Evidence, Remedy: f.Remedy,
			})
		}
		e.checked(rule.Name, result.Err)
	}
	e.served, err = check.Rows[servedFunction](ctx, r, "served_functions")
	e.checked("function_fails", err)
	return nil
}
