package migrator_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Values that a caller of the API sends for times, authors and facts of
// evidence, and the values that the database stores.
func TestEvidenceIsStamped(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	exec(t, owner, "UPDATE public.profiles SET role = 'security_admin' WHERE id = $1", bob)
	const recent = "BETWEEN now() - interval '1 minute' AND now()"
	for _, tt := range []struct {
		name, before string // as the owner
		as, act      string // as a person, or a role of the API
		holds        string // of all rows of the table, afterwards
	}{
		{
			"a session ends in 2001", "INSERT INTO public.security_sessions (user_id, session_token) VALUES ('" + alice + "', 'a')",
			alice, "UPDATE public.security_sessions SET is_active = false, ended_at = '2001-01-01', last_activity = '2001-01-01'",
			"ended_at " + recent + " AND invalidated_at = ended_at AND last_activity " + recent + " FROM public.security_sessions",
		},
		{
			"a session that ends by its older name", "INSERT INTO public.security_sessions (user_id, session_token) VALUES ('" + alice + "', 'a')",
			alice, "UPDATE public.security_sessions SET is_active = false, invalidated_at = '2999-01-01', invalidation_reason = 'why'",
			"ended_at " + recent + " AND invalidated_at = ended_at AND logout_reason = 'why' FROM public.security_sessions",
		},
		{
			"an end without ending", "INSERT INTO public.security_sessions (user_id, session_token) VALUES ('" + alice + "', 'a')",
			alice, "UPDATE public.security_sessions SET ended_at = '2001-01-01'", "is_active AND ended_at IS NULL AND invalidated_at IS NULL FROM public.security_sessions",
		},
		{
			"neither active nor not", "INSERT INTO public.security_sessions (user_id, session_token) VALUES ('" + alice + "', 'a')",
			alice, "UPDATE public.security_sessions SET is_active = NULL, last_activity = NULL", "is_active AND last_activity IS NOT NULL FROM public.security_sessions",
		},
		{
			"sentiment without a time is never deleted", "", "service_role", "INSERT INTO public.sentiment_analysis (analyzed_at) VALUES (NULL)",
			"analyzed_at " + recent + " FROM public.sentiment_analysis",
		},
		{
			"a session is born old", "", alice,
			"INSERT INTO public.security_sessions (user_id, session_token, is_active, last_activity) VALUES ('" + alice + "', 'a', false, '2001-01-01')",
			"created_at " + recent + " AND last_activity " + recent + " AND ended_at " + recent + " FROM public.security_sessions",
		},
		{
			"the server dates a session", "", "service_role",
			"INSERT INTO public.security_sessions (user_id, session_token, created_at, ended_at, last_activity) VALUES ('" + alice + "', 'a', '2001-01-01', '2001-01-01', '2999-01-01')",
			"created_at " + recent + " AND last_activity " + recent + " AND ended_at IS NULL FROM public.security_sessions",
		},
		{
			"the server revives and reassigns", "INSERT INTO public.security_sessions (user_id, session_token, is_active, ended_at) VALUES ('" + alice + "', 'a', false, now() - interval '2 days')",
			"service_role", "UPDATE public.security_sessions SET is_active = true, user_id = '" + bob + "', ended_at = NULL, logout_reason = 'x'",
			"NOT is_active AND user_id = '" + alice + "' AND ended_at < now() - interval '1 day' AND logout_reason IS NULL FROM public.security_sessions",
		},
		{
			"another has resolved it, long ago", "INSERT INTO public.security_incidents (incident_type, title, description, metadata) VALUES ('ddos', 'was', 'was', '{\"n\": 1}')",
			bob, "UPDATE public.security_incidents SET resolved = true, resolved_by = '" + alice + "', resolved_at = '2001-01-01', metadata = '{\"n\": 2, \"note\": 3}', title = 'no', description = 'no', incident_type = 'phishing'",
			"resolved AND resolved_by = '" + bob + "' AND resolved_at " + recent + " AND metadata = '{\"n\": 1, \"note\": 3}' AND title = 'was' AND description = 'was' AND incident_type = 'ddos' FROM public.security_incidents",
		},
		{
			"a resolution moves", "INSERT INTO public.security_incidents (incident_type, resolved, resolved_at, resolved_by) VALUES ('ddos', true, '2026-01-01', '" + anna + "')",
			bob, "UPDATE public.security_incidents SET status = 'closed', resolved_by = '" + bob + "', resolved_at = '2999-01-01'",
			"resolved_by = '" + anna + "' AND resolved_at = '2026-01-01' FROM public.security_incidents",
		},
		{
			"reopened", "INSERT INTO public.security_incidents (incident_type, resolved) VALUES ('ddos', true)",
			bob, "UPDATE public.security_incidents SET resolved = false, resolved_at = now(), resolved_by = '" + bob + "'",
			"resolved_by IS NULL AND resolved_at IS NULL AND status = 'open' FROM public.security_incidents",
		},
		{
			"an incident is born resolved", "", bob, "INSERT INTO public.security_incidents (incident_type, status, detected_at, resolved_at, resolved_by) VALUES ('ddos', 'closed', '2001-01-01', '2001-01-01', '" + alice + "')",
			"detected_at " + recent + " AND resolved_at " + recent + " AND resolved_by = '" + bob + "' FROM public.security_incidents",
		},
		{
			"the server resolves for another", "INSERT INTO public.security_incidents (incident_type) VALUES ('ddos')",
			"service_role", "UPDATE public.security_incidents SET resolved = true, resolved_by = '" + alice + "', created_at = '2001-01-01', detected_at = '2001-01-01'",
			"resolved_by IS NULL AND resolved_at " + recent + " AND created_at " + recent + " AND detected_at " + recent + " FROM public.security_incidents",
		},
		{
			"a result of the year 2999", "", anna,
			"INSERT INTO public.compliance_results (compliance_type, check_name, status, checked_at) VALUES ('gdpr', 'x', 'passed', '2999-01-01')",
			"checked_at " + recent + " FROM public.compliance_results",
		},
		{
			"the server passes what had failed", "INSERT INTO public.compliance_results (compliance_type, check_name, status) VALUES ('gdpr', 'x', 'failed')",
			"service_role", "UPDATE public.compliance_results SET status = 'passed', checked_at = '2999-01-01', details = '{\"x\": 1}', remediation_actions = '{done}'",
			"status = 'failed' AND checked_at " + recent + " AND details = '{}' AND result_details = '{}' AND remediation_actions = '{done}' FROM public.compliance_results",
		},
		{
			"the server logs for another, of long ago", "", "service_role", "INSERT INTO public.api_security_logs (endpoint, user_id, timestamp, request_headers) VALUES ('/x', '" + alice + "', '2001-01-01', '{\"reported_by\": \"sidecar\", \"accept\": \"*\"}')",
			"request_headers = '{\"reported_by\": \"service_role\", \"accept\": \"*\"}' AND \"timestamp\" " + recent + " FROM public.api_security_logs",
		},
		{
			"the server judges a request", "INSERT INTO public.api_security_logs (endpoint, user_id) VALUES ('/x', '" + alice + "')",
			"service_role", "UPDATE public.api_security_logs SET endpoint = '/y', user_id = NULL, request_headers = '{\"token_hash\": 1}', suspicious_activity = true",
			"endpoint = '/x' AND user_id IS NOT NULL AND request_headers = '{}' AND suspicious_activity FROM public.api_security_logs",
		},
		{
			"a line of the audit log in another's name", "", alice,
			"INSERT INTO public.security_audit_logs (event_type, action, user_id, ip_address, user_agent, additional_context) VALUES ('login', 'create', '" + bob + "', '4.4.4.4', 'none', '[1]')",
			"user_id = '" + alice + "' AND ip_address = 'unknown' AND user_agent IS NULL AND source = 'client' AND additional_context = '{\"context\": [1], \"claimed\": {\"user_id\": \"" + bob + "\", \"ip_address\": \"4.4.4.4\", \"user_agent\": \"none\"}}' FROM public.security_audit_logs",
		},
		{
			"a server's line", "", "service_role", "INSERT INTO public.security_audit_logs (event_type, action, user_id) VALUES ('login', 'create', '" + bob + "')",
			"user_id = '" + bob + "' AND source = 'service' AND additional_context IS NULL FROM public.security_audit_logs",
		},
		{
			"an alert is rewritten", "INSERT INTO public.security_alerts (alert_type, message) VALUES ('x', 'was')",
			"service_role", "UPDATE public.security_alerts SET message = 'no', created_at = '2001-01-01', status = 'resolved'",
			"message = 'was' AND created_at " + recent + " AND status = 'resolved' FROM public.security_alerts",
		},
		{
			"a request of a data subject, done long ago", "INSERT INTO public.data_subject_requests (request_type, created_by) VALUES ('access', '" + alice + "')",
			anna, "UPDATE public.data_subject_requests SET status = 'completed', processed_by = '" + alice + "', completion_date = '2001-01-01'",
			"completion_date " + recent + " AND processed_by = '" + anna + "' FROM public.data_subject_requests",
		},
		{
			"taken up", "INSERT INTO public.data_subject_requests (request_type, created_by) VALUES ('access', '" + alice + "')",
			anna, "UPDATE public.data_subject_requests SET status = 'processing', completion_date = now()",
			"completion_date IS NULL AND processed_by = '" + anna + "' FROM public.data_subject_requests",
		},
		{
			"withdrawn before it was given", "INSERT INTO public.data_consent (user_id, consent_type, consent_given) VALUES ('" + alice + "', 'marketing', true)",
			alice, "UPDATE public.data_consent SET withdrawal_date = '2001-01-01'", "withdrawal_date " + recent + " FROM public.data_consent",
		},
		{
			"assigned by another", "DELETE FROM public.user_roles", anna, "INSERT INTO public.user_roles (user_id, role_id, assigned_by, assigned_at) SELECT '" + bob + "', id, '" + bob + "', '2001-01-01' FROM public.roles WHERE name = 'agent'",
			"assigned_by = '" + anna + "' AND assigned_at " + recent + " FROM public.user_roles",
		},
		{
			"a key rotated ahead", "INSERT INTO public.encryption_keys (key_name, key_purpose) VALUES ('k', 'pii')", bob, "UPDATE public.encryption_keys SET last_rotated = '2999-01-01', created_at = '2001-01-01'",
			"last_rotated " + recent + " AND created_at " + recent + " FROM public.encryption_keys",
		},
		{
			"a figure of tomorrow", "", "service_role", "INSERT INTO public.business_intelligence (metric_category, metric_name, calculated_at) VALUES ('kpi', 'x', '2999-01-01')",
			"calculated_at " + recent + " FROM public.business_intelligence",
		},
		{
			"a figure that retention would take at once", "", "service_role", "INSERT INTO public.advanced_metrics (metric_type, created_at) VALUES ('x', '2001-01-01')",
			"created_at " + recent + " FROM public.advanced_metrics",
		},
		{
			"the owner restores", "", "owner", "INSERT INTO public.security_sessions (user_id, session_token, is_active, created_at, ended_at) VALUES ('" + alice + "', 'a', false, '2020-01-01', '2020-01-02')",
			"created_at = '2020-01-01' AND ended_at = '2020-01-02' FROM public.security_sessions",
		},
	} {
		exec(t, owner, `TRUNCATE public.security_sessions, public.security_incidents, public.security_incident_timeline, romashka.responses, public.compliance_results, public.api_security_logs,
			public.security_audit_logs, public.security_alerts, public.data_subject_requests, public.data_consent, public.encryption_keys`)
		if tt.before != "" {
			exec(t, owner, tt.before)
		}
		// In a partitioned log a row of another day is inserted anew, which is not counted.
		anew := os.Getenv("ROMASHKA_TEST_PARTITIONED") != "" && strings.Contains(tt.name, "the server logs for another")
		if n, err := as(owner, tt.as)(t, url, tt.as, tt.act); n != 1 && !anew || err != nil {
			t.Errorf("%s: %d rows, %v", tt.name, n, err)
			continue
		}
		condition, table, _ := strings.Cut(tt.holds, " FROM ")
		if !value[bool](t, owner, "SELECT COALESCE(bool_and("+condition+"), false) FROM "+table) {
			t.Errorf("%s: not stamped", tt.name)
		}
	}
}

// The values that a person writes do not decide when his rows are deleted:
// neither by the end of a session nor by a rule of retention.
func TestRetentionGoesByStamps(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	exec(t, owner, "UPDATE public.profiles SET role = 'compliance_admin' WHERE id = $1", bob)
	exec(t, owner, "INSERT INTO public.security_sessions (user_id, session_token) VALUES ($1, 'today')", alice)
	// From before the guard: its end was forged then.
	exec(t, owner, "INSERT INTO public.security_sessions (user_id, session_token, is_active, ended_at, last_activity) VALUES ($1, 'forged', false, '2001-01-01', '2001-01-01')", alice)
	exec(t, owner, "INSERT INTO public.api_security_logs (timestamp) VALUES (now() - interval '29 days')")
	if _, err := do(t, url, alice, "UPDATE public.security_sessions SET is_active = false, ended_at = '2001-01-01', last_activity = '2001-01-01'"); err != nil {
		t.Fatal(err)
	}
	for _, period := range []string{"1", "29", "0", "-1", "2147483647"} {
		for _, act := range []string{
			"UPDATE public.data_retention_policies SET retention_period = " + period + " WHERE data_category = 'api_security_logs'",
			"UPDATE public.data_retention_policies SET retention_period = " + period + ", data_category = 'session_data' WHERE data_category = 'advanced_metrics'",
			"INSERT INTO public.data_retention_policies (data_category, retention_period) VALUES ('audit_logs', " + period + ") ON CONFLICT (data_category) DO UPDATE SET retention_period = EXCLUDED.retention_period",
		} {
			if _, err := do(t, url, bob, act); sqlstate(err) != "23514" {
				t.Errorf("%s: %v, want 23514", act, err)
			}
			if _, err := asRole(t, url, "service_role", act); sqlstate(err) != "23514" {
				t.Errorf("%s as service_role: %v, want 23514", act, err)
			}
		}
	}
	if n, err := do(t, url, bob, "UPDATE public.data_retention_policies SET retention_period = 400 WHERE data_category = 'api_security_logs'"); n != 1 || err != nil {
		t.Errorf("a longer period: %d rows, %v", n, err)
	}
	// From before the guard, too: a period below the floor, and one without end.
	exec(t, owner, "ALTER TABLE public.data_retention_policies DISABLE TRIGGER romashka_guard_retention")
	exec(t, owner, "UPDATE public.data_retention_policies SET retention_period = CASE data_category WHEN 'sentiment_analysis' THEN 2147483647 ELSE 1 END")
	exec(t, owner, "ALTER TABLE public.data_retention_policies ENABLE TRIGGER romashka_guard_retention")
	if n, err := do(t, url, bob, "UPDATE public.data_retention_policies SET retention_basis = 'why' WHERE data_category = 'api_security_logs'"); n != 1 || err != nil {
		t.Errorf("a row from before cannot be touched: %d rows, %v", n, err)
	}
	if got, want := line(t, owner, runDue), "daily_metrics: 0 days, kpi: 0 conversations, retention: 0 rows deleted"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	exec(t, owner, "UPDATE public.security_sessions SET created_at = now() - interval '91 days', last_activity = now() - interval '91 days' WHERE session_token = 'forged'")
	if _, err := asRole(t, url, "service_role", "SELECT * FROM public.cleanup_old_analytics_data()"); err != nil {
		t.Error(err)
	}
	if got := value[string](t, owner, "SELECT string_agg(session_token, ' ') FROM public.security_sessions"); got != "today" {
		t.Errorf("left: %s", got)
	}
	if got := value[string](t, owner, "SELECT resource_type || ' ' || (new_values ->> 'rows') || ' ' || source FROM public.security_audit_logs WHERE event_type = 'retention'"); got != "security_sessions 1 database" {
		t.Errorf("the trail says %s", got)
	}
}

// Rows dated ahead, from before the guard, do not count before their time.
func TestScoresGoByStamps(t *testing.T) {
	t.Parallel()
	_, owner := peopled(t)
	exec(t, owner, "INSERT INTO public.compliance_results (compliance_type, check_name, status, checked_at) VALUES ('gdpr', 'x', 'failed', now()), ('gdpr', 'y', 'passed', '2999-01-01')")
	exec(t, owner, "INSERT INTO public.security_incidents (incident_type, created_at) VALUES ('ddos', '2999-01-01')")
	if got, want := line(t, owner, "SELECT active_sessions, recent_incidents, compliance_score FROM public.get_security_metrics()"), "0 0 0.00"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Each change of the rows that others rely on is a line in the trail that nobody
// can take back.
func TestTrail(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	const incident = "00000000-0000-4000-8000-00000000001c"
	exec(t, owner, "INSERT INTO public.security_incidents (id, incident_type) VALUES ($1, 'ddos')", incident)
	exec(t, owner, "INSERT INTO public.security_sessions (session_token, user_id) VALUES ('a', NULL), ('b', '"+bob+"')")
	exec(t, owner, "INSERT INTO public.api_security_logs (endpoint) VALUES ('/x')")
	for _, tt := range []struct{ name, as, act, want string }{
		{"an incident is judged", anna, "UPDATE public.security_incidents SET severity = 'low'", "incident update " + anna + ` authenticated {"severity": "medium"} {"severity": "low"}; incident_step create ` + anna + " authenticated"},
		{"written, not changed", anna, "UPDATE public.security_incidents SET severity = 'low'", ""},
		{"an incident is deleted", "owner", "DELETE FROM public.security_incidents", "incident delete - owner; incident_step delete - owner; incident_step delete - owner"},
		{"the server deletes a session", "service_role", "DELETE FROM public.security_sessions WHERE session_token = 'a'", "session delete - service_role"},
		{"the server judges a request", "service_role", "UPDATE public.api_security_logs SET suspicious_activity = true", `request update - service_role {"suspicious_activity": false} {"suspicious_activity": true}`},
		{"the same again", "service_role", "UPDATE public.api_security_logs SET suspicious_activity = true", ""},
		{"the server deletes a request", "service_role", "DELETE FROM public.api_security_logs", "request delete - service_role"},
		{"a user becomes an agent", alice, "UPDATE public.profiles SET role = 'agent' WHERE id = auth.uid()", "profile_role update " + alice + ` authenticated {"role": "user"} {"role": "agent"}`},
		{"the server makes an admin", "service_role", "UPDATE public.profiles SET role = 'admin' WHERE id = '" + bob + "'", `profile_role update - service_role {"role": "user"} {"role": "admin"}`},
		{"his name is no event", "service_role", "UPDATE public.profiles SET full_name = 'Bob' WHERE id = '" + bob + "'", ""},
		{"a rule is relaxed", anna, "UPDATE public.data_retention_policies SET retention_period = 30 WHERE data_category = 'advanced_metrics'", "retention_policy update " + anna + ` authenticated {"retention_period": 90} {"retention_period": 30}`},
		{"a rule is dropped", anna, "DELETE FROM public.data_retention_policies WHERE data_category = 'advanced_metrics'", "retention_policy delete " + anna + " authenticated"},
		{"a result is filed", anna, "INSERT INTO public.compliance_results (compliance_type, check_name, status) VALUES ('gdpr', 'x', 'passed')", "compliance_result create " + anna + " authenticated"},
		{"a result is mended by the server", "service_role", "UPDATE public.compliance_results SET auto_remediated = true", `compliance_result update - service_role {"auto_remediated": false} {"auto_remediated": true}`},
		{"a check is switched off", anna, "UPDATE public.compliance_checks SET is_active = false WHERE check_name = 'API Key Security Audit'", "compliance_check update " + anna + ` authenticated {"is_active": true} {"is_active": false}`},
		{"a role is assigned", anna, "INSERT INTO public.user_roles (user_id, role_id) SELECT '" + alice + "', id FROM public.roles WHERE name = 'security_admin'", "role_assignment create " + anna + " authenticated"},
		{"a long value is its hash", anna, "UPDATE public.data_retention_policies SET retention_basis = repeat('x', 5000) WHERE data_category = 'audit_logs'", "retention_policy update " + anna + ` authenticated {"retention_basis": "Compliance: 7 years, deleted by hand only"} {"retention_basis": {"bytes": 5002, "sha256":`},
		{"his sessions go with an account", "service_role", "DELETE FROM public.profiles WHERE id = '" + bob + "'", "profile_role delete - service_role; session delete - service_role"},
	} {
		exec(t, owner, "TRUNCATE public.security_audit_logs")
		if n, err := as(owner, tt.as)(t, url, tt.as, tt.act); n != 1 || err != nil {
			t.Errorf("%s: %d rows, %v", tt.name, n, err)
			continue
		}
		got := value[string](t, owner, `SELECT COALESCE(string_agg(concat_ws(' ', event_type, action, COALESCE(user_id::text, '-'),
				CASE additional_context ->> 'role' WHEN session_user THEN 'owner' ELSE additional_context ->> 'role' END,
				CASE WHEN action = 'update' THEN old_values::text || ' ' || new_values::text END), '; ' ORDER BY event_type), '')
			FROM public.security_audit_logs WHERE source = 'database' AND (event_type <> 'role_assignment' OR action = 'create' AND $1)`, strings.HasPrefix(tt.want, "role_assignment"))
		if got != tt.want && !(strings.HasSuffix(tt.want, ":") && strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: the trail says %q, want %q", tt.name, got, tt.want)
		}
	}
}

// as returns the function that acts as a person, a role of the API or the owner
// himself.
func as(owner *pgx.Conn, who string) func(t testing.TB, url, who, query string, args ...any) (int64, error) {
	switch who {
	case "owner":
		return func(_ testing.TB, _, _, query string, args ...any) (int64, error) {
			tag, err := owner.Exec(context.Background(), query, args...)
			return tag.RowsAffected(), err
		}
	case "service_role", "anon", "authenticated":
		return asRole
	}
	return do
}
