package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/policy"
	"github.com/romashka/sidecar/sql"
)

// Rule is a statement over the catalog that gives one row for each fault.
type Rule struct {
	Name  string   // of the file in sql/doctor
	Lints []string // what Supabase's linter calls it, if it does
	needs []string // relations that must exist
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
	{Name: "anonymous_users", Lints: []string{"auth_allow_anonymous_sign_ins"}, needs: []string{"auth.users"}},
	{Name: "retention", needs: []string{"public.api_security_logs", "public.data_retention_policies"}},
	{Name: "log_volume", needs: []string{"public.api_security_logs"}},
	{Name: "daily_metrics_twice", needs: []string{"public.daily_metrics"}},
	{Name: "daily_metrics_key", needs: []string{"public.daily_metrics"}},
	{Name: "jobs", needs: []string{"romashka.jobs", "romashka.job_runs"}},
	{Name: "roles"},
	{Name: "create_in_schema"},
	{Name: "realtime_publication"},
}

// Rules lists the rules over the catalog.
func Rules() []Rule { return append([]Rule(nil), rules...) }

// statement reads a file of sql/doctor.
func statement(name string) (string, error) {
	text, err := sql.Doctor.ReadFile("doctor/" + name + ".sql")
	if err != nil {
		return "", fmt.Errorf("read rule %s: %w", name, err)
	}
	return string(text), nil
}

// parameters are those that text asks for: PostgreSQL refuses more, and cannot
// tell the type of one that is not used.
func (e *examination) parameters(text string, apiRoles []string) (renumbered string, args []any) {
	for i, value := range []any{e.Schemas, apiRoles, e.AnonRole, e.LogCeiling, policy.BaseRelations(), append([]string{}, e.Jobs...)} {
		if name := fmt.Sprintf("$%d", i+1); strings.Contains(text, name) {
			args = append(args, value)
			text = strings.ReplaceAll(text, name, fmt.Sprintf("$%d", len(args)))
		}
	}
	return text, args
}

// catalog runs all rules in one read-only transaction.
func (e *examination) catalog(ctx context.Context, conn *pgx.Conn) error {
	tx, err := e.begin(ctx, conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	apiRoles, err := e.apiRoles(ctx, tx)
	if err != nil {
		return err
	}
	for _, rule := range rules {
		e.checked(rule.Name, e.apply(ctx, tx, rule, apiRoles))
	}
	return nil
}

// begin starts a transaction in which names are printed with their schemas and
// nothing waits for long.
func (e *examination) begin(ctx context.Context, conn *pgx.Conn, o pgx.TxOptions) (pgx.Tx, error) {
	tx, err := conn.BeginTx(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	_, err = tx.Exec(ctx, fmt.Sprintf("SET LOCAL search_path = ''; SET LOCAL lock_timeout = '1s'; SET LOCAL statement_timeout = %d",
		e.Timeout.Milliseconds()), pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		_ = tx.Rollback(context.WithoutCancel(ctx))
		return nil, fmt.Errorf("prepare transaction: %w", err)
	}
	return tx, nil
}

// apiRoles are the roles that users' requests run as, as far as they exist.
func (e *examination) apiRoles(ctx context.Context, tx pgx.Tx) ([]string, error) {
	rows, err := tx.Query(ctx, "SELECT rolname::text FROM pg_roles WHERE rolname = ANY ($1::text[]) ORDER BY 1", []string{e.AnonRole, "authenticated"})
	if err != nil {
		return nil, fmt.Errorf("look for API roles: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look for API roles: %w", err)
	}
	return names, nil
}

// apply runs one rule in a savepoint: the failure of one is not that of the next.
func (e *examination) apply(ctx context.Context, tx pgx.Tx, rule Rule, apiRoles []string) error {
	for _, name := range rule.needs {
		var exists bool
		if err := tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", name).Scan(&exists); err != nil {
			return fmt.Errorf("look for %s: %w", name, err)
		}
		if !exists {
			return nil // nothing to be found
		}
	}
	text, err := statement(rule.Name)
	if err != nil {
		return err
	}
	text, args := e.parameters(text, apiRoles)
	return pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, text, args...)
		if err != nil {
			return err
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[faultRow])
		if err != nil {
			return err
		}
		for _, row := range found {
			if err := e.add(rule.Name, row); err != nil {
				return err
			}
		}
		return nil
	})
}

// faultRow is a row that a rule gives.
type faultRow struct {
	Severity, Object, Relation, Fault, Evidence, Remedy string
}

func (e *examination) add(rule string, row faultRow) error {
	f := Finding{Rule: rule, Object: row.Object, Owner: e.owner(row.Relation), Fault: row.Fault, Evidence: row.Evidence, Remedy: row.Remedy}
	if err := f.Severity.UnmarshalText([]byte(row.Severity)); err != nil {
		return err
	}
	e.report.Findings = append(e.report.Findings, f)
	return nil
}
