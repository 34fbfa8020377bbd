package compliance_test

import (
	"errors"
	"testing"

	"github.com/romashka/sidecar/internal/compliance"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// A remedy is applied in one transaction, the check is asked again, and it can be
// taken back; the daily run applies those that the tenant named, and no others.
func TestRemediate(t *testing.T) {
	t.Parallel()
	uri := migrated(t)
	conn := pgtest.Conn(t, uri)
	exec(t, conn, `CREATE TABLE public.half (id integer); CREATE POLICY half ON public.half USING (id > 0);
		CREATE FUNCTION public.whoever() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
		CREATE TABLE public.access_log (line text); INSERT INTO public.access_log VALUES ('GET /x?email=eq.zoe@example.com authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghijklmnop')`)
	for _, name := range []string{"policy_without_rls", "security_definer_search_path"} {
		m, err := compliance.Remediate(t.Context(), conn, name, compliance.Options{}, false)
		if err != nil || !m.Passed || m.Before.Status != compliance.Failed || m.ID == "" {
			t.Errorf("%s: %v %+v", name, err, m)
		}
		if _, err := compliance.Remediate(t.Context(), conn, name, compliance.Options{}, false); !errors.Is(err, compliance.ErrNothingToDo) {
			t.Errorf("%s again: %v", name, err)
		}
		if done, err := compliance.Undo(t.Context(), conn, name); err != nil || len(done) != 1 {
			t.Errorf("%s, undo: %v %v", name, done, err)
		}
		if by := check(t, uri, compliance.Options{Checks: []string{name}}); by[name].Status != compliance.Failed {
			t.Errorf("%s, after undo: %s", name, by[name].Status)
		}
		if _, err := compliance.Undo(t.Context(), conn, name); !errors.Is(err, compliance.ErrNotUndone) {
			t.Errorf("%s, undo again: %v", name, err)
		}
	}
	if m, err := compliance.Remediate(t.Context(), conn, "sensitive_data_in_logs", compliance.Options{}, false); err != nil || !m.Passed {
		t.Errorf("mask: %v %+v", err, m.After)
	}
	if _, err := compliance.Undo(t.Context(), conn, "sensitive_data_in_logs"); !errors.Is(err, compliance.ErrIrreversible) {
		t.Errorf("unmask: %v", err)
	}
	if _, err := compliance.Remediate(t.Context(), conn, "too_many_admins", compliance.Options{}, false); !errors.Is(err, compliance.ErrNotSafe) {
		t.Errorf("not safe: %v", err)
	}
	exec(t, conn, "INSERT INTO romashka.automatic_remedies (check_name) VALUES ('policy_without_rls')")
	if _, err := compliance.Job(compliance.Options{})(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
	var remedied, half bool
	if err := conn.QueryRow(t.Context(), `SELECT bool_and(auto_remediated) FILTER (WHERE check_name = 'policy_without_rls'), bool_or(auto_remediated) FILTER (WHERE check_name <> 'policy_without_rls')
		FROM public.compliance_results WHERE origin = 'romashka'`).Scan(&remedied, &half); err != nil || !remedied || half {
		t.Errorf("auto_remediated: %v %v %v", remedied, half, err)
	}
}
