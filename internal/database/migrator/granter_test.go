package migrator_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// Of two who may give roles and end each other, or themselves, at the same moment,
// one stays, also where both began on an older state of the database.
func TestLastGranterOfTwo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url, owner := peopled(t)
	exec(t, owner, `INSERT INTO public.roles (id, name, permissions) VALUES ('00000000-0000-4000-8000-00000000aa02', 'office', '{roles:grant,roles:read}')`)
	conns := []*pgx.Conn{pgtest.Conn(t, pgtest.As(t, url, "authenticator")), pgtest.Conn(t, pgtest.As(t, url, "authenticator"))}
	const granters = `SELECT count(*)::int FROM public.profiles AS p WHERE romashka.user_has_permission(p.id, 'roles:grant')`
	for name, way := range map[string]struct{ begin, end string }{
		"by their roles": {`INSERT INTO public.user_roles (user_id, role_id) SELECT id, '00000000-0000-4000-8000-00000000aa02' FROM public.profiles WHERE email IN ('alice@people.test', 'bob@people.test') ON CONFLICT DO NOTHING;
			UPDATE public.profiles SET role = 'user'`, "DELETE FROM public.user_roles WHERE user_id <> (SELECT auth.uid()) AND role_id = '00000000-0000-4000-8000-00000000aa02'"},
		"by profiles.role": {`DELETE FROM public.user_roles WHERE role_id = '00000000-0000-4000-8000-00000000aa02';
			UPDATE public.profiles SET role = CASE WHEN email ~ 'alice|bob' THEN 'admin' ELSE 'user' END`, "UPDATE public.profiles SET role = 'user' WHERE id = (SELECT auth.uid())"},
	} {
		for _, level := range []pgx.TxIsoLevel{pgx.ReadCommitted, pgx.RepeatableRead, pgx.Serializable} {
			const tries = 20
			var seen []string
			for range tries {
				exec(t, owner, way.begin)
				states := make([]string, 2)
				var begun, ended sync.WaitGroup
				begun.Add(2)
				for i, person := range []string{alice, bob} {
					ended.Go(func() {
						ready := sync.OnceFunc(func() { begun.Done(); begun.Wait() })
						defer ready()
						err := pgx.BeginTxFunc(ctx, conns[i], pgx.TxOptions{IsoLevel: level}, func(tx pgx.Tx) error {
							if _, err := tx.Exec(ctx, "SELECT set_config('role', 'authenticated', true), set_config('request.jwt.claims', json_build_object('role', 'authenticated', 'sub', $1::text)::text, true)", person); err != nil {
								return err
							}
							if _, err := tx.Exec(ctx, "SELECT count(*) FROM public.user_roles"); err != nil { // takes the snapshot
								return err
							}
							ready()
							_, err := tx.Exec(ctx, way.end)
							return err
						})
						if states[i] = sqlstate(err); err != nil && states[i] == "" {
							states[i] = err.Error()
						}
					})
				}
				ended.Wait()
				slices.Sort(states)
				seen = append(seen, states[1])
				if n := value[int](t, owner, granters); n != 1 || states[0] != "" {
					t.Errorf("%s, %s: %d may give roles, want 1; %q", name, level, n, states)
				}
			}
			slices.Sort(seen)
			t.Logf("%s, %s: the others were told %v", name, level, slices.Compact(seen))
		}
	}
}
