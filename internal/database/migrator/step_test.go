package migrator_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// row is the state of an incident in the two spellings.
type row struct {
	Status           string
	Resolved         bool
	HasTime, HasWhom bool
}

// resolved and status stay in step, whichever is written, one row or many.
func TestIncidentsStayInStep(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	for _, tt := range []struct {
		name, insert, update string
		want                 row
	}{
		{name: "seed insert", insert: "(incident_type) VALUES ('failed_login')", want: row{Status: "open"}},
		{name: "seed insert, resolved", insert: "(incident_type, resolved) VALUES ('api_abuse', true)", want: row{"resolved", true, true, false}},
		{name: "page insert", insert: "(incident_type, status) VALUES ('malware', 'investigating')", want: row{Status: "investigating"}},
		{name: "page insert, closed", insert: "(incident_type, status) VALUES ('phishing', 'closed')", want: row{"closed", true, true, false}},
		{name: "resolved written", insert: "(incident_type) VALUES ('ddos')", update: "resolved = true", want: row{"resolved", true, true, true}},
		{name: "status written", insert: "(incident_type) VALUES ('ddos')", update: "status = 'closed'", want: row{"closed", true, true, true}},
		{name: "reopened by resolved", insert: "(incident_type, status) VALUES ('ddos', 'closed')", update: "resolved = false", want: row{Status: "open"}},
		{name: "reopened by status", insert: "(incident_type, resolved) VALUES ('ddos', true)", update: "status = 'investigating'", want: row{Status: "investigating"}},
		{name: "resolved to closed", insert: "(incident_type, resolved) VALUES ('ddos', true)", update: "status = 'closed'", want: row{"closed", true, true, false}},
		{name: "both written", insert: "(incident_type) VALUES ('ddos')", update: "resolved = true, status = 'resolved'", want: row{"resolved", true, true, true}},
		{name: "neither written", insert: "(incident_type, status) VALUES ('ddos', 'investigating')", update: "severity = 'low'", want: row{Status: "investigating"}},
	} {
		exec(t, owner, "DELETE FROM public.security_incidents")
		exec(t, owner, "INSERT INTO public.security_incidents "+tt.insert)
		exec(t, owner, "INSERT INTO public.security_incidents "+tt.insert) // in bulk: two at once
		if tt.update != "" {
			if n, err := do(t, url, anna, "UPDATE public.security_incidents SET "+tt.update); n != 2 || err != nil {
				t.Fatalf("%s: %d rows, %v", tt.name, n, err)
			}
		}
		rows, err := owner.Query(context.Background(), "SELECT DISTINCT status, resolved, resolved_at IS NOT NULL, resolved_by IS NOT NULL FROM public.security_incidents")
		if err != nil {
			t.Fatal(err)
		}
		got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]row{tt.want}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// Results that the page files by a check's id arrive under the seed's names too,
// and the other way round.
func TestResultsStayInStep(t *testing.T) {
	t.Parallel()
	url, owner := peopled(t)
	const filed = `INSERT INTO public.compliance_results (check_id, status, result_details, recommendations, severity, auto_remediated, remediation_actions)
		SELECT id, 'warning', '{"n": 1}', '{do it}', 'low', false, NULL FROM public.compliance_checks WHERE check_name = 'GDPR Consent Validation'`
	if _, err := do(t, url, anna, filed); err != nil {
		t.Fatalf("file: %v", err)
	}
	exec(t, owner, "INSERT INTO public.compliance_results (compliance_type, check_name, status, details, remediation_steps) VALUES ('sox', 'by hand', 'failed', '{\"n\": 1}', '{do it}')")
	const inStep = "SELECT bool_and(details = $1::jsonb AND result_details = $1::jsonb AND remediation_steps = $2::text[] AND recommendations = $2::text[]) FROM public.compliance_results"
	if !value[bool](t, owner, inStep, `{"n": 1}`, []string{"do it"}) {
		t.Error("inserted results are not in step")
	}
	if got := value[string](t, owner, "SELECT compliance_type || ' ' || check_name FROM public.compliance_results WHERE check_id IS NOT NULL AND next_check_due > now()"); got != "gdpr GDPR Consent Validation" {
		t.Errorf("filled from the check: %q", got)
	}
	exec(t, owner, "UPDATE public.compliance_results SET details = '{\"n\": 2}', recommendations = '{done}'")
	if !value[bool](t, owner, inStep, `{"n": 2}`, []string{"done"}) {
		t.Error("updated by one name of each: not in step")
	}
	exec(t, owner, "UPDATE public.compliance_results SET result_details = '{\"n\": 3}', remediation_steps = '{}'")
	if !value[bool](t, owner, inStep, `{"n": 3}`, []string{}) {
		t.Error("updated by the other: not in step")
	}
}

func TestSessionsStayInStep(t *testing.T) {
	t.Parallel()
	_, owner := peopled(t)
	for _, end := range []string{
		"is_active = false, ended_at = '2026-01-01', logout_reason = 'why'",
		"is_active = false, invalidated_at = '2026-01-01', invalidation_reason = 'why'",
	} {
		exec(t, owner, "DELETE FROM public.security_sessions")
		exec(t, owner, "INSERT INTO public.security_sessions (user_id, session_token) VALUES ($1, '1'), ($1, '2')", alice)
		exec(t, owner, "UPDATE public.security_sessions SET "+end)
		if !value[bool](t, owner, `SELECT bool_and(ended_at = '2026-01-01' AND invalidated_at = '2026-01-01' AND logout_reason = 'why' AND invalidation_reason = 'why')
			FROM public.security_sessions`) {
			t.Errorf("%s: not in step", end)
		}
	}
}

// Rows from before the columns are brought into step when they come.
func TestOldRowsComeIntoStep(t *testing.T) {
	t.Parallel()
	url := bootstrapped(t)
	super := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	exec(t, super, "SET ROLE postgres")
	exec(t, super, testdata(t, "seed.sql"))
	exec(t, super, testdata(t, "seed_sample.sql"))
	exec(t, super, "INSERT INTO public.security_sessions (session_token, is_active, ended_at, logout_reason) VALUES ('old', false, now(), 'timeout')")
	up(t, newMigrator(t, url, migrator.Options{}))
	if got := value[int](t, super, "SELECT count(*)::int FROM public.security_incidents WHERE status = 'open' AND title IS NOT NULL AND detected_at = created_at"); got != 2 {
		t.Errorf("open incidents = %d, want the sample's 2", got)
	}
	if !value[bool](t, super, "SELECT bool_and(result_details = details AND recommendations = remediation_steps) FROM public.compliance_results") {
		t.Error("old results are not in step")
	}
	if !value[bool](t, super, "SELECT invalidated_at = ended_at AND invalidation_reason = 'timeout' FROM public.security_sessions WHERE session_token = 'old'") {
		t.Error("an old session is not in step")
	}
}
