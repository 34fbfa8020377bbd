package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/romashka/sidecar/internal/database/policy"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// The product's needs of the base tables are the rights that its own base gives,
// in a project of any time, and each table, view and function of the base is in
// it.
func TestNeeded(t *testing.T) {
	t.Parallel()
	pgtest.BothDefaults(t, func(t *testing.T, d devdb.Defaults) {
		url := pgtest.DressedWith(t, d)
		var base policy.Differences
		needed := map[string]bool{}
		for _, c := range policy.Needed() {
			needed[c.Object] = true
		}
		squares := examined(t, url)
		for _, diff := range policy.Compare(squares) {
			if needed[diff.Want.Object] { // ours are not there yet
				base = append(base, diff)
			}
		}
		if len(base) > 0 {
			t.Errorf("needed, and not given:\n%s", base)
		}
		want := ""
		for _, role := range []string{"user", "other", "admin", "security_admin", "compliance_admin"} { // a migration of ours narrows it
			want += fmt.Sprintf("%-36s %-17s insert  want own rows, have allowed\n", "export_jobs", role)
		}
		if d == devdb.GrantAll { // as deployed: it shows anon the actions of all agents
			want += "agent_performance_metrics            anon              select  want denied, have allowed\n"
		}
		if got := policy.OwnPolicies(squares).String(); got != want {
			t.Errorf("otherwise:\n%s", got)
		}
		for _, s := range squares {
			if !needed[s.Object] {
				t.Errorf("%s is not in the matrix", s.Object)
			}
		}
	})
}

// Each right that is taken from a base table or a function is found, with its
// cell, and nothing else is.
func TestNeededIsMissed(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	conn := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	changes := []struct {
		change string
		missed string // one of the lines
		count  int
		grants string
	}{
		{"REVOKE SELECT ON public.knowledge_base FROM authenticated",
			"knowledge_base                       user              select  want allowed, have denied (no grant)", 10, // no WHERE of an update without it
			"GRANT SELECT ON public.knowledge_base TO authenticated;"},
		{"REVOKE INSERT ON public.synced_deals FROM service_role",
			"synced_deals                         service_role      insert  want allowed, have denied (no grant)", 1,
			"GRANT INSERT ON public.synced_deals TO service_role;"},
		{"REVOKE DELETE ON public.typing_indicators FROM anon",
			"typing_indicators                    anon              delete  want allowed, have denied (no grant)", 1,
			"GRANT DELETE ON public.typing_indicators TO anon;"},
		{"REVOKE UPDATE ON public.bot_performance_metrics FROM authenticated",
			"bot_performance_metrics              admin             update  want rows by condition, have denied (no grant)", 5,
			"GRANT UPDATE ON public.bot_performance_metrics TO authenticated;"},
		{"REVOKE SELECT ON public.agent_performance_metrics FROM authenticated",
			"agent_performance_metrics            other             select  want allowed, have denied (no grant)", 5,
			"GRANT SELECT ON public.agent_performance_metrics TO authenticated;"},
		{"REVOKE EXECUTE ON FUNCTION public.get_next_ai_response_job() FROM PUBLIC, authenticated",
			"get_next_ai_response_job()           user              call    want allowed, have denied (no EXECUTE)", 5,
			"GRANT EXECUTE ON FUNCTION public.get_next_ai_response_job() TO authenticated;"},
		{`DROP POLICY "Allow authenticated access" ON public.conversations`,
			"conversations                        user              select  want allowed, have no row (grant, but no policy)", 15, ""},
		{"REVOKE SELECT ON public.security_incidents FROM service_role",
			"security_incidents                   service_role      select  want allowed, have denied (no grant)", 4, // the second factor's cells too
			"GRANT SELECT ON public.security_incidents TO service_role;"},
	}
	count := 0
	for _, tt := range changes {
		run(t, conn, tt.change)
		count += tt.count
	}
	got := policy.Compare(examined(t, url))
	for _, tt := range changes {
		if !strings.Contains(got.String(), tt.missed+"\n") || !strings.Contains(got.Grants(), tt.grants) {
			t.Errorf("%s: not in the differences: %s; grants %s", tt.change, tt.missed, got.Grants())
		}
	}
	if len(got) != count {
		t.Errorf("%d cells, want %d:\n%s", len(got), count, got)
	}
	run(t, conn, got.Grants()+` CREATE POLICY "Allow authenticated access" ON public.conversations FOR ALL USING (auth.role() = 'authenticated')`)
	if left := policy.Compare(examined(t, url)); len(left) > 0 {
		t.Errorf("after %s:\n%s", got.Grants(), left)
	}
}

// The project's own policies are named where they differ, and not judged.
func TestOwnPolicies(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	run(t, pgtest.Conn(t, url), `
		DROP POLICY "Allow authenticated access" ON public.export_jobs;
		CREATE POLICY own ON public.export_jobs FOR ALL USING (auth.uid() = user_id);
		CREATE POLICY everybody ON public.conversations FOR SELECT TO anon USING (true);
		REVOKE UPDATE ON public.audit_logs FROM authenticated;
		DROP TABLE public.personality_configs;`)
	squares := examined(t, url)
	if got := policy.Compare(squares); len(got) > 0 {
		t.Errorf("judged:\n%s", got)
	}
	got := policy.OwnPolicies(squares).String()
	for _, want := range []string{
		"export_jobs                          user              select  want allowed, have own rows\n",
		"conversations                        anon              select  want denied, have allowed\n",
		"audit_logs                           user              update  want anything, have denied (no grant)\n",
		"personality_configs                  user              select  want allowed, have nothing: it does not exist\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("not named: %s", want)
		}
	}
	if t.Failed() {
		t.Log(got)
	}
}
