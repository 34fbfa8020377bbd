package policy_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/policy"
	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// examined is the matrix of a database, asked as the owner of its tables.
func examined(t testing.TB, url string) []policy.Square {
	t.Helper()
	squares, err := policy.Examine(context.Background(), pgtest.Conn(t, pgtest.As(t, url, "postgres")), policy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return squares
}

func migrated(t testing.TB) string {
	t.Helper()
	return migratedWith(t, devdb.NoGrants)
}

func migratedWith(t testing.TB, d devdb.Defaults) string {
	t.Helper()
	return pgtest.As(t, pgtest.MigratedWith(t, d, "supabase_admin"), "postgres")
}

func run(t testing.TB, conn *pgx.Conn, text string) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), text, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
}

// The examined rights agree with the intended ones and with the catalog, and all
// of our own cells can be proved.
func TestExamineMigrated(t *testing.T) {
	t.Parallel()
	pgtest.BothDefaults(t, testExamineMigrated)
}

func testExamineMigrated(t *testing.T, d devdb.Defaults) {
	squares := examined(t, migratedWith(t, d))
	if diff := policy.Compare(squares); len(diff) > 0 {
		t.Errorf("differs from the expected matrix:\n%s", diff)
	}
	own := map[string]bool{}
	for _, cell := range policy.Expected() {
		own[cell.Object] = true
	}
	for _, s := range squares {
		if s.Disagrees() {
			t.Errorf("%s %s %s: catalog %s (%s), trial %s %s", s.Object, s.Role, s.Operation, s.Catalog, s.Why, s.Trial, s.Note)
		}
		if own[s.Object] && s.Trial == policy.Unproven {
			t.Errorf("%s %s %s is not proved: %s", s.Object, s.Role, s.Operation, s.Note)
		}
	}
}

// The seed's own policies, as the contract records them in section 3.5.
func TestExamineSeed(t *testing.T) {
	t.Parallel()
	url := pgtest.DressedWith(t, devdb.GrantAll)
	seed, err := os.ReadFile("../migrator/testdata/seed.sql")
	if err != nil {
		t.Fatal(err)
	}
	run(t, pgtest.Conn(t, url), string(seed))
	const want = `
security_sessions                     .-..  oooo  oooo  oooo  oooo  oooo  AAAA
security_incidents                    .-..  o-..  o-..  A-..  A-..  o-..  AAAA
compliance_results                    .-..  .-..  .-..  A-..  .-..  A-..  AAAA
api_security_logs                     .-..  o-..  o-..  o-..  o-..  o-..  AAAA
two_factor_auth                       AAAA  AAAA  AAAA  AAAA  AAAA  AAAA  AAAA
predictive_analytics                  A-..  A-..  A-..  A-..  A-..  A-..  AAAA
business_intelligence                 A-..  A-..  A-..  A-..  A-..  A-..  AAAA
customer_journey                      A-..  A-..  A-..  A-..  A-..  A-..  AAAA
sentiment_analysis                    A-..  A-..  A-..  A-..  A-..  A-..  AAAA
advanced_metrics                      A-..  A-..  A-..  A-..  A-..  A-..  AAAA
`
	squares := examined(t, url)
	got := policy.Format(policy.Cells(squares))
	lines := strings.SplitAfter(got, "\n")[:10]
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), strings.Join(lines, "")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := policy.Compare(squares); !strings.Contains(diff.String(), "two_factor_auth                      anon              select  want denied, have allowed") {
		t.Errorf("the open second factor is not named:\n%s", diff)
	}
}

// traces is all that a database holds: its catalog, and rows and last change
// of each table.
const traces = `
SELECT md5(string_agg(line, E'\n' ORDER BY line)) FROM (
  SELECT format('%s %s %s', oid, relname, relacl) AS line FROM pg_class
  UNION ALL SELECT format('%s %s %s', oid, proname, proacl) FROM pg_proc
  UNION ALL SELECT format('%s %s %s', oid, polname, pg_get_expr(polqual, polrelid)) FROM pg_policy
  UNION ALL SELECT format('%s %s', oid, tgname) FROM pg_trigger
  UNION ALL SELECT format('%s %s', rolname, rolconfig) FROM pg_roles WHERE rolname !~ '^test_'
  UNION ALL SELECT format('%s.%s %s', table_schema, table_name,
                          query_to_xml(format('SELECT count(*), max(xmin::text::bigint) FROM %I.%I', table_schema, table_name), false, false, '')::text)
  FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema IN ('public', 'auth', 'romashka')
) AS t`

func TestExamineLeavesNothing(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	conn := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	run(t, conn, `
		INSERT INTO auth.users (id, email) VALUES ('7c9e6679-7425-40de-944b-e07fc1f90ae7', 'someone@real.test');
		INSERT INTO public.profiles (id, email) VALUES ('7c9e6679-7425-40de-944b-e07fc1f90ae7', 'someone@real.test') ON CONFLICT DO NOTHING;
		INSERT INTO public.security_sessions (user_id, session_token) VALUES ('7c9e6679-7425-40de-944b-e07fc1f90ae7', 'real');
		INSERT INTO public.conversations DEFAULT VALUES`)
	look := func() (sum string) {
		if err := conn.QueryRow(context.Background(), traces).Scan(&sum); err != nil {
			t.Fatal(err)
		}
		return sum
	}
	before := look()
	examined(t, url)
	if after := look(); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
}

// A right that the catalog grants and a trigger undoes is reported with both;
// and a row that cannot be made is not called wrong.
func TestExamineDisagreement(t *testing.T) {
	t.Parallel()
	url := pgtest.DressedWith(t, devdb.GrantAll)
	run(t, pgtest.Conn(t, url), `
		CREATE TABLE public.kept (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid);
		CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
		CREATE TRIGGER keep BEFORE DELETE ON public.kept FOR EACH ROW EXECUTE FUNCTION public.keep();
		CREATE TABLE public.refusing (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
		CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'never'; END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON public.refusing FOR EACH ROW EXECUTE FUNCTION public.refuse();
		CREATE TABLE public.odd (code text PRIMARY KEY CHECK (code ~ '^[0-9]{3}$'));
		CREATE VIEW public.all_kept AS SELECT * FROM public.kept;`)
	squares := examined(t, url)
	for _, want := range []struct {
		object, role, operation string
		catalog, trial          policy.Access
		disagrees               bool
		note                    string
	}{
		{"kept", "anon", "select", policy.All, policy.All, false, ""},
		{"kept", "user", "delete", policy.All, policy.NoRow, true, ""},
		{"refusing", "user", "insert", policy.All, policy.Unproven, false, "P0001: never"},
		{"refusing", "user", "select", policy.All, policy.Unproven, false, "no row can be made"},
		{"odd", "user", "insert", policy.All, policy.Unproven, false, "23514"},
		{"all_kept", "anon", "select", policy.All, policy.Unproven, false, "other relations"},
		{"keep()", "anon", "call", 0, 0, false, ""}, // a trigger's function is not in the API
	} {
		found := false
		for _, s := range squares {
			if s.Object != want.object || s.Role != want.role || s.Operation != want.operation {
				continue
			}
			found = true
			if s.Catalog != want.catalog || s.Trial != want.trial || s.Disagrees() != want.disagrees || !strings.Contains(s.Note, want.note) {
				t.Errorf("%s %s %s: catalog %s, trial %s, disagrees %t, note %q", s.Object, s.Role, s.Operation, s.Catalog, s.Trial, s.Disagrees(), s.Note)
			}
		}
		if found != (want.catalog != 0) {
			t.Errorf("%s %s %s: found = %t", want.object, want.role, want.operation, found)
		}
	}
}

// Most projects make the profile by a trigger on auth.users.
func TestExamineWithSignUpTrigger(t *testing.T) {
	t.Parallel()
	url := migrated(t)
	run(t, pgtest.Conn(t, pgtest.As(t, url, "supabase_admin")), `
		CREATE FUNCTION public.handle_new_user() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
		BEGIN INSERT INTO public.profiles (id, email) VALUES (NEW.id, NEW.email); RETURN NEW; END $$;
		CREATE TRIGGER on_auth_user_created AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.handle_new_user();`)
	if diff := policy.Compare(examined(t, url)); len(diff) > 0 {
		t.Errorf("differs from the expected matrix:\n%s", diff)
	}
}

// A login that could prove nothing gets an error that says so.
func TestExamineWithoutRights(t *testing.T) {
	t.Parallel()
	conn := pgtest.Conn(t, pgtest.As(t, pgtest.Bootstrapped(t), "authenticator"))
	if _, err := policy.Examine(context.Background(), conn, policy.Options{}); err == nil || !strings.Contains(err.Error(), "row level security") {
		t.Errorf("err = %v", err)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	squares := []policy.Square{
		{Cell: policy.Cell{Object: "two_factor_auth", Role: "anon", Operation: "select", Access: policy.All}, Catalog: policy.All, Trial: policy.All, Why: "grant <all>"},
		{Cell: policy.Cell{Object: "two_factor_auth", Role: "anon", Operation: "delete", Access: policy.All}, Catalog: policy.All, Trial: policy.Unproven, Note: "why"},
		{Cell: policy.Cell{Object: "security_sessions", Role: "user", Operation: "redate", Access: policy.Own}, Catalog: policy.Condition, Trial: policy.Own, Note: "UPDATE of ended_at"},
	}
	r := policy.Report{Database: "shop", Squares: squares, Differences: policy.Compare(squares)}
	for name, write := range map[string]func(*strings.Builder) error{
		"2 proved by asking":   func(b *strings.Builder) error { return r.WriteText(b) },
		`"expected": "denied"`: func(b *strings.Builder) error { return r.WriteJSON(b) },
		`class="all wrong"`:    func(b *strings.Builder) error { return r.WriteHTML(b) },
		"grant &lt;all&gt;":    func(b *strings.Builder) error { return r.WriteHTML(b) },
		"Evidence: lose, forge, redate\nsecurity_sessions                           o": func(b *strings.Builder) error { return r.WriteText(b) },
		`"operation": "redate"`:   func(b *strings.Builder) error { return r.WriteJSON(b) },
		"<th>Evidence: may it be": func(b *strings.Builder) error { return r.WriteHTML(b) },
		"<th>ROMASHKA&#39;s":      func(b *strings.Builder) error { return r.WriteHTML(b) },
	} {
		var b strings.Builder
		if err := write(&b); err != nil || !strings.Contains(b.String(), name) {
			t.Errorf("no %s in (err %v):\n%s", name, err, b.String())
		}
	}
}
