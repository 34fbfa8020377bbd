package compliance_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/compliance"
	"github.com/romashka/sidecar/internal/compliance/frameworks"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

func exec(t testing.TB, conn *pgx.Conn, text string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), text, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("prepare: %v", err)
	}
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func migrated(t testing.TB) string {
	t.Helper()
	return pgtest.As(t, pgtest.Migrated(t, "supabase_admin"), "postgres")
}

// check runs the checks and gives one line for each.
func check(t testing.TB, uri string, o compliance.Options) map[string]compliance.Line {
	t.Helper()
	lines, err := compliance.Run(t.Context(), pgtest.Conn(t, uri), o)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]compliance.Line{}
	for _, l := range lines {
		by[l.Check] = l
		if t.Failed() || testing.Verbose() {
			t.Logf("%s %s %v %v %s", l.Check, l.Status, l.Details.Objects, l.Details.Seen, l.Details.Reason)
		}
	}
	return by
}

// expect holds a line to a status and to the objects that it names and must not.
func expect(t testing.TB, l compliance.Line, status, objects, not string) {
	t.Helper()
	if !slices.Contains(strings.Split(status, "|"), l.Status) {
		t.Errorf("%s: %s (%s %v), want %s", l.Check, l.Status, l.Details.Reason, l.Details.Seen, status)
	}
	for _, name := range strings.Fields(objects) {
		if !slices.ContainsFunc(l.Details.Objects, func(o string) bool { return strings.HasSuffix(o, name) }) {
			t.Errorf("%s does not name %s: %v", l.Check, name, l.Details.Objects)
		}
	}
	for _, name := range strings.Fields(not) {
		if slices.ContainsFunc(l.Details.Objects, func(o string) bool { return strings.HasSuffix(o, name) }) {
			t.Errorf("%s names %s, which is in order", l.Check, name)
		}
	}
	if (l.Status == compliance.Failed || l.Status == compliance.Warning) && len(l.Remediation) == 0 {
		t.Errorf("%s: no remediation", l.Check)
	}
}

// Each check has its articles, and each article a check.
func TestArticles(t *testing.T) {
	t.Parallel()
	articles, err := frameworks.Articles()
	if err != nil {
		t.Fatal(err)
	}
	checks := compliance.Checks()
	if len(checks) != 34 || len(articles) != len(checks) {
		t.Errorf("%d checks, articles of %d, want 34", len(checks), len(articles))
	}
	page := read(t, "checks.md")
	for _, c := range checks {
		if len(articles[c.Name]) == 0 {
			t.Errorf("%s is evidence for nothing", c.Name)
		}
		if !strings.Contains(page, "`"+c.Name+"`") {
			t.Errorf("%s is not in checks.md", c.Name)
		}
	}
}

// Other names, another language, another schema, served by the database's own
// setting; objects in order are not named.
func TestClinic(t *testing.T) {
	t.Parallel()
	uri := migrated(t)
	admin := pgtest.Conn(t, pgtest.As(t, uri, "supabase_admin"))
	clinic := read(t, "testdata/clinic.sql")
	if pgtest.Major(t, uri) < 15 { // whose views have no rights of their reader
		clinic = regexp.MustCompile(`(?m)^.*praxis\.eigene_uebersicht.*$`).ReplaceAllString(clinic, "")
	}
	exec(t, admin, clinic)
	exec(t, admin, `DO $$ BEGIN EXECUTE format('ALTER ROLE authenticator IN DATABASE %I SET pgrst.db_schemas = ''praxis''', current_database()); END $$`)
	by := check(t, uri, compliance.Options{})
	for _, tt := range []struct{ check, status, objects, not string }{
		{"rls_disabled_exposed_table", "failed", "praxis.kontakte praxis.freitext praxis.produkte", "praxis.gesperrt intern.lohn praxis.patienten"},
		{"personal_data_without_rls", "failed", "praxis.kontakte praxis.freitext praxis.befunde_alt praxis.formulare", "praxis.produkte praxis.gesperrt intern.lohn praxis.befunde praxis.befunde_neu"},
		{"anon_can_read_personal_data", "failed", "praxis.termine praxis.bewertungen praxis.uebersicht praxis.verzeichnis", "praxis.anzahl praxis.patienten praxis.produkte praxis.kontakte praxis.eigene_uebersicht"},
		{"audit_tables_tamperable", "failed", `praxis."LoginHistory" praxis.aenderungsprotokoll praxis.bitacora praxis."журнал_входов" praxis.verlauf`, "praxis.protokoll praxis.blog"},
		{"write_policy_always_true", "failed", "praxis.gaestebuch", "praxis.zettel"},
		{"plaintext_secrets", "failed", "intern.zugang.passwort intern.zugang.kommentar", "token_hash ordentlich.passwort apiKey\" backup_codes ordentlich.zugangsdaten"},
		{"sensitive_data_in_logs", "failed", "praxis.protokoll", "praxis.blog"},
		{"security_definer_search_path", "failed", "praxis.alle_patienten()", "praxis.ordentlich() praxis.gewoehnlich()"},
		{"security_definer_callable_by_anon", "failed", "praxis.alle_patienten()", "praxis.ordentlich()"},
		{"definer_view_exposed", "failed", "praxis.uebersicht", "praxis.eigene_uebersicht"},
		{"exposed_foreign_or_materialized", "warning", "praxis.zahlen", ""},
		{"public_schema_create", "failed", "praxis", "public"},
		{"erasure_incomplete", "failed", "praxis.termine praxis.rezepte praxis.blaetter", "praxis.freitext praxis.akten praxis.merkzettel"},
	} {
		expect(t, by[tt.check], tt.status, tt.objects, tt.not)
	}
	for _, l := range by {
		for _, text := range append(l.Details.Seen, l.Remediation...) {
			for _, value := range []string{"sommer2026", "sk_live", "a@example.com", "abcdefgh12", "3704"} {
				if strings.Contains(text, value) {
					t.Errorf("%s gives a value away: %s", l.Check, text)
				}
			}
		}
	}
}

// The seed's own SQL in a project of its time, not migrated: its faults are
// found, and a check without its tables is an error, not passed.
func TestSeed(t *testing.T) {
	t.Parallel()
	uri := pgtest.DressedWith(t, devdb.GrantAll)
	conn := pgtest.Conn(t, uri)
	exec(t, conn, read(t, "../database/migrator/testdata/seed.sql"))
	exec(t, conn, `INSERT INTO auth.users (id, email) VALUES ('00000000-0000-4000-8000-000000000001', 'a@example.com');
		INSERT INTO public.profiles (id, role) VALUES ('00000000-0000-4000-8000-000000000001', 'admin');
		INSERT INTO public.two_factor_auth (user_id, enabled, secret, backup_codes) VALUES ('00000000-0000-4000-8000-000000000001', true, 'JBSWY3DPEHPK3PXP', '{11112222}')`)
	by := check(t, uri, compliance.Options{})
	for _, tt := range []struct{ check, status, objects, not string }{
		{"rls_disabled_exposed_table", "failed", "public.two_factor_auth", "public.security_sessions"},
		{"personal_data_without_rls", "failed", "public.two_factor_auth", ""},
		{"anon_can_read_personal_data", "failed", "public.customer_journey", "public.advanced_metrics"},
		{"audit_tables_tamperable", "failed", "public.security_sessions", "public.security_incidents"},
		{"plaintext_secrets", "failed", "public.two_factor_auth.secret public.two_factor_auth.backup_codes", ""},
		{"retention_exceeded", "error", "", ""},
		{"consent_record_missing", "error", "", ""},
		{"data_subject_requests_overdue", "error", "", ""},
		{"checks_are_fresh", "error", "", ""},
	} {
		expect(t, by[tt.check], tt.status, tt.objects, tt.not)
	}
	if err := compliance.Store(t.Context(), pgtest.Conn(t, uri), nil); err == nil {
		t.Error("results were stored in a database that has no place for them")
	}
}

// A login without rights gets an error for all that needs them, and one from
// which policies hide rows does not get "no row is amiss".
func TestNoRights(t *testing.T) {
	t.Parallel()
	uri := migrated(t)
	admin := pgtest.Conn(t, pgtest.As(t, uri, "supabase_admin"))
	exec(t, admin, "CREATE ROLE compliance_nobody LOGIN PASSWORD '"+password(t, uri)+"'; CREATE ROLE compliance_blind LOGIN PASSWORD '"+password(t, uri)+"'")
	exec(t, admin, `GRANT USAGE ON SCHEMA auth, romashka TO compliance_blind; GRANT SELECT ON ALL TABLES IN SCHEMA public, auth, romashka TO compliance_blind`)
	t.Cleanup(func() {
		_, _ = admin.Exec(context.Background(), "DROP OWNED BY compliance_blind, compliance_nobody; DROP ROLE compliance_blind, compliance_nobody", pgx.QueryExecModeSimpleProtocol)
	})
	for _, login := range []string{"compliance_nobody", "compliance_blind"} {
		by := check(t, pgtest.As(t, uri, login), compliance.Options{})
		for _, name := range []string{
			"admin_mfa_adoption", "sms_or_email_only_mfa", "stale_active_sessions", "dormant_privileged_accounts", "too_many_admins", "access_review_recent", "plaintext_secrets",
			"sensitive_data_in_logs", "password_hashing", "retention_exceeded", "retention_too_short_for_evidence", "data_subject_requests_overdue",
			"consent_record_missing", "audit_trail_alive", "incident_response_overdue", "checks_are_fresh",
		} {
			if l := by[name]; l.Status != compliance.Error || l.Details.Reason == "" {
				t.Errorf("%s, %s: %s %q", login, name, l.Status, l.Details.Reason)
			}
		}
	}
}

// A table that somebody holds is an error in time, for the checks that need it alone.
// Tables read before are let go of: others get their locks while the run goes on.
func TestLocked(t *testing.T) {
	t.Parallel()
	uri := migrated(t)
	holder, waiter := pgtest.Conn(t, uri), pgtest.Conn(t, uri)
	exec(t, holder, "CREATE TABLE public.aaa_read (id int, email text); CREATE TABLE public.zzz_held (id int, secret text); GRANT SELECT ON public.aaa_read, public.zzz_held TO authenticated")
	exec(t, holder, "BEGIN; LOCK TABLE public.zzz_held IN ACCESS EXCLUSIVE MODE")
	done := make(chan map[string]compliance.Line, 1)
	conn := pgtest.Conn(t, uri)
	go func() {
		lines, err := compliance.Run(t.Context(), conn, compliance.Options{})
		by := map[string]compliance.Line{"": {Details: compliance.Details{Reason: fmt.Sprint(err)}}}
		for _, l := range lines {
			by[l.Check] = l
		}
		done <- by
	}()
	for waits := false; !waits; { // until the run waits for a table that is held
		if err := waiter.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid = $1)", int32(conn.PgConn().PID())).Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	exec(t, waiter, "BEGIN; LOCK TABLE public.aaa_read IN ACCESS EXCLUSIVE MODE NOWAIT; COMMIT")
	by := <-done
	expect(t, by["personal_data_without_rls"], "failed", "public.aaa_read", "public.zzz_held")
	if unasked := by["personal_data_without_rls"].Details.Unasked; len(unasked) != 1 || !strings.Contains(unasked[0], "public.zzz_held: a lock was not free in time") {
		t.Errorf("unasked %q, run %s", unasked, by[""].Details.Reason)
	}
	expect(t, by["incident_response_overdue"], "passed", "", "")
	exec(t, holder, "COMMIT; BEGIN; LOCK TABLE public.security_incidents IN ACCESS EXCLUSIVE MODE")
	l := check(t, uri, compliance.Options{Checks: []string{"incident_response_overdue"}})["incident_response_overdue"]
	if expect(t, l, "error", "", ""); !strings.Contains(l.Details.Reason, "a lock was not free in time") {
		t.Errorf("reason %q", l.Details.Reason)
	}
}

func password(t testing.TB, dbURL string) string {
	t.Helper()
	u, err := url.Parse(dbURL)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := u.User.Password()
	return text
}

// Results are stored as ours; a result over the API is the client's, whatever it
// says. A waiver leaves the status, counts until its day, and is in the trail.
func TestStored(t *testing.T) {
	t.Parallel()
	uri := migrated(t)
	conn := pgtest.Conn(t, uri)
	o := compliance.Options{Frameworks: []string{"gdpr", "iso27001"}, Checks: []string{"definer_view_exposed", "checks_are_fresh"}}
	exec(t, conn, "CREATE VIEW public.totals AS SELECT 1 AS one; GRANT SELECT ON public.totals TO authenticated; DROP VIEW IF EXISTS public.agent_performance_metrics CASCADE")
	id, err := compliance.Waive(t.Context(), conn, compliance.Waiver{Check: "definer_view_exposed", Object: "public.totals", Reason: "figures", Owner: "J. Doe", Until: "2999-12-31"})
	if err != nil {
		t.Fatal(err)
	}
	lines, err := compliance.Run(t.Context(), conn, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 4 || !lines[0].Waived || lines[0].Status != compliance.Failed || lines[2].Waived {
		t.Errorf("%+v", lines)
	}
	if err := compliance.Store(t.Context(), conn, lines); err != nil {
		t.Fatal(err)
	}
	exec(t, conn, `SET ROLE service_role; SET request.jwt.claims = '{"role": "service_role"}';
		INSERT INTO public.compliance_results (compliance_type, check_name, status, origin, waived, article) VALUES ('gdpr', 'definer_view_exposed', 'passed', 'romashka', true, 'Art. 32');
		UPDATE public.compliance_results SET origin = 'romashka', waived = true WHERE status = 'passed'; RESET ROLE; RESET request.jwt.claims`)
	for query, want := range map[string]int{
		"SELECT count(*) FROM public.compliance_results WHERE origin = 'romashka' AND article IS NOT NULL AND next_check_due > now()": 4,
		"SELECT count(*) FROM public.compliance_results WHERE origin = 'romashka' AND waived":                                         2,
		"SELECT count(*) FROM public.compliance_results WHERE origin = 'client' AND NOT waived AND article IS NULL":                   1,
		"SELECT count(*) FROM public.security_audit_logs WHERE event_type = 'waiver' AND resource_id = '" + id + "'":                  1,
	} {
		var got int
		if err := conn.QueryRow(t.Context(), query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d, want %d (%v)", query, got, want, err)
		}
	}
	var overview string
	if err := conn.QueryRow(t.Context(), `SELECT string_agg(concat_ws(' ', framework, passed, failed, waived, COALESCE(score::text, '-'), stale), ', ')
		FROM public.get_compliance_overview()`).Scan(&overview); err != nil {
		t.Fatal(err)
	}
	if want := "gdpr 0 1 1 0.0 f, ccpa 0 0 0 - t, hipaa 0 0 0 - t, sox 0 0 0 - t, iso27001 0 1 1 0.0 f"; overview != want {
		t.Errorf("overview %q, want %q", overview, want)
	}
	exec(t, conn, "UPDATE romashka.waivers SET valid_until = current_date - 1")
	if lines, err = compliance.Run(t.Context(), conn, o); err != nil || lines[0].Waived {
		t.Errorf("after its last day: %+v, %v", lines, err)
	}
}

// TestOneSecretInALog: a secret is found in one row of a log of many, which a
// sample of its rows does not meet.
func TestOneSecretInALog(t *testing.T) {
	t.Parallel()
	uri := migrated(t)
	exec(t, pgtest.Conn(t, pgtest.As(t, uri, "supabase_admin")), `
		INSERT INTO api_security_logs (endpoint, method, response_code, request_headers, timestamp)
		SELECT '/rest/v1/x', 'GET', 200, CASE WHEN i = 7000 THEN '{"authorization": "Bearer abc.def.ghi"}' ELSE '{"accept": "*/*"}' END::jsonb, now()
		FROM generate_series(1, 20000) AS i;
		ANALYZE api_security_logs`)
	by := check(t, uri, compliance.Options{Checks: []string{"sensitive_data_in_logs"}})
	expect(t, by["sensitive_data_in_logs"], "failed", "public.api_security_logs", "")
}
