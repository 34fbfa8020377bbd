package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/policy"
)

// An act that the tenant lists as dangerous asks for a second factor that was shown
// just now, whichever it is: tables and the access review as CSV, jobs of export, erasure.
func TestAskedAgain(t *testing.T) {
	t.Parallel()
	w := newFactorWorld(t, nil)
	run(t, w.conn, `INSERT INTO public.security_incidents (incident_type, title) VALUES ('ddos', 'x');
		INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('two_factor_ask_again', '["exports", "erasure"]');
		INSERT INTO public.data_subject_requests (id, request_type, customer_email) VALUES
			('00000000-0000-4000-8000-00000000de01', 'erasure', 'a@customer.test'), ('00000000-0000-4000-8000-00000000de02', 'access', 'b@customer.test')`)
	type act struct{ method, path, body, accept string }
	dangerous := map[string]act{
		"the access review as CSV": {"GET", "/rpc/get_access_review", "", "text/csv"},
		"the same by POST":         {"POST", "/rpc/get_access_review", "{}", "text/csv"},
		"CSV in capitals":          {"GET", "/security_incidents", "", "Text/CSV"},
		"CSV with a weight":        {"GET", "/security_incidents", "", "text/csv;q=0.9"},
		"CSV first of two":         {"GET", "/security_incidents", "", "text/csv, application/json"},
		"CSV behind another":       {"GET", "/security_incidents", "", "image/png, text/csv"},
		"what was written as CSV":  {"PATCH", "/data_subject_requests?id=eq.00000000-0000-4000-8000-00000000de02", `{"status":"pending"}`, "text/csv"},
		"a job of export":          {"POST", "/export_jobs", `{"name":"x","type":"conversations","format":"csv"}`, ""},
		"the end of an erasure":    {"PATCH", "/data_subject_requests?id=eq.00000000-0000-4000-8000-00000000de01", `{"status":"processing"}`, ""},
		"a customer who goes":      {"DELETE", "/customer_profiles?id=eq." + uuid.NewString(), "", ""},
	}
	for _, c := range policy.Expected() {
		if c.Role == "admin" && c.Operation == "select" && w.filled(t, c.Object) { // policies ask where there is a row
			dangerous[c.Object+" as CSV"] = act{"GET", "/" + c.Object, "", "text/csv"}
		}
	}
	// asked reports how many ask for a factor; the others must answer.
	asked := func(v *visitor, acts map[string]act) (n int) {
		t.Helper()
		for name, a := range acts {
			headers := []string{"Prefer: return=representation"}
			if a.accept != "" {
				headers = append(headers, "Accept: "+a.accept)
			}
			status, answer := v.ask(t, a.method, a.path, a.body, headers...)
			switch {
			case status == http.StatusForbidden && code(answer) == "ROM440" && strings.Contains(answer, "two_factor_verify"):
				n++
			case status >= http.StatusBadRequest:
				t.Errorf("%s: %d %s", name, status, answer)
			default:
				t.Logf("%s: %d", name, status)
			}
		}
		return n
	}
	all := len(dangerous)
	admin := w.visit(t, "admin")
	if n := asked(admin, dangerous); n != all {
		t.Errorf("without a factor %d of %d ask for one", n, all)
	}
	if n := asked(admin, map[string]act{
		"JSON":                 {"GET", "/security_incidents", "", "application/json"},
		"the review as JSON":   {"GET", "/rpc/get_access_review", "", ""},
		"a request of another": {"PATCH", "/data_subject_requests?id=eq.00000000-0000-4000-8000-00000000de02", `{"status":"processing"}`, ""},
	}); n != 0 {
		t.Errorf("%d harmless acts ask for a factor", n)
	}
	if n := asked(w.visit(t, "service_role"), dangerous); n != 0 {
		t.Errorf("%d ask a server for a factor", n)
	}
	run(t, w.conn, "UPDATE public.data_subject_requests SET status = 'pending'")
	e := admin.call(t, "enroll", map[string]any{"method": "totp"})
	secret, _ := e["secret"].(string)
	admin.call(t, "confirm", map[string]any{"factor_id": e["factor_id"], "code": oath(t, secret, time.Now().Add(-30*time.Second))})
	if n := asked(admin, dangerous); n != 0 {
		t.Errorf("just after a factor was shown %d ask for one", n)
	}
	run(t, w.conn, "UPDATE public.data_subject_requests SET status = 'pending'")
	if n := asked(w.visit(t, "admin"), dangerous); n != all {
		t.Errorf("in another session %d of %d ask", n, all)
	}
	run(t, w.conn, "UPDATE romashka.verified_sessions SET verified_at = now() - interval '15 minutes'")
	admin.at = w.replicas[1]
	if n := asked(admin, dangerous); n != all {
		t.Errorf("a quarter of an hour later %d of %d ask", n, all)
	}
	admin.call(t, "verify", map[string]any{"factor_id": e["factor_id"], "code": oath(t, secret, time.Now())})
	if n := asked(admin, dangerous); n != 0 {
		t.Errorf("shown again, %d ask", n)
	}
	run(t, w.conn, "UPDATE public.data_subject_requests SET status = 'pending'")
	for age, want := range map[time.Duration]int{0: 0, 16 * time.Minute: all} {
		v := w.visit(t, "admin")
		v.token = signed(t, map[string]any{
			"role": "authenticated", "sub": w.ids["admin"].String(), "session_id": uuid.NewString(), "aal": "aal2",
			"amr": []any{map[string]any{"method": "totp", "timestamp": time.Now().Add(-age).Unix()}},
		})
		if n := asked(v, dangerous); n != want {
			t.Errorf("with aal2 of %v ago %d ask, want %d", age, n, want)
		}
		run(t, w.conn, "UPDATE public.data_subject_requests SET status = 'pending'")
	}
}

// filled reports whether a table has rows.
func (w *factorWorld) filled(t *testing.T, table string) (is bool) {
	t.Helper()
	if err := w.conn.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM public."+pgx.Identifier{table}.Sanitize()+")").Scan(&is); err != nil {
		t.Fatal(err)
	}
	return is
}
