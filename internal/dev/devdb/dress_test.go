package devdb_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/romashka/sidecar/internal/dev/devdb"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// addUser adds a user to the test's transaction.
func addUser(t *testing.T, tx pgx.Tx, role string) (id string) {
	t.Helper()
	id, err := devdb.AddUser(t.Context(), tx, devdb.User{Email: role + "@example.com", Password: "secret", FullName: role, Role: role})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func do(t *testing.T, tx pgx.Tx, sql string, args ...any) {
	t.Helper()
	if _, err := tx.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func value[T any](t *testing.T, tx pgx.Tx, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := tx.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// become acts as the API does for one request: role and claims.
func become(t *testing.T, tx pgx.Tx, role, user string) {
	t.Helper()
	claims := `{"role": "` + role + `"}`
	if user != "" {
		claims = `{"role": "` + role + `", "sub": "` + user + `", "email": "x@example.com"}`
	}
	do(t, tx, "SELECT set_config('request.jwt.claims', $1, true)", claims)
	do(t, tx, "SET LOCAL ROLE "+role)
}

func TestAuthFunctions(t *testing.T) {
	t.Parallel()
	const id = "11111111-2222-3333-4444-555555555555"
	for _, tt := range []struct{ name, setting, claims, want string }{
		{name: "nobody", want: "- - - -"},
		{name: "empty", setting: "request.jwt.claims", claims: "", want: "- - - -"},
		{name: "claims", setting: "request.jwt.claims", claims: `{"sub": "` + id + `", "role": "authenticated", "email": "a@b"}`,
			want: id + " authenticated a@b " + id},
		{name: "old form", setting: "request.jwt.claim.sub", claims: id, want: id + " - - -"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tx := pgtest.Tx(t)
			if tt.setting != "" {
				do(t, tx, "SELECT set_config($1, $2, true)", tt.setting, tt.claims)
			}
			do(t, tx, "SET LOCAL ROLE anon")
			got := value[string](t, tx, `SELECT concat_ws(' ', coalesce(auth.uid()::text, '-'), coalesce(auth.role(), '-'),
				coalesce(auth.email(), '-'), coalesce(auth.jwt() ->> 'sub', '-'))`)
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRolesAreSupabases(t *testing.T) {
	t.Parallel()
	const q = `
		SELECT concat_ws(' ', r.rolname,
		         CASE WHEN rolsuper THEN 'super' END, CASE WHEN rolcanlogin THEN 'login' END,
		         CASE WHEN NOT rolinherit THEN 'noinherit' END, CASE WHEN rolbypassrls THEN 'bypassrls' END,
		         (SELECT string_agg(g.rolname, '+' ORDER BY g.rolname) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
		           WHERE m.member = r.oid AND g.rolname !~ '^pg_'),
		         array_to_string(rolconfig, ' '))
		  FROM pg_roles r WHERE rolname = $1`
	for _, want := range []string{
		"anon statement_timeout=3s",
		"authenticated statement_timeout=8s",
		"service_role bypassrls",
		"authenticator login noinherit anon+authenticated+service_role statement_timeout=8s lock_timeout=8s",
		`postgres login bypassrls anon+authenticated+service_role search_path="$user", public, extensions`,
		`supabase_admin super login bypassrls search_path="$user", public, auth, extensions`,
	} {
		var role string
		for i, r := range want {
			if r == ' ' {
				role = want[:i]
				break
			}
		}
		if got := value[string](t, pgtest.Tx(t), q, role); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// TestDefaultPrivileges makes objects as the owner of a project does, and reads
// the rights of the API roles to them.
func TestDefaultPrivileges(t *testing.T) {
	t.Parallel()
	pgtest.BothDefaults(t, func(t *testing.T, d devdb.Defaults) {
		tx, err := pgtest.Conn(t, pgtest.DressedWith(t, d)).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		do(t, tx, "CREATE TABLE public.mine (id bigserial)")
		do(t, tx, "CREATE FUNCTION public.my_function() RETURNS int LANGUAGE sql AS 'SELECT 1'")
		const granted = `
			SELECT coalesce(string_agg(DISTINCT g.privilege_type, ' ' ORDER BY g.privilege_type), '')
			FROM (SELECT relacl FROM pg_class WHERE oid IN ('public.mine'::regclass, 'public.mine_id_seq'::regclass)
			      UNION ALL SELECT proacl FROM pg_proc WHERE oid = 'public.my_function()'::regprocedure) AS a (acl), aclexplode(acl) AS g
			WHERE g.grantee = $1::regrole AND g.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE', 'EXECUTE')`
		want := "UPDATE" // of a sequence; the platform leaves it
		if d == devdb.GrantAll {
			want = "DELETE EXECUTE INSERT SELECT UPDATE USAGE"
		}
		for _, role := range []string{"anon", "authenticated", "service_role"} {
			if got := value[string](t, tx, granted, role); got != want {
				t.Errorf("%s has %q, want %q", role, got, want)
			}
			if !value[bool](t, tx, "SELECT NOT has_schema_privilege($1, 'public', 'CREATE') AND NOT has_table_privilege($1, 'auth.users', 'SELECT')", role) {
				t.Errorf("%s may create, or read users", role)
			}
		}
	})
}

// TestBaseGrants holds each base table, view and function to its stated grants:
// the same for a project of any time.
func TestBaseGrants(t *testing.T) {
	t.Parallel()
	pgtest.BothDefaults(t, func(t *testing.T, d devdb.Defaults) {
		tx, err := pgtest.Conn(t, pgtest.DressedWith(t, d)).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := value[string](t, tx, `
			SELECT coalesce(string_agg(c.oid::regclass::text, ' '), '') FROM pg_class AS c
			WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
			  AND NOT (c.relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid)
			           AND (SELECT bool_and(has_table_privilege(role, c.oid, p))
			                FROM unnest('{anon,authenticated,service_role}'::text[]) AS role, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS p))`); got != "" {
			t.Errorf("tables without a policy, or a grant: %s", got)
		}
		if got := value[string](t, tx, `
			SELECT coalesce(string_agg(c.oid::regclass::text, ' '), '') FROM pg_class AS c
			WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('v', 'm', 'S')
			  AND NOT (has_table_privilege('authenticated', c.oid, 'SELECT') AND has_table_privilege('service_role', c.oid, 'SELECT'))`); got != "" {
			t.Errorf("views and sequences without a grant: %s", got)
		}
		if got := value[string](t, tx, `
			SELECT coalesce(string_agg(p.oid::regprocedure::text, ' '), '') FROM pg_proc AS p
			WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
			  AND (p.proacl IS NULL
			       OR (p.prorettype = 'trigger'::regtype) = EXISTS (SELECT FROM aclexplode(p.proacl) AS g WHERE g.grantee = 'service_role'::regrole))`); got != "" {
			t.Errorf("functions without a grant, or a trigger's with one: %s", got)
		}
	})
}

func TestConversationAnalyticsColumns(t *testing.T) {
	t.Parallel()
	got := value[string](t, pgtest.Tx(t), `
		SELECT string_agg(attname || ' ' || format_type(atttypid, NULL), ', ' ORDER BY attnum)
		  FROM pg_attribute WHERE attrelid = 'public.conversation_analytics'::regclass AND attnum > 0`)
	want := "id uuid, conversation_id uuid, started_at timestamp without time zone, first_response_at timestamp without time zone, " +
		"resolved_at timestamp without time zone, total_duration_seconds integer, total_messages integer, customer_messages integer, " +
		"ai_messages integer, agent_messages integer, resolved_by character varying, resolution_type character varying, " +
		"handoff_count integer, agent_switches integer, customer_satisfaction integer, ai_accuracy_score numeric, " +
		"knowledge_items_used integer, lead_qualified boolean, revenue_generated numeric, follow_up_required boolean, " +
		"created_at timestamp without time zone"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestForeignKeysOfTheDump(t *testing.T) {
	t.Parallel()
	got := value[string](t, pgtest.Tx(t), `
		SELECT string_agg(format('%s->%s', conname, confrelid::regclass), ' ' ORDER BY conname)
		  FROM pg_constraint WHERE contype = 'f' AND conrelid IN ('public.conversations'::regclass, 'public.messages'::regclass,
		       'public.conversation_analytics'::regclass, 'public.daily_metrics'::regclass, 'public.export_jobs'::regclass)`)
	want := "conversations_customer_id_fkey->customer_profiles daily_metrics_agent_id_fkey->profiles " +
		"export_jobs_user_id_fkey->profiles messages_conversation_id_fkey->conversations messages_sender_id_fkey->profiles"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func newConversation(t *testing.T, tx pgx.Tx) (id string) {
	t.Helper()
	return value[string](t, tx, "INSERT INTO public.conversations (channel_type) VALUES ('website') RETURNING id::text")
}

func TestDefectResolvingFails(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	id := newConversation(t, tx)
	_, err := tx.Exec(t.Context(), "UPDATE public.conversations SET status = 'resolved' WHERE id = $1", id)
	var pgErr *pgconn.PgError
	if !errors.As(err, &pgErr) || pgErr.Code != "42702" {
		t.Errorf("err = %v, want ambiguous column (42702)", err)
	}
}

func TestDefectMessagesCountTwice(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	id := newConversation(t, tx)
	for range 3 {
		do(t, tx, "INSERT INTO public.messages (conversation_id, sender_type, content) VALUES ($1, 'ai', 'hello')", id)
	}
	if n := value[int](t, tx, "SELECT message_count FROM public.conversations WHERE id = $1", id); n != 6 {
		t.Errorf("message_count = %d, want 6", n)
	}
	if n := value[int](t, tx, "SELECT ai_messages FROM public.conversation_analytics WHERE conversation_id = $1", id); n != 3 {
		t.Errorf("ai_messages = %d, want 3", n)
	}
	do(t, tx, "DELETE FROM public.messages WHERE conversation_id = $1", id)
	if n := value[int](t, tx, "SELECT total_messages FROM public.conversation_analytics WHERE conversation_id = $1", id); n != 0 {
		t.Errorf("total_messages = %d, want 0", n)
	}
}

func TestDefectDailyMetrics(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	do(t, tx, "UPDATE public.conversations SET created_at = now() - interval '1 day' WHERE id = $1", newConversation(t, tx))
	for range 2 {
		do(t, tx, "SELECT public.aggregate_daily_metrics()")
	}
	if n := value[int](t, tx, "SELECT count(*) FROM public.daily_metrics"); n != 2 {
		t.Errorf("%d rows, want 2: the second run does not find the first one's", n)
	}
	if n := value[int](t, tx, "SELECT count(*) FROM public.daily_metrics WHERE channel_type = 'all'"); n != 0 {
		t.Errorf("%d rows over all channels, want none", n)
	}
}

func TestNextJobComesOnce(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	id := newConversation(t, tx)
	do(t, tx, "INSERT INTO public.messages (conversation_id, sender_type, content) VALUES ($1, 'user', 'hello')", id)
	do(t, tx, "UPDATE public.ai_response_queue SET process_after = now()")
	become(t, tx, "authenticated", addUser(t, tx, "user"))
	for _, want := range []int{1, 0} {
		if n := value[int](t, tx, "SELECT count(*) FROM public.get_next_ai_response_job()"); n != want {
			t.Errorf("%d jobs, want %d", n, want)
		}
	}
}

// TestBasePolicies counts the rows that a role sees of one row each.
func TestBasePolicies(t *testing.T) {
	t.Parallel()
	const everything = `SELECT concat_ws(' ', (SELECT count(*) FROM public.profiles), (SELECT count(*) FROM public.conversations),
		(SELECT count(*) FROM public.daily_metrics), (SELECT count(*) FROM public.system_settings), (SELECT count(*) FROM public.agent_work_logs))`
	for _, tt := range []struct{ role, user, want string }{
		{role: "anon", want: "0 0 0 0 0"},
		{role: "authenticated", user: "user", want: "1 1 1 0 1"},
		{role: "authenticated", user: "other", want: "1 1 1 0 0"},
		{role: "authenticated", user: "admin", want: "1 1 1 1 0"},
		{role: "service_role", want: "3 1 1 1 1"},
	} {
		t.Run(tt.role+" "+tt.user, func(t *testing.T) {
			t.Parallel()
			tx := pgtest.Tx(t)
			ids := map[string]string{"": ""}
			for _, role := range []string{"user", "other", "admin"} {
				ids[role] = addUser(t, tx, role)
			}
			newConversation(t, tx)
			do(t, tx, "INSERT INTO public.daily_metrics (date) VALUES (current_date)")
			do(t, tx, "INSERT INTO public.system_settings (setting_key, setting_value) VALUES ('k', '1')")
			do(t, tx, `INSERT INTO public.agent_work_logs (agent_id, agent_name, user_id, task_type, task_description)
				VALUES ('a', 'A', $1, 'automation', '')`, ids["user"])
			become(t, tx, tt.role, ids[tt.user])
			if got := value[string](t, tx, everything); got != tt.want {
				t.Errorf("sees %q, want %q", got, tt.want)
			}
		})
	}
}

// The upsert leaves out all that the dump does not ask for, the email too.
func TestProfileOfASkippedOnboarding(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	user := addUser(t, tx, "user")
	become(t, tx, "authenticated", user)
	do(t, tx, `INSERT INTO public.profiles (id, onboarding_skipped) VALUES ($1, true)
		ON CONFLICT (id) DO UPDATE SET onboarding_skipped = excluded.onboarding_skipped`, user)
	if !value[bool](t, tx, "SELECT onboarding_skipped FROM public.profiles") {
		t.Error("not skipped")
	}
}

func TestDressTwiceInOneServer(t *testing.T) {
	t.Parallel()
	conn := pgtest.Conn(t, pgtest.Database(t)) // its server's roles exist already
	if err := devdb.Dress(context.Background(), conn, devdb.GrantAll); err != nil {
		t.Error(err)
	}
}

func TestDemoRows(t *testing.T) {
	t.Parallel()
	i := start(t, devdb.Options{Folder: folder(t)})
	for query, want := range map[string]string{
		"SELECT count(*)::text FROM public.conversations WHERE status = 'active'":                                                                                                  "3",
		"SELECT count(*)::text FROM public.conversation_analytics WHERE created_at > now() - interval '24 hours'":                                                                  "6",
		"SELECT round(avg(customer_satisfaction), 4)::text FROM public.conversation_analytics":                                                                                     "3.6667",
		"SELECT round(avg(ai_accuracy_score), 4)::text FROM public.conversation_analytics":                                                                                         "0.7433",
		"SELECT count(*)::text FROM public.daily_metrics WHERE channel_type = 'all'":                                                                                               "35",
		"SELECT count(*)::text FROM public.knowledge_items WHERE effectiveness_score > 0.5":                                                                                        "3",
		"SELECT last_message || ' ' || (updated_at < now() - interval '1 hour') FROM public.conversations WHERE intent = 'shipping'":                                               "We do, in four to six days. true",
		"SELECT string_agg(DISTINCT role, ' ') FROM public.profiles WHERE onboarding_completed":                                                                                    "admin compliance_admin security_admin user",
		"SELECT bool_and(encrypted_password ~ '^[$]2a[$]10[$]')::text FROM auth.users":                                                                                             "true",
		"SELECT count(*)::text FROM public.messages m JOIN public.conversations c ON c.id = m.conversation_id WHERE m.created_at > now()":                                          "0",
		"SELECT bool_and(resolved_by IN ('ai', 'agent'))::text FROM public.conversation_analytics WHERE resolved_at IS NOT NULL":                                                   "true",
		"SELECT count(*)::text FROM public.customer_profiles WHERE total_conversations = (SELECT count(*) FROM public.conversations c WHERE c.customer_id = customer_profiles.id)": "3",
	} {
		if got := ask[string](t, i.AdminURL(), query); got != want {
			t.Errorf("%s\ngot %s, want %s", query, got, want)
		}
	}
}
