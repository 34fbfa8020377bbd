package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/auth"
	"github.com/romashka/sidecar/internal/database/migrator"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// attacked is a project with rows that are evidence, and a token for each role
// of the policy's matrix.
type attacked struct {
	*running
	owner       *pgx.Conn
	ids, tokens map[string]string
}

func newAttacked(t *testing.T) *attacked {
	t.Helper()
	ctx := context.Background()
	owner, api := database(t)
	admin := pgtest.As(t, owner, devdb.Superuser)
	m, err := migrator.New(admin, migrator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Up(ctx); err != nil {
		t.Fatal(err)
	}
	p := &attacked{owner: pgtest.Conn(t, admin), ids: map[string]string{}, tokens: map[string]string{
		"anon": token(t, "anon"), "service_role": token(t, "service_role"),
	}}
	for _, name := range []string{"user", "other", "admin", "security_admin", "compliance_admin"} {
		role := name
		if name == "other" {
			role = "user"
		}
		id, err := devdb.AddUser(ctx, p.owner, devdb.User{Email: name + "@example.com", Password: "own-password-of-" + name, FullName: name, Role: role})
		if err != nil {
			t.Fatal(err)
		}
		signed, err := auth.Sign([]byte(secret), map[string]any{"role": "authenticated", "sub": id, "exp": time.Now().Add(time.Hour).Unix()})
		if err != nil {
			t.Fatal(err)
		}
		p.ids[name], p.tokens[name] = id, signed
	}
	run(t, p.owner, fmt.Sprintf(`
		INSERT INTO public.security_sessions (user_id, session_token) VALUES ('%s', 'users'), ('%s', 'others');
		INSERT INTO public.security_incidents (incident_type, title, description, metadata) VALUES ('ddos', 'as seen', 'as seen', '{"seen": true}');
		INSERT INTO public.compliance_results (compliance_type, check_name, status) VALUES ('gdpr', 'x', 'failed');
		INSERT INTO public.api_security_logs (endpoint, user_id, timestamp) VALUES ('/seen', '%[1]s', now() - interval '20 days');
		INSERT INTO public.security_audit_logs (event_type, action, user_id) VALUES ('login', 'create', '%[1]s');
		INSERT INTO public.data_consent (user_id, consent_type, consent_given) VALUES ('%[1]s', 'marketing', true)`, p.ids["user"], p.ids["other"]))
	p.running = start(t, api, map[string]string{"supabase-anon-key": token(t, "anon")}).ready(t)
	return p
}

// send asks as a role, and fills in ids: {user} is that of the user.
func (p *attacked) send(t *testing.T, as, method, path, body string) (int, string) {
	t.Helper()
	var ids []string
	for name, id := range p.ids {
		ids = append(ids, "{"+name+"}", id)
	}
	fill := strings.NewReplacer(ids...)
	status, text, _ := ask(t, method, p.URL+"/rest/v1/"+fill.Replace(path), fill.Replace(body), "Authorization: Bearer "+p.tokens[as], "apikey: "+token(t, "anon"),
		"Content-Type: application/json", "Prefer: return=representation", "User-Agent: attacker")
	return status, text
}

// A client's words about evidence are answered with the values that the database
// has set.
func TestEvidenceOverHTTP(t *testing.T) {
	t.Parallel()
	p := newAttacked(t)
	const forged = "2001-01-01T00:00:00Z"
	began := time.Now().Add(-time.Minute)
	for _, tt := range []struct {
		as, method, path, body string
		status                 int
		code                   string            // of the error
		now                    []string          // columns of the answer that are of now
		want                   map[string]string // others, as JSON
	}{
		{"anon", "PATCH", "security_sessions?session_token=eq.users", `{"is_active":false}`, 401, "42501", nil, nil},
		{"user", "PATCH", "security_sessions?session_token=eq.others", `{"is_active":false}`, 200, "", nil, nil},
		{"user", "PATCH", "security_sessions?session_token=eq.users", `{"created_at":"` + forged + `"}`, 403, "42501", nil, nil},
		{"user", "PATCH", "security_sessions?user_id=eq.{user}", `{"is_active":false,"ended_at":"` + forged + `","last_activity":"` + forged + `"}`, 200, "", []string{"ended_at", "last_activity", "invalidated_at"}, map[string]string{"is_active": "false"}},
		{"user", "PATCH", "security_sessions?user_id=eq.{user}", `{"is_active":true}`, 200, "", nil, nil},
		{"service_role", "PATCH", "security_sessions?session_token=eq.users", `{"is_active":true,"user_id":"{other}","ended_at":"` + forged + `"}`, 200, "", []string{"ended_at"}, map[string]string{"is_active": "false", "user_id": `"{user}"`}},
		{"service_role", "POST", "security_sessions", `{"user_id":"{other}","session_token":"servers","is_active":false,"created_at":"` + forged + `","ended_at":"` + forged + `"}`, 201, "", []string{"created_at", "ended_at"}, nil},
		{"service_role", "POST", "security_sessions?on_conflict=session_token", `{"user_id":"{other}","session_token":"servers","ended_at":"` + forged + `"}`, 409, "23505", nil, nil},

		{"user", "PATCH", "security_incidents?resolved=is.false", `{"resolved":true}`, 200, "", nil, nil},
		{"compliance_admin", "PATCH", "security_incidents?resolved=is.false", `{"resolved":true}`, 200, "", nil, nil},
		{"security_admin", "PATCH", "security_incidents?resolved=is.false", `{"resolved":true,"resolved_by":"{user}","resolved_at":"` + forged + `","metadata":{"note":1,"seen":false},"title":"no","description":"no","incident_type":"phishing"}`, 200, "", []string{"resolved_at"}, map[string]string{
			"resolved_by": `"{security_admin}"`, "metadata": `{"note": 1, "seen": true}`, "title": `"as seen"`, "description": `"as seen"`, "incident_type": `"ddos"`,
		}},
		{"admin", "PATCH", "security_incidents?resolved=is.true", `{"resolved":true,"resolved_by":"{admin}","resolved_at":"2999-01-01T00:00:00Z"}`, 200, "", []string{"resolved_at"}, map[string]string{"resolved_by": `"{security_admin}"`}},

		{"security_admin", "POST", "compliance_results", `{"compliance_type":"gdpr","check_name":"x","status":"passed"}`, 403, "42501", nil, nil},
		{"compliance_admin", "POST", "compliance_results", `{"compliance_type":"gdpr","check_name":"y","status":"passed","checked_at":"2999-01-01T00:00:00Z"}`, 201, "", []string{"checked_at"}, nil},
		{"service_role", "PATCH", "compliance_results?check_name=eq.x", `{"status":"passed","checked_at":"2999-01-01T00:00:00Z"}`, 200, "", []string{"checked_at"}, map[string]string{"status": `"failed"`}},

		{"compliance_admin", "PATCH", "data_retention_policies?data_category=eq.api_security_logs", `{"retention_period":1}`, 400, "23514", nil, nil},
		{"service_role", "PATCH", "data_retention_policies?data_category=eq.session_data", `{"retention_period":89}`, 400, "23514", nil, nil},
		{"user", "PATCH", "data_retention_policies?data_category=eq.session_data", `{"retention_period":89}`, 200, "", nil, nil},

		{"other", "POST", "security_audit_logs", `{"event_type":"login","action":"create","user_id":"{user}","ip_address":"4.4.4.4","user_agent":"mine","risk_score":0}`, 201, "", []string{"created_at"}, map[string]string{
			"user_id": `"{other}"`, "source": `"client"`, "user_agent": `"attacker"`, "ip_address": `"unknown"`,
		}},
		{"other", "POST", "security_audit_logs", `{"event_type":"login","action":"create","source":"database"}`, 403, "42501", nil, nil},
		{"service_role", "POST", "security_audit_logs", `{"event_type":"login","action":"create","user_id":"{user}"}`, 201, "", []string{"created_at"}, map[string]string{"source": `"service"`}},
		{"service_role", "PATCH", "security_audit_logs?event_type=eq.login", `{"action":"read"}`, 403, "42501", nil, nil},
		{"service_role", "DELETE", "security_audit_logs?event_type=eq.login", "", 403, "42501", nil, nil},

		{"service_role", "POST", "api_security_logs", `{"endpoint":"/x","timestamp":"` + forged + `"}`, 201, "", []string{"timestamp"}, map[string]string{"request_headers": `{"reported_by": "service_role"}`}},
		{"user", "POST", "api_security_logs", `{"endpoint":"/x"}`, 403, "42501", nil, nil},
		{"user", "PATCH", "data_consent?user_id=eq.{user}", `{"withdrawal_date":"` + forged + `"}`, 200, "", []string{"withdrawal_date"}, nil},

		{"user", "PATCH", "profiles?id=eq.{user}", `{"role":"Admin"}`, 400, "23514", nil, nil},
		{"user", "PATCH", "profiles?id=eq.{user}", `{"role":" admin"}`, 400, "23514", nil, nil},
		{"user", "PATCH", "profiles?id=eq.{user}", `{"role":"superadmin"}`, 400, "23514", nil, nil},
		{"user", "PATCH", "profiles?id=eq.{user}", `{"role":"admin"}`, 403, "42501", nil, nil},
		{"service_role", "PATCH", "profiles?id=eq.{user}", `{"role":"Admin"}`, 400, "23514", nil, nil},
		{"user", "PATCH", "profiles?id=eq.{user}", `{"role":"agent","full_name":"U"}`, 200, "", nil, map[string]string{"role": `"agent"`}},
	} {
		name := fmt.Sprintf("%s: %s %s %s", tt.as, tt.method, tt.path, tt.body)
		status, body := p.send(t, tt.as, tt.method, tt.path, tt.body)
		if status != tt.status || tt.code != "" && !strings.Contains(body, `"code":"`+tt.code+`"`) {
			t.Errorf("%s: %d %s, want %d %s", name, status, body, tt.status, tt.code)
			continue
		}
		if tt.now != nil || tt.want != nil {
			p.check(t, name, body, began, tt.now, tt.want)
		}
	}
	var left string
	err := p.owner.QueryRow(context.Background(), `WITH done AS (SELECT count(*) FROM public.cleanup_old_analytics_data())
		SELECT (SELECT count(*) FROM public.security_sessions) || ' ' || (SELECT count(*) FROM public.api_security_logs WHERE endpoint = '/seen')
			|| ' ' || (SELECT string_agg(DISTINCT event_type, ' ' ORDER BY event_type) FROM public.security_audit_logs WHERE source = 'database') FROM done`).Scan(&left)
	if want := "3 1 compliance_result consent incident incident_step login profile_role role_assignment session"; err != nil || left != want {
		t.Errorf("after retention %s (%v), want %s", left, err, want)
	}
}

// check compares the one row of an answer.
func (p *attacked) check(t *testing.T, name, body string, began time.Time, now []string, want map[string]string) {
	t.Helper()
	var rows []map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &rows); err != nil || len(rows) != 1 {
		t.Errorf("%s: %s, want one row", name, body)
		return
	}
	for _, column := range now {
		var at time.Time
		if err := json.Unmarshal(rows[0][column], &at); err != nil || at.Before(began) || at.After(time.Now().Add(time.Minute)) {
			t.Errorf("%s: %s is %s, want now", name, column, rows[0][column])
		}
	}
	for column, value := range want {
		for who, id := range p.ids {
			value = strings.ReplaceAll(value, "{"+who+"}", id)
		}
		if got := string(rows[0][column]); got != value {
			t.Errorf("%s: %s is %s, want %s", name, column, got, value)
		}
	}
}
