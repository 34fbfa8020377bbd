package policy_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/romashka/sidecar/internal/database/policy"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// evidenceOf is the matrix of evidence as text, a line for each relation.
func evidenceOf(squares []policy.Square) string {
	_, text, _ := strings.Cut(policy.Format(policy.Cells(squares)), "Evidence: lose, forge, redate\n")
	text, _, _ = strings.Cut(text, "\nWhere every role")
	return strings.ReplaceAll(text, " \n", "\n")
}

// withoutTriggers drops the triggers of a name.
func withoutTriggers(name string) string {
	return `DO $$ DECLARE t record; BEGIN
		FOR t IN SELECT tgrelid::regclass AS relation, tgname FROM pg_trigger WHERE tgparentid = 0 AND tgname LIKE '` + name + `' LOOP
			EXECUTE format('DROP TRIGGER %I ON %s', t.tgname, t.relation);
		END LOOP; END $$;`
}

// seedCleanUp is retention as in the seed: by the row's own times, without a
// floor.
const seedCleanUp = `CREATE OR REPLACE FUNCTION public.cleanup_old_analytics_data(max_rows integer DEFAULT NULL)
	RETURNS TABLE (table_name text, deleted_rows bigint) LANGUAGE plpgsql AS $$ BEGIN
		DELETE FROM public.security_sessions WHERE is_active = FALSE AND COALESCE(ended_at, last_activity, created_at) < now() -
			(SELECT make_interval(days => retention_period) FROM public.data_retention_policies WHERE data_category = 'session_data');
		DELETE FROM public.api_security_logs WHERE timestamp < now() -
			(SELECT make_interval(days => retention_period) FROM public.data_retention_policies WHERE data_category = 'api_security_logs');
	END $$;`

// Each trial finds the fault that a missing guard lets through, and names it.
func TestEvidenceWithoutGuards(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, weaken, want, note string }{
		{
			name: "without stamps", weaken: withoutTriggers("romashka_stamp_evidence%"), note: "UPDATE of resolved_by took",
			want: `
security_sessions                     ---   --o   --o   --A   --A   --o   AAA
security_incidents                    ---   ---   ---   -AA   -AA   ---   -AA
compliance_results                    ---   ---   ---   --o   ---   --o   -AA
api_security_logs                     ---   ---   ---   ---   ---   ---   AAA
security_audit_logs                   ---   ---   ---   ---   ---   ---   -A-
security_alerts                       ---   ---   ---   ---   ---   ---   -AA
data_subject_requests                 ---   ---   ---   -AA   ---   -AA   -AA
data_consent                          ---   --o   --o   --A   --o   --A   -AA
user_roles                            ---   ---   ---   -AA   ---   ---   -AA
`,
		},
		{
			name: "without stamps, and retention by what rows say", weaken: withoutTriggers("romashka_stamp_evidence%") + seedCleanUp,
			note: "retention deletes a row of last week",
			want: `
security_sessions                     ---   o-o   o-o   A-A   A-A   o-o   AAA
security_incidents                    ---   ---   ---   -AA   -AA   ---   -AA
compliance_results                    ---   ---   ---   --o   ---   --o   -AA
api_security_logs                     ---   ---   ---   ---   ---   ---   AAA
security_audit_logs                   ---   ---   ---   ---   ---   ---   -A-
security_alerts                       ---   ---   ---   ---   ---   ---   -AA
data_subject_requests                 ---   ---   ---   -AA   ---   -AA   -AA
data_consent                          ---   --o   --o   --A   --o   --A   -AA
user_roles                            ---   ---   ---   -AA   ---   ---   -AA
`,
		},
		{
			name: "without floors", weaken: withoutTriggers("romashka_guard_retention") + seedCleanUp, note: "retention deletes a row of last week",
			want: `
security_sessions                     ---   ---   ---   A--   ---   A--   A--
security_incidents                    ---   ---   ---   ---   ---   ---   ---
compliance_results                    ---   ---   ---   ---   ---   ---   ---
api_security_logs                     ---   ---   ---   A--   ---   A--   A--
security_audit_logs                   ---   ---   ---   ---   ---   ---   -A-
security_alerts                       ---   ---   ---   ---   ---   ---   ---
data_subject_requests                 ---   ---   ---   ---   ---   ---   -A-
data_consent                          ---   ---   ---   ---   ---   ---   ---
user_roles                            ---   ---   ---   ---   ---   ---   ---
`,
		},
		{
			name: "without a trail, and more grants", weaken: withoutTriggers("romashka_trail%") + `
				GRANT ALL ON public.security_audit_logs, public.security_incidents TO authenticated, service_role;
				CREATE POLICY "All" ON public.security_audit_logs TO authenticated USING (true) WITH CHECK (true);
				CREATE POLICY "Own" ON public.security_incidents FOR DELETE TO authenticated USING (user_id = auth.uid());`,
			note: "DELETE, without a line in the audit log",
			want: `
security_sessions                     ---   ---   ---   ---   ---   ---   A--
security_incidents                    ---   o--   o--   o--   o--   o--   A--
compliance_results                    ---   ---   ---   ---   ---   ---   A--
api_security_logs                     ---   ---   ---   ---   ---   ---   A--
security_audit_logs                   ---   AA-   AA-   AA-   AA-   AA-   AA-
security_alerts                       ---   ---   ---   ---   ---   ---   A--
data_subject_requests                 ---   ---   ---   ---   ---   ---   AA-
data_consent                          ---   ---   ---   ---   ---   ---   A--
user_roles                            ---   ---   ---   A--   ---   ---   A--
`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := migrated(t)
			run(t, pgtest.Conn(t, pgtest.As(t, url, "supabase_admin")), tt.weaken)
			squares := examined(t, url)
			if diff := cmp.Diff(tt.want[1:], evidenceOf(squares)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			named := false
			for _, s := range squares {
				named = named || strings.HasPrefix(s.Note, tt.note)
			}
			if !named {
				t.Errorf("no note begins with %q", tt.note)
			}
			if len(policy.Compare(squares)) == 0 {
				t.Error("no difference from what is intended")
			}
		})
	}
}

// If so many rows are due that a trial's row is not reached, nothing is claimed.
func TestEvidenceBehindMuchThatIsDue(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	run(t, pgtest.Conn(t, pgtest.As(t, url, "supabase_admin")), `INSERT INTO public.api_security_logs (timestamp)
		SELECT now() - interval '1 year' FROM generate_series(1, 1001)`)
	for _, s := range examined(t, url) {
		if s.Object == "api_security_logs" && s.Role == "service_role" && s.Operation == "lose" {
			if s.Access != policy.Unproven || !strings.Contains(s.Note, "run retention first") {
				t.Errorf("%s: %s", s.Access, s.Note)
			}
		}
	}
}

// The seed's own tables lose the rows that are evidence.
func TestEvidenceOfSeed(t *testing.T) {
	t.Parallel()
	url := pgtest.DressedWith(t, devdb.GrantAll)
	seed, err := os.ReadFile("../migrator/testdata/seed.sql")
	if err != nil {
		t.Fatal(err)
	}
	run(t, pgtest.Conn(t, url), string(seed))
	const want = `
security_sessions                     ---   ooo   ooo   ooo   ooo   ooo   AAA
security_incidents                    ---   ---   ---   ---   ---   ---   AAA
compliance_results                    ---   ---   ---   ---   ---   ---   AAA
api_security_logs                     ---   ---   ---   ---   ---   ---   AAA
`
	if diff := cmp.Diff(want[1:], evidenceOf(examined(t, url))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
