package e2e_test

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/policy"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// trial is the way to try a table.
type trial struct {
	owner string // column of the owner, "" if rows belong to nobody
	named bool   // users name the owner in an insert; else the database does
	once  bool   // one row per owner
	row   row    // what users may insert, without the owner
	touch row    // what users who may update may set
	only  string // rows that may be updated and deleted for a trial, "" = all
}

// trials are read-only.
var trials = map[string]trial{
	"security_sessions":     {"user_id", true, false, row{}, row{"last_activity": "2030-01-01"}, ""},
	"security_incidents":    {"user_id", false, false, row{"incident_type": "failed_login"}, row{"description": "touched"}, ""},
	"compliance_results":    {"", false, false, row{"compliance_type": "gdpr", "check_name": "trial", "status": "passed"}, row{"status": "failed"}, ""},
	"api_security_logs":     {"user_id", true, false, row{"endpoint": "/trial"}, row{"endpoint": "/touched"}, ""},
	"two_factor_auth":       {"user_id", true, true, row{"enabled": true}, row{"phone_number": "1"}, ""},
	"predictive_analytics":  {"", false, false, row{"prediction_type": "staffing_needs", "prediction_date": "2040-01-01"}, row{"model_version": "2"}, ""},
	"business_intelligence": {"", false, false, row{"metric_category": "kpi", "metric_name": "trial"}, row{"metric_name": "touched"}, ""},
	"customer_journey":      {"", false, false, row{"journey_stage": "support"}, row{"touchpoint": "touched"}, ""},
	"sentiment_analysis":    {"", false, false, row{"sentiment_label": "neutral"}, row{"confidence": 0.5}, ""},
	"advanced_metrics":      {"", false, false, row{"metric_type": "trial"}, row{"metric_type": "touched"}, ""},

	"data_retention_policies": {"", false, false, row{"data_category": "trial", "retention_period": 1}, row{"retention_basis": "touched"}, ""},
	"compliance_checks":       {"", false, false, row{"check_name": "trial", "check_type": "gdpr", "compliance_type": "gdpr"}, row{"last_run": "2030-01-01"}, ""},
	// Of roles that give more than the caller has, nobody disposes.
	"roles":                  {"", false, false, row{"name": "trial"}, row{"description": "touched"}, "id=eq." + trialRole},
	"user_roles":             {"user_id", true, true, row{"role_id": trialRole}, row{"expires_at": "2030-01-01"}, "role_id=eq." + trialRole},
	"data_subject_requests":  {"created_by", false, false, row{"request_type": "access"}, row{"status": "processing"}, ""},
	"data_consent":           {"user_id", true, false, row{"consent_type": "marketing", "consent_given": true}, row{"withdrawal_date": "2030-01-01"}, ""},
	"api_keys":               {"user_id", true, false, row{"name": "trial", "key_preview": "rk_"}, row{"name": "touched"}, ""},
	"pii_detection_patterns": {"", false, false, row{"pattern_name": "trial", "regex_pattern": "x", "pattern_type": "custom"}, row{"is_active": false}, ""},
	"encryption_keys":        {"", false, false, row{"key_name": "trial", "key_purpose": "pii"}, row{"next_rotation": "2030-01-01"}, ""},
	"security_alerts":        {"user_id", true, false, row{"alert_type": "trial", "message": "trial"}, row{"status": "resolved"}, ""},
	"security_audit_logs":    {"user_id", true, false, row{"event_type": "login", "action": "create"}, row{"action": "delete"}, ""},
	"daily_analytics":        {"", false, false, row{"date": "2040-01-01"}, row{"total_conversations": 1}, ""},
	"performance_metrics":    {"", false, false, row{"metric_name": "trial"}, row{"metric_name": "touched"}, ""},

	"agent_shifts": {"agent_id", true, true, row{"starts_at": "2040-01-01T08:00Z", "minutes": 480}, row{"note": "touched"}, ""},

	timeline: {"", false, false, row{"step": "note", "incident_id": trialRole}, row{"note": "touched"}, ""},
}

// trialRole is the id of a row in public.roles.
const trialRole = "7a1a1000-0000-4000-8000-000000000001"

// timeline is filled by the inserts into security_incidents, and by nobody else.
const timeline = "security_incident_timeline"

// cast are the roles of the matrix as callers, with the ids of the users.
type cast struct {
	callers   map[string]caller
	ids       map[string]string
	tenants   []policy.TenantRole // whose columns are among the callers
	functions map[string]function // by name and types, as the matrix writes them
}

// function is a function as the API calls it.
type function struct {
	Name     string
	Required []string // its arguments without a default
	Row      string   // table of which it is a computed column, or ""
}

// functionsOf reads the functions of schema public.
func functionsOf(t *testing.T, s *sidecar) map[string]function {
	t.Helper()
	rows, err := pgtest.Conn(t, s.State.Get("DB_URL")).Query(context.Background(), `
		SELECT format('%s(%s)', p.proname, replace(oidvectortypes(p.proargtypes), ', ', ',')) AS name,
			COALESCE(p.proargnames[:p.pronargs - p.pronargdefaults], '{}') AS required,
			COALESCE((SELECT c.relname::text FROM pg_class AS c WHERE c.reltype = p.proargtypes[0] AND p.pronargs = 1), '') AS row
		FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace`)
	if err != nil {
		t.Fatalf("read the functions: %v", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[function])
	if err != nil {
		t.Fatalf("read the functions: %v", err)
	}
	found := make(map[string]function, len(list))
	for _, f := range list {
		found[f.Name] = f
	}
	return found
}

// testRoles asks for each cell of the policy over HTTP, with the role's real
// token, and compares; and for each cell of roles that a tenant has made. Nothing
// that is asked stays.
func testRoles(t *testing.T, s *sidecar) {
	everyone := assemble(t, s)
	everyone.invent(t, s)
	want := policy.Expected()
	for _, r := range everyone.tenants {
		want = append(want, policy.ExpectedOf(r.Name, r.Permissions)...)
	}
	got := make([]policy.Cell, len(want))
	copy(got, want)
	// Before there are rows, or those of one row per owner could not be tried.
	for i, cell := range want {
		if cell.Operation == "insert" {
			got[i].Access = everyone.insert(t, cell)
		}
	}
	everyone.prepare(t)
	for i, cell := range want {
		if cell.Operation != "insert" {
			got[i].Access = everyone.ask(t, cell)
		}
	}
	if diff := gocmp.Diff(strings.Split(policy.Format(want), "\n"), strings.Split(policy.Format(got), "\n")); diff != "" {
		t.Errorf("the API differs from the policy (-want +got):\n%s\n%v", diff, everyone.tenants)
	}
	t.Logf("%d cells", len(got))
	everyone.calls(t)
}

func assemble(t *testing.T, s *sidecar) cast {
	t.Helper()
	c := cast{
		callers: map[string]caller{"anon": s.as(s.State.Get("ANON_KEY"), ""), "service_role": s.as(s.State.Get("SERVICE_ROLE_KEY"), "")},
		ids:     map[string]string{}, functions: functionsOf(t, s),
	}
	for role, who := range map[string]string{
		"user": "USER", "other": "OTHER", "admin": "ADMIN", "security_admin": "SECURITY_ADMIN", "compliance_admin": "COMPLIANCE_ADMIN",
	} {
		c.callers[role], c.ids[role] = s.signIn(t, who)
	}
	service := c.callers["service_role"]
	a := service.do(t, "POST", "/rest/v1/roles", jsonText(t, row{"id": trialRole, "name": "of a trial"}))
	if a.Status != 201 {
		t.Fatalf("make a role: %d %s", a.Status, a.Body)
	}
	for table, tr := range trials {
		if tr.once {
			if a := service.do(t, "DELETE", "/rest/v1/"+table, ""); a.Status != 204 {
				t.Fatalf("empty %s: %d %s", table, a.Status, a.Body)
			}
		}
	}
	return c
}

// prepare puts a row of each user in every table.
func (c cast) prepare(t *testing.T) {
	t.Helper()
	for table, tr := range trials {
		if table == timeline {
			continue
		}
		rows := []row{tr.row}
		if tr.owner != "" {
			rows = rows[:0]
			for _, id := range c.ids {
				rows = append(rows, tr.of(table, id))
			}
		}
		if a := c.callers["service_role"].do(t, "POST", "/rest/v1/"+table, jsonText(t, rows)); a.Status != 201 {
			t.Fatalf("prepare %s: %d %s", table, a.Status, a.Body)
		}
	}
}

// of is a row that belongs to owner.
func (tr trial) of(table, owner string) row {
	r := maps.Clone(tr.row)
	if tr.owner != "" {
		r[tr.owner] = owner
	}
	if table == "security_sessions" {
		r["session_token"] = "trial-" + owner
	}
	return r
}

// ask measures a cell other than of insert.
func (c cast) ask(t *testing.T, cell policy.Cell) policy.Access {
	t.Helper()
	switch cell.Operation {
	case "call":
		return c.call(t, cell)
	case "select", "update", "delete":
		method, body := methodOf(t, cell)
		owners, _ := c.reach(t, cell, method, body)
		return c.judge(cell.Role, owners)
	}
	t.Fatalf("no such operation: %s", cell.Operation)
	return policy.Refused
}

// call measures whether the role may call a function. One that runs may still
// refuse its arguments, which are NULL: it was called.
func (c cast) call(t *testing.T, cell policy.Cell) policy.Access {
	t.Helper()
	name, _, _ := strings.Cut(cell.Object, "(")
	f, ok := c.functions[cell.Object]
	if !ok {
		t.Errorf("no function %s", cell.Object)
		return policy.Refused
	}
	if f.Row != "" { // a computed column, which the API has no other way to call
		if _, ok := c.send(t, cell.Role, "GET", "/rest/v1/"+f.Row+"?select="+name, ""); !ok {
			return policy.Refused
		}
		return policy.Call
	}
	arguments := row{}
	for _, argument := range f.Required {
		arguments[argument] = nil
	}
	a := c.callers[cell.Role].do(t, "POST", "/rest/v1/rpc/"+name, jsonText(t, arguments), "Prefer: tx=rollback")
	switch {
	case a.code() == "42501" && strings.Contains(a.Body, "permission denied for function "+name):
		if a.Status != refusal(cell.Role) {
			t.Errorf("%s as %s: %d %s", cell.Object, cell.Role, a.Status, a.Body)
		}
		return policy.Refused
	case a.Status >= http.StatusInternalServerError || a.code() == "PGRST202" || a.code() == "ROM401":
		t.Errorf("%s as %s: %d %s", cell.Object, cell.Role, a.Status, a.Body)
		return policy.Refused
	}
	return policy.Call
}

func methodOf(t *testing.T, cell policy.Cell) (method, body string) {
	t.Helper()
	switch cell.Operation {
	case "update":
		return "PATCH", jsonText(t, trials[cell.Object].touch)
	case "delete":
		return "DELETE", ""
	}
	return "GET", ""
}

// insert measures whether the role may insert a row in its own name, and one in
// somebody else's, by the owners of the rows afterwards.
func (c cast) insert(t *testing.T, cell policy.Cell) policy.Access {
	t.Helper()
	tr, path := trials[cell.Object], "/rest/v1/"+cell.Object
	foreigner := c.ids["other"]
	if cell.Role == "other" {
		foreigner = c.ids["user"]
	}
	owners := []string{c.ids[cell.Role], foreigner}
	if owners[0] == "" { // anon and service_role have no name
		owners = owners[1:]
	}
	var reached []any
	for _, owner := range owners {
		r := tr.of(cell.Object, owner)
		if !tr.named {
			delete(r, tr.owner)
		}
		if got, ok := c.reach(t, cell, "POST", jsonText(t, r)); ok && tr.owner != "" {
			reached = append(reached, got...)
			continue
		}
		// A role that may not see the row may still have inserted it.
		if _, ok := c.send(t, cell.Role, "POST", path, jsonText(t, r), "Prefer: return=minimal"); ok {
			reached = append(reached, owner)
		}
	}
	return c.judge(cell.Role, reached)
}

// reach returns the owners of the rows that a method reaches, and whether it
// was allowed.
func (c cast) reach(t *testing.T, cell policy.Cell, method, body string) ([]any, bool) {
	t.Helper()
	column := cmp.Or(trials[cell.Object].owner, "id")
	path := "/rest/v1/" + cell.Object + "?select=" + column
	if only := trials[cell.Object].only; only != "" && (method == "PATCH" || method == "DELETE") {
		path += "&" + only
	}
	a, ok := c.send(t, cell.Role, method, path, body, "Prefer: return=representation")
	if !ok {
		return nil, false
	}
	var rows []row
	a.decode(t, &rows)
	owners := []any{}
	for _, r := range rows {
		owners = append(owners, r[column])
	}
	return owners, true
}

// judge derives an access from the owners of the rows that were within reach;
// nil means that it was refused.
func (c cast) judge(role string, owners []any) policy.Access {
	own := func(owner any) bool { return owner == c.ids[role] }
	switch {
	case owners == nil:
		return policy.Refused
	case len(owners) == 0:
		return policy.NoRow
	case slices.ContainsFunc(owners, func(o any) bool { return !own(o) }):
		return policy.All
	}
	return policy.Own
}

// send asks as role, to no lasting effect. It reports whether the role may; any
// other answer than yes or an error for missing rights fails the test.
func (c cast) send(t *testing.T, role, method, path, body string, headers ...string) (answer, bool) {
	t.Helper()
	a := c.callers[role].do(t, method, path, body, append(headers, "Prefer: tx=rollback")...)
	if a.Status < http.StatusMultipleChoices {
		return a, true
	}
	if a.Status != refusal(role) || a.code() != "42501" {
		t.Errorf("%s as %s: %d %s", method+" "+path, role, a.Status, a.Body)
	}
	return a, false
}

// refusal is the status for a role without the right.
func refusal(role string) int {
	if role == "anon" {
		return http.StatusUnauthorized
	}
	return http.StatusForbidden
}
