package app_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// everyone are the roles of the policy.
var everyone = []string{"anon", "user", "other", "admin", "security_admin", "compliance_admin", "service_role"} // read-only

// Requests of the front end's "Run Compliance Checks" are answered, their rows are a
// client's and no part of the overview, which only shows figures to whom may see
// results; and a withdrawal of consent counts for the next request.
func TestComplianceOverHTTP(t *testing.T) {
	t.Parallel()
	p := newAttacked(t)
	const c1, c2 = "00000000-0000-4000-8000-0000000f0001", "00000000-0000-4000-8000-0000000f0002"
	run(t, p.owner, fmt.Sprintf(`
		INSERT INTO public.compliance_results (compliance_type, check_name, status, severity, origin) VALUES ('gdpr', 'tls_in_transit', 'passed', 'high', 'romashka');
		INSERT INTO public.customer_profiles (id, email) VALUES ('%s', 'c1@example.com'), ('%s', 'c2@example.com');
		INSERT INTO public.data_consent (customer_id, consent_type, consent_given, created_at) VALUES ('%[1]s', 'marketing', true, now() - interval '1 hour');
		DELETE FROM public.customer_journey;
		INSERT INTO public.customer_journey (customer_id, journey_stage, touchpoint) VALUES ('%[1]s', 'support', 'c1'), ('%[2]s', 'support', 'c2'), (NULL, 'support', 'nobody');
		SELECT romashka.require_consent('public.customer_journey', 'customer_id', 'marketing')`, c1, c2))
	p.button(t)
	for _, who := range everyone {
		status, body := p.send(t, who, "POST", "rpc/get_compliance_overview", "{}")
		want := "gdpr 0 <nil>" // may call it, and sees no result
		switch who {
		case "anon":
			if status != 401 {
				t.Errorf("anon: %d %s", status, body)
			}
			continue
		case "admin", "compliance_admin", "service_role":
			want = "gdpr 1 100"
		}
		var rows []struct {
			Framework string
			Passed    int
			Score     any
		}
		if err := json.Unmarshal([]byte(body), &rows); err != nil || status != 200 || len(rows) != 5 {
			t.Errorf("%s: %d %s", who, status, body)
		} else if got := fmt.Sprint(rows[0].Framework, " ", rows[0].Passed, " ", rows[0].Score); got != want {
			t.Errorf("%s sees %q, want %q", who, got, want)
		}
	}
	p.journeys(t, "c1 nobody")
	if status, body := p.send(t, "user", "PATCH", "data_consent?customer_id=eq."+c1, `{"withdrawal_date":"2001-01-01T00:00:00Z"}`); status != 200 || body != "[]" {
		t.Errorf("a user withdraws another's consent: %d %s", status, body)
	}
	if status, body := p.send(t, "compliance_admin", "PATCH", "data_consent?customer_id=eq."+c1, `{"withdrawal_date":"2001-01-01T00:00:00Z"}`); status != 200 || body == "[]" {
		t.Errorf("withdraw: %d %s", status, body)
	}
	p.journeys(t, "nobody")
}

// button sends what the page's button does, as each role.
func (p *attacked) button(t *testing.T) {
	t.Helper()
	for _, who := range everyone {
		status, body := p.send(t, who, "GET", "compliance_checks?select=*&is_active=eq.true", "")
		if who == "anon" {
			if status != 401 {
				t.Errorf("anon reads the checks: %d %s", status, body)
			}
			continue
		}
		var checks []struct{ ID string }
		if err := json.Unmarshal([]byte(body), &checks); err != nil || status != 200 || len(checks) == 0 {
			t.Fatalf("%s reads the checks: %d %s", who, status, body)
		}
		want := map[string]int{"admin": 201, "compliance_admin": 201, "service_role": 201}[who]
		if want == 0 {
			want = 403
		}
		status, body = p.send(t, who, "POST", "compliance_results?select=*", fmt.Sprintf(
			`{"check_id":%q,"status":"passed","result_details":{"x":1},"recommendations":["y"],"severity":"low","auto_remediated":false,"remediation_actions":[],"origin":"romashka"}`, checks[0].ID))
		if want == 201 && status == 403 { // origin is not among what a user may say
			status, body = p.send(t, who, "POST", "compliance_results?select=*", fmt.Sprintf(
				`{"check_id":%q,"status":"passed","result_details":{"x":1},"recommendations":["y"],"severity":"low","auto_remediated":false,"remediation_actions":[]}`, checks[0].ID))
		}
		if status != want || want == 201 && !strings.Contains(body, `"origin":"client"`) {
			t.Errorf("%s files a result: %d %s, want %d", who, status, body, want)
		}
		if want == 201 {
			if status, body = p.send(t, who, "PATCH", "compliance_checks?id=eq."+checks[0].ID, `{"last_run":"2026-01-01T00:00:00Z","next_run":"2026-01-02T00:00:00Z"}`); status != 200 || body == "[]" {
				t.Errorf("%s notes the run: %d %s", who, status, body)
			}
		}
	}
}

// journeys holds what each role reads of a table that needs consent.
func (p *attacked) journeys(t *testing.T, want string) {
	t.Helper()
	for _, who := range everyone {
		status, body := p.send(t, who, "GET", "customer_journey?select=touchpoint&order=touchpoint", "")
		var rows []struct{ Touchpoint string }
		_ = json.Unmarshal([]byte(body), &rows)
		var got []string
		for _, r := range rows {
			got = append(got, r.Touchpoint)
		}
		expected := want
		switch who {
		case "anon":
			if status != 401 {
				t.Errorf("anon: %d %s", status, body)
			}
			continue
		case "service_role":
			expected = "c1 c2 nobody"
		}
		if strings.Join(got, " ") != expected {
			t.Errorf("%s reads %q, want %q (%d %s)", who, got, expected, status, body)
		}
	}
}
