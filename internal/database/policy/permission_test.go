package policy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/database/policy"
	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// The words of profiles.role give a user the permissions of the built-in roles.
func TestBuiltinRolesAreThoseOfTheMatrix(t *testing.T) {
	t.Parallel()
	conn := pgtest.Conn(t, pgtest.As(t, migrated(t), "supabase_admin"))
	rows, err := conn.Query(context.Background(), "SELECT name, permissions FROM romashka.builtin_roles ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r policy.TenantRole, err error) {
		return r, row.Scan(&r.Name, &r.Permissions)
	})
	if err != nil || len(list) != 3 {
		t.Fatalf("built-in roles %v: %v", list, err)
	}
	for _, r := range list {
		var want []policy.Cell
		for _, c := range policy.Expected() {
			if c.Role == r.Name && c.Operation != "call" {
				want = append(want, c)
			}
		}
		if diff := cmp.Diff(want, policy.ExpectedOf(r.Name, r.Permissions)); diff != "" {
			t.Errorf("%s (-matrix +permissions):\n%s", r.Name, diff)
		}
	}
}

// A policy that asks for a permission asks once for each statement.
func TestPermissionIsAskedOnce(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := pgtest.Conn(t, pgtest.As(t, migrated(t), "supabase_admin"))
	run(t, conn, `INSERT INTO auth.users (id, email) VALUES ('00000000-0000-4000-8000-0000000000a1', 'agent@once.test');
		INSERT INTO public.profiles (id, email, role) VALUES ('00000000-0000-4000-8000-0000000000a1', 'agent@once.test', 'security_admin') ON CONFLICT (id) DO UPDATE SET role = 'security_admin';
		INSERT INTO public.api_security_logs (endpoint, method, ip_address) SELECT '/x', 'GET', '192.0.2.1' FROM generate_series(1, 5000);
		SET track_functions = 'all'`)
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	if _, err := tx.Exec(ctx, `SELECT set_config('request.jwt.claims', '{"role":"authenticated","sub":"00000000-0000-4000-8000-0000000000a1"}', true), set_config('role', 'authenticated', true)`); err != nil {
		t.Fatal(err)
	}
	var text []byte
	if err := tx.QueryRow(ctx, "EXPLAIN (ANALYZE, FORMAT JSON) SELECT count(*) FROM public.api_security_logs").Scan(&text); err != nil {
		t.Fatal(err)
	}
	type node struct {
		Subplan string  `json:"Subplan Name"`
		Loops   float64 `json:"Actual Loops"`
		Rows    float64 `json:"Actual Rows"`
		Plans   []node
	}
	var plans []struct{ Plan node }
	if err := json.Unmarshal(text, &plans); err != nil {
		t.Fatal(err)
	}
	var asked []float64
	most := 0.0
	var walk func(n node)
	walk = func(n node) {
		most = max(most, n.Rows)
		if strings.HasPrefix(n.Subplan, "InitPlan") {
			asked = append(asked, n.Loops)
		}
		for _, p := range n.Plans {
			walk(p)
		}
	}
	walk(plans[0].Plan)
	if most != 5000 || len(asked) == 0 || slices.Max(asked) > 1 {
		t.Errorf("%v rows were seen, and what policies ask was asked %v times: want 5000 and once each", most, asked)
	}
	var calls int64
	if err := tx.QueryRow(ctx, "SELECT COALESCE(sum(pg_stat_get_xact_function_calls(p.oid)), 0)::bigint FROM pg_proc AS p WHERE p.proname IN ('has_permission', 'has_any_permission')").Scan(&calls); err != nil {
		t.Fatal(err)
	}
	if calls != 1 {
		t.Errorf("has_permission was called %d times for 5000 rows", calls)
	}
}

// Roles of random permissions may do in the database exactly as much as an independent
// model says: thirty are asked for every permission, each through has_permission as a
// user who has it, and some, or all with ROMASHKA_TEST_ROLES=full, for every cell of
// the matrix.
func TestRandomRoles(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := migrated(t)
	conn := pgtest.Conn(t, pgtest.As(t, url, "supabase_admin"))
	rows, err := conn.Query(ctx, "SELECT permission FROM romashka.permissions ORDER BY permission")
	if err != nil {
		t.Fatal(err)
	}
	known, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	entries := slices.Concat(known, []string{"all", "security:*", "compliance:*", "gdpr:*", "roles:*", "incidents:*"})
	random := rand.New(rand.NewPCG(16, 30))
	lists := map[string][]string{}
	const roles = 30
	for i := range roles {
		list := []string{}
		for range random.IntN(5) {
			list = append(list, entries[random.IntN(len(entries))])
		}
		name := fmt.Sprintf("random %02d", i)
		lists[name] = list
		checkAnswers(t, conn, name, list, known)
	}
	tried := 4
	if os.Getenv("ROMASHKA_TEST_ROLES") == "full" {
		tried = roles
	}
	if _, err := conn.Exec(ctx, "DELETE FROM public.roles WHERE name LIKE 'random %' AND right(name, 2)::int >= $1", tried); err != nil {
		t.Fatal(err)
	}
	squares := examined(t, url)
	judged := 0
	for _, s := range squares {
		if s.Want == 0 {
			continue
		}
		judged++
		if s.Access != s.Want {
			t.Errorf("%s %s of %v: want %s, have %s (%s %s)", s.Object, s.Operation, lists[strings.TrimPrefix(s.Role, "role ")], s.Want, s.Access, s.Why, s.Note)
		}
	}
	if want := tried * 25 * 4; judged != want {
		t.Errorf("%d cells were judged, want %d", judged, want)
	}
	if diff := policy.Compare(squares); len(diff) > 0 {
		t.Errorf("policy --check differs:\n%s", diff)
	}
}

// checkAnswers makes a user with a role of these permissions, and asks for all of
// those that are known: while he has it, and when it has expired.
func checkAnswers(t testing.TB, conn *pgx.Conn, name string, list, known []string) {
	t.Helper()
	ctx := context.Background()
	const answers = "SELECT p, romashka.has_permission(p) FROM unnest($1::text[]) AS p"
	asked := append(slices.Clone(known), "no:such", "all", "security:*", "")
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `WITH u AS (INSERT INTO auth.users (id, email) VALUES (gen_random_uuid(), gen_random_uuid() || '@random.test') RETURNING id, email),
				p AS (INSERT INTO public.profiles (id, email, role) SELECT id, email, 'user' FROM u ON CONFLICT (id) DO UPDATE SET role = 'user' RETURNING id),
				r AS (INSERT INTO public.roles (name, permissions) VALUES ($1, $2) RETURNING id),
				g AS (INSERT INTO public.user_roles (user_id, role_id) SELECT p.id, r.id FROM p, r)
			SELECT set_config('request.jwt.claims', json_build_object('role', 'authenticated', 'sub', id)::text, true) FROM p`, name, list)
		if err != nil {
			return err
		}
		for _, expired := range []bool{false, true} {
			if expired {
				if _, err := tx.Exec(ctx, "UPDATE public.user_roles AS u SET expires_at = now() FROM public.roles AS r WHERE r.id = u.role_id AND r.name = $1", name); err != nil {
					return err
				}
			}
			rows, err := tx.Query(ctx, answers, asked)
			if err != nil {
				return err
			}
			var p string
			var has bool
			_, err = pgx.ForEachRow(rows, []any{&p, &has}, func() error {
				if want := !expired && slices.Contains(known, p) && policy.Holds(list, p); has != want && !slices.Contains([]string{"conversations:read", "knowledge:read"}, p) {
					t.Errorf("%v gives %s: %v, want %v (expired: %v)", list, p, has, want, expired)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%v: %v", list, err)
	}
}
