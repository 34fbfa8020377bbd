package compliance_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

const (
	consenting = "00000000-0000-4000-8000-0000000e0001" // customers
	withdrawn  = "00000000-0000-4000-8000-0000000e0002"
	silent     = "00000000-0000-4000-8000-0000000e0003"
	agent      = "00000000-0000-4000-8000-0000000e00a1" // users
	admin      = "00000000-0000-4000-8000-0000000e00a2"
)

// as gives the subjects that a role reads of a table, in a transaction that is
// taken back.
func as(t testing.TB, conn *pgx.Conn, role, user, query string) string {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	var got string
	claims := `{"role": "` + role + `", "sub": "` + user + `"}`
	if user == "" {
		claims = `{"role": "` + role + `"}`
	}
	_, err = tx.Exec(t.Context(), "SELECT set_config('request.jwt.claims', $1, true), set_config('role', $2, true)", claims, role)
	if err == nil {
		err = tx.QueryRow(t.Context(), query).Scan(&got)
	}
	if err != nil {
		return err.Error()
	}
	return got
}

// A table that needs consent shows rows of those who consent, and a withdrawal
// counts at once, for each role of the API; the person reads his own.
func TestConsent(t *testing.T) {
	t.Parallel()
	conn := pgtest.Conn(t, migrated(t))
	exec(t, conn, `
		INSERT INTO auth.users (id, email) VALUES ('`+agent+`', 'agent@consent.test'), ('`+admin+`', 'admin@consent.test') ON CONFLICT DO NOTHING;
		INSERT INTO public.profiles (id, email, role) VALUES ('`+agent+`', 'agent@consent.test', 'agent'), ('`+admin+`', 'admin@consent.test', 'admin') ON CONFLICT (id) DO UPDATE SET role = EXCLUDED.role;
		INSERT INTO public.customer_profiles (id, email) VALUES ('`+consenting+`', 'c1@consent.test'), ('`+withdrawn+`', 'c2@consent.test'), ('`+silent+`', 'c3@consent.test');
		CREATE TABLE public.campaign (id int PRIMARY KEY, person uuid, note text) PARTITION BY RANGE (id);
		CREATE TABLE public.campaign_1 PARTITION OF public.campaign FOR VALUES FROM (0) TO (100);
		ALTER TABLE public.campaign ENABLE ROW LEVEL SECURITY;
		CREATE POLICY everybody ON public.campaign USING (true) WITH CHECK (true);
		GRANT SELECT, INSERT, UPDATE, DELETE ON public.campaign, public.campaign_1 TO anon, authenticated, service_role;
		INSERT INTO public.campaign VALUES (1, '`+consenting+`', 'one'), (2, '`+withdrawn+`', 'two'), (3, '`+silent+`', 'three'), (4, NULL, 'nobody'), (5, '`+agent+`', 'own');
		INSERT INTO public.data_consent (customer_id, consent_type, consent_given, created_at) SELECT id, 'marketing', true, now() - interval '2 days' FROM public.customer_profiles WHERE id IN ('`+consenting+`', '`+withdrawn+`')`)
	if _, err := conn.Exec(t.Context(), "SELECT romashka.require_consent('public.campaign', 'person', 'marketing')"); err == nil || !strings.Contains(err.Error(), "row level security of public.campaign_1 is off") {
		t.Errorf("a partition without row level security: %v", err)
	}
	exec(t, conn, `ALTER TABLE public.campaign_1 ENABLE ROW LEVEL SECURITY; CREATE POLICY everybody ON public.campaign_1 USING (true) WITH CHECK (true);
		SELECT romashka.require_consent('public.campaign', 'person', 'marketing'), romashka.require_consent('public.campaign', 'person', 'marketing')`)
	ids := "SELECT COALESCE(string_agg(id::text, ' ' ORDER BY id), '') FROM public."
	steps := []struct{ name, change, user, agent string }{
		{"given", "", "1 2 4", "1 2 4 5"},
		{"withdrawn", "UPDATE public.data_consent SET withdrawal_date = now() - interval '2 hours' WHERE customer_id = '" + withdrawn + "'", "1 4", "1 4 5"},
		{"given anew", "INSERT INTO public.data_consent (customer_id, consent_type, consent_given, created_at) VALUES ('" + withdrawn + "', 'marketing', true, now() - interval '1 hour')", "1 2 4", "1 2 4 5"},
		{"refused in a row of its own", "INSERT INTO public.data_consent (customer_id, consent_type, consent_given, updated_at) VALUES ('" + withdrawn + "', 'marketing', false, now())", "1 4", "1 4 5"},
		{"run out", "UPDATE public.data_consent SET expiry_date = now() WHERE customer_id = '" + consenting + "'", "4", "4 5"},
		{"another purpose, another basis", "INSERT INTO public.data_consent (customer_id, consent_type, consent_given, legal_basis) VALUES ('" + silent + "', 'analytics', true, 'consent'), ('" + silent + "', 'marketing', true, 'contract')", "4", "4 5"},
	}
	for _, step := range steps {
		if step.change != "" {
			exec(t, conn, step.change)
		}
		for _, relation := range []string{"campaign", "campaign_1"} {
			for _, caller := range []struct{ role, user, want string }{
				{"anon", "", step.user}, {"authenticated", admin, step.user}, {"authenticated", agent, step.agent}, {"service_role", "", "1 2 3 4 5"},
			} {
				if got := as(t, conn, caller.role, caller.user, ids+relation); got != caller.want {
					t.Errorf("%s: %s %s reads %q of %s, want %q", step.name, caller.role, caller.user, got, relation, caller.want)
				}
			}
		}
	}
	for name, query := range map[string]string{
		"insert": "INSERT INTO public.campaign VALUES (9, '" + withdrawn + "', 'x') RETURNING note",
		"move":   "UPDATE public.campaign SET person = '" + withdrawn + "' WHERE id = 4 RETURNING note",
	} {
		if got := as(t, conn, "authenticated", agent, query); !strings.Contains(got, "row-level security policy") {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, query := range map[string]string{
		"ask":     "SELECT romashka.require_consent('public.campaign', 'person', 'x')::text",
		"release": "SELECT romashka.release_consent('public.campaign', 'marketing')::text",
	} {
		for _, role := range []string{"authenticated", "service_role"} {
			if got := as(t, conn, role, agent, query); !strings.Contains(got, "permission denied") {
				t.Errorf("%s as %s: %q", name, role, got)
			}
		}
	}
	if got := as(t, conn, "anon", "", "SELECT romashka.has_consent('"+consenting+"', 'marketing')::text"); !strings.Contains(got, "permission denied for schema") {
		t.Errorf("anon asks for consent by name: %q", got)
	}
	for query, want := range map[string]string{
		"SELECT romashka.require_consent('public.campaign', 'note', 'x')":       "no column",
		"SELECT romashka.require_consent('public.campaign', 'person', '')":      "purpose",
		"SELECT romashka.require_consent('public.pg_views_x', 'person', 'x')":   "does not exist",
		"SELECT romashka.release_consent('public.campaign', 'analytics')":       "needs no consent",
		"SELECT romashka.require_consent('pg_catalog.pg_views', 'person', 'x')": "is no table",
	} {
		if _, err := conn.Exec(t.Context(), query); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", query, err)
		}
	}
	exec(t, conn, "SELECT romashka.release_consent('public.campaign', 'marketing')")
	if got := as(t, conn, "anon", "", ids+"campaign"); got != "1 2 3 4 5" {
		t.Errorf("released: %q", got)
	}
	var trail int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM public.security_audit_logs WHERE event_type = 'consent_requirement' AND source = 'database'").Scan(&trail); err != nil || trail != 3 {
		t.Errorf("%d lines of the trail, %v", trail, err)
	}
}
