package compliance

import (
	"context"

	"github.com/romashka/sidecar/internal/database/check"
)

// Check is one question to a database.
type Check struct {
	Name     string
	Group    string // access, people, secrets, data, operation
	Title    string // the question, for people
	Severity string // of a failure: low, medium, high, critical
	rules    []asked
	look     func(context.Context, *look) answer // a check that takes more than a statement
}

// asked is a rule of sql/check as a part of a check.
type asked struct {
	rule     string
	least    check.Severity // findings below it are none of the check's
	warns    bool           // whatever it finds is a warning
	optional bool           // may be about tables that do not exist here
}

// answer holds the findings of a check so far.
type answer struct {
	findings   []check.Finding
	unasked    []string          // objects that could not be looked at, with the reason
	statements map[string]string // version of each statement
	counts     map[string]int
}

// catalogue are the checks, in the order of a report. Read-only.
var catalogue = []Check{
	{Name: "rls_disabled_exposed_table", Group: "access", Severity: "critical", Title: "Does row level security guard every table that the API serves?", rules: []asked{{rule: "rls_disabled"}}},
	{Name: "policy_without_rls", Group: "access", Severity: "high", Title: "Is row level security on wherever there are policies?", rules: []asked{{rule: "policy_without_rls"}}},
	{Name: "personal_data_without_rls", Group: "access", Severity: "critical", Title: "Is personal data served only under row level security?", look: personalWithoutRLS},
	{Name: "anon_can_read_personal_data", Group: "access", Severity: "critical", Title: "Is personal data out of reach of those who have not signed in?", look: anonReadsPersonal},
	{Name: "write_policy_always_true", Group: "access", Severity: "high", Title: "Does every policy for writing ask whose row it is?", rules: []asked{{rule: "writes_always_true"}}},
	{Name: "audit_tables_tamperable", Group: "access", Severity: "critical", Title: "Are trails out of reach of those whom they record?", rules: []asked{{rule: "evidence_erasable"}}},
	{Name: "security_definer_search_path", Group: "access", Severity: "high", Title: "Does every function with its owner's rights have a search_path of its own?", rules: []asked{{rule: "function_search_path", least: check.Error}}},
	{Name: "security_definer_callable_by_anon", Group: "access", Severity: "high", Title: "Is no function with its owner's rights open to those who have not signed in?", rules: []asked{{rule: "security_definer_callable", least: check.Error}}},
	{Name: "definer_view_exposed", Group: "access", Severity: "high", Title: "Do views of the API read with their reader's rights?", rules: []asked{{rule: "security_definer_view"}}},
	{Name: "auth_users_exposed", Group: "access", Severity: "critical", Title: "Is no account of the Auth service shown through the API?", rules: []asked{{rule: "auth_users_exposed"}}},
	{Name: "public_schema_create", Group: "access", Severity: "high", Title: "Can no user of the API create tables and functions?", rules: []asked{{rule: "create_in_schema"}}},
	{Name: "exposed_foreign_or_materialized", Group: "access", Severity: "medium", Title: "Is nothing served that row level security cannot guard?", rules: []asked{{rule: "materialized_view_in_api"}, {rule: "foreign_table_in_api"}}},

	{Name: "admin_mfa_adoption", Group: "people", Severity: "high", Title: "Do all privileged accounts have a second factor?", rules: []asked{{rule: "privileged_without_factor"}}},
	{Name: "sms_or_email_only_mfa", Group: "people", Severity: "medium", Title: "Is no account guarded by mail or text message alone?", rules: []asked{{rule: "weak_second_factor"}}},
	{Name: "stale_active_sessions", Group: "people", Severity: "medium", Title: "Do sessions end that nobody uses?", rules: []asked{{rule: "stale_sessions"}, {rule: "stale_auth_sessions", optional: true}}},
	{Name: "dormant_privileged_accounts", Group: "people", Severity: "medium", Title: "Are all privileged accounts in use?", rules: []asked{{rule: "dormant_privileged"}}},
	{Name: "too_many_admins", Group: "people", Severity: "medium", Title: "Do few accounts have an administrator's rights?", rules: []asked{{rule: "many_admins"}}},
	{Name: "access_review_recent", Group: "people", Severity: "medium", Title: "Has somebody reviewed lately who has access?", rules: []asked{{rule: "access_review"}}},

	{Name: "plaintext_secrets", Group: "secrets", Severity: "critical", Title: "Are secrets kept as hashes or encrypted?", look: plainSecrets},
	{Name: "sensitive_data_in_logs", Group: "secrets", Severity: "high", Title: "Are logs free of secrets and of personal data?", rules: []asked{{rule: "values_in_server_log"}}, look: sensitiveInLogs},
	{Name: "password_hashing", Group: "secrets", Severity: "high", Title: "Are passwords kept in a form that cannot be guessed at speed?", rules: []asked{{rule: "password_setting"}, {rule: "password_roles"}, {rule: "password_users", optional: true}}},
	{Name: "tls_in_transit", Group: "secrets", Severity: "high", Title: "Does the server take connections over TLS 1.2 or newer?", rules: []asked{{rule: "tls"}}},

	{Name: "retention_exceeded", Group: "data", Severity: "high", Title: "Is no row kept for longer than was decided?", rules: []asked{{rule: "retention"}}},
	{Name: "retention_too_short_for_evidence", Group: "data", Severity: "medium", Title: "Is evidence kept until an audit can ask for it?", rules: []asked{{rule: "retention_short"}}},
	{Name: "erasure_incomplete", Group: "data", Severity: "high", Title: "Can a person be erased, and were those erased who asked?", rules: []asked{{rule: "erasure_left", optional: true}}, look: erasureBlocked},
	{Name: "data_subject_requests_overdue", Group: "data", Severity: "high", Title: "Are requests of data subjects answered within a month?", rules: []asked{{rule: "requests_overdue"}}},
	{Name: "consent_record_missing", Group: "data", Severity: "high", Title: "Is there a record of the legal basis for every customer?", rules: []asked{{rule: "consent_missing"}}},

	{Name: "audit_trail_alive", Group: "operation", Severity: "critical", Title: "Does all that happens leave a trace?", rules: []asked{{rule: "trail_silent"}, {rule: "auth_trail_silent", optional: true}, {rule: "trail_triggers"}}},
	{Name: "audit_chain_intact", Group: "operation", Severity: "critical", Title: "Is the chain of the trail whole, so that no line was changed or taken out?", rules: []asked{{rule: "audit_chain_intact"}}},
	{Name: "db_logging", Group: "operation", Severity: "medium", Title: "Does the server log who connects and what changes the schema?", rules: []asked{{rule: "server_logging"}}},
	{Name: "extensions_outdated_or_public", Group: "operation", Severity: "low", Title: "Are extensions up to date and out of the API?", rules: []asked{{rule: "extension_in_api", warns: true}, {rule: "extension_outdated", warns: true}}},
	{Name: "backup_evidence", Group: "operation", Severity: "high", Title: "Is there evidence of backups?", look: backups},
	{Name: "incident_response_overdue", Group: "operation", Severity: "high", Title: "Are incidents dealt with in time?", rules: []asked{{rule: "incidents_overdue"}}},
	{Name: "checks_are_fresh", Group: "operation", Severity: "medium", Title: "Do these checks run each day?", rules: []asked{{rule: "checks_stale"}}},
}

// Checks lists the catalogue.
func Checks() []Check { return append([]Check(nil), catalogue...) }

func names() (list []string) {
	for _, c := range catalogue {
		list = append(list, c.Name)
	}
	return list
}
