package doctor_test

import (
	"testing"

	"github.com/romashka/sidecar/internal/devdb/pgtest"
	"github.com/romashka/sidecar/internal/doctor"
)

// findings are those of a rule about an object.
func findings(r doctor.Report, rule, object string) (list []doctor.Finding) {
	for _, f := range r.Findings {
		if f.Rule == rule && f.Object == object {
			list = append(list, f)
		}
	}
	return list
}

// A table that was made without grants is named with the statement that gives
// them, which is all that it takes.
func TestNoGrants(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	conn := pgtest.Conn(t, url)
	exec(t, conn, `
		REVOKE SELECT, INSERT, UPDATE, DELETE ON public.conversations FROM anon, authenticated, service_role;
		REVOKE SELECT ON public.agent_performance_metrics FROM authenticated, service_role;
		REVOKE SELECT, INSERT, UPDATE, DELETE ON public.integrations FROM anon, authenticated, service_role;
		ALTER TABLE public.integrations DISABLE ROW LEVEL SECURITY;
		REVOKE SELECT ON public.messages FROM authenticated;
		REVOKE INSERT, DELETE ON public.knowledge_items FROM authenticated, service_role;
		CREATE TABLE public.notes (id integer PRIMARY KEY, owner uuid);
		ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
		CREATE POLICY a ON public.notes FOR SELECT USING (true);
		CREATE POLICY b ON public.notes FOR ALL TO authenticated USING (owner = (SELECT auth.uid()));
		CREATE TABLE public.unused (id integer PRIMARY KEY);`)
	r := examine(t, url, nil)
	for _, want := range []struct{ rule, object, remedy string }{
		{"no_grants", "table public.conversations", "GRANT SELECT, INSERT, UPDATE, DELETE ON public.conversations TO anon, authenticated, service_role;"},
		{"no_grants", "table public.agent_performance_metrics", "GRANT SELECT ON public.agent_performance_metrics TO authenticated, service_role;"},
		{"no_grants", "table public.integrations", "ALTER TABLE public.integrations ENABLE ROW LEVEL SECURITY; " +
			"GRANT SELECT, INSERT, UPDATE, DELETE ON public.integrations TO anon, authenticated, service_role;"},
		{"no_grants", "table public.notes", "GRANT SELECT ON public.notes TO anon; GRANT SELECT, INSERT, UPDATE, DELETE ON public.notes TO authenticated; " +
			"GRANT SELECT, INSERT, UPDATE, DELETE ON public.notes TO service_role;"},
		{"policy_matrix", "public.messages", "GRANT SELECT ON public.messages TO authenticated;"},
		{"policy_matrix", "public.knowledge_items", "GRANT INSERT, DELETE ON public.knowledge_items TO authenticated; " +
			"GRANT INSERT, DELETE ON public.knowledge_items TO service_role;"},
	} {
		found := findings(r, want.rule, want.object)
		if len(found) != 1 || found[0].Remedy != want.remedy || found[0].Owner != doctor.OwnerProject {
			t.Errorf("%s of %s: %+v\nwant %s", want.rule, want.object, found, want.remedy)
			continue
		}
		exec(t, conn, found[0].Remedy)
	}
	if found := findings(r, "no_grants", "table public.unused"); len(found) != 0 {
		t.Errorf("a table without a policy is not meant for anybody: %+v", found)
	}
	if found := findings(r, "policy_matrix", "public.conversations"); len(found) != 0 {
		t.Errorf("told twice: %+v", found)
	}
	for _, f := range examine(t, url, nil).Findings {
		if f.Rule == "no_grants" || f.Rule == "policy_matrix" {
			t.Errorf("still: %+v", f)
		}
	}
}

// The remedy publishes the table, and lets its rows be changed.
func TestRealtimePublication(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	conn := pgtest.Conn(t, url)
	exec(t, conn, `
		ALTER PUBLICATION supabase_realtime DROP TABLE public.messages, public.typing_indicators;
		ALTER TABLE public.typing_indicators DROP CONSTRAINT typing_indicators_pkey;`)
	r := examine(t, url, nil)
	for table, remedy := range map[string]string{
		"messages": "ALTER PUBLICATION supabase_realtime ADD TABLE public.messages;",
		"typing_indicators": "ALTER TABLE public.typing_indicators REPLICA IDENTITY FULL; " +
			"ALTER PUBLICATION supabase_realtime ADD TABLE public.typing_indicators;",
	} {
		found := findings(r, "realtime_publication", "table public."+table)
		if len(found) != 1 || found[0].Remedy != remedy {
			t.Errorf("%s: %+v", table, found)
			continue
		}
		exec(t, conn, found[0].Remedy)
	}
	exec(t, conn, "UPDATE public.typing_indicators SET is_typing = true")
	if r := examine(t, url, nil); reported(r, "realtime_publication", "", "") {
		t.Error("still reported")
	}
}
