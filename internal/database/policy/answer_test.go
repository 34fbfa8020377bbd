package policy_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/romashka/sidecar/internal/dev/devdb/pgtest"
)

// anybody are 80 users of whom chance decides: the word of profiles.role or none, no
// profile at all, roles with lists as no catalogue would have them, and times of every
// kind. Triggers are off: old rows may hold what is refused on write today.
const anybody = `
SELECT setseed(0.16);
SET LOCAL session_replication_role = replica;
CREATE TEMPORARY TABLE words ON COMMIT DROP AS
  SELECT row_number() OVER () AS n, w FROM (SELECT permission FROM romashka.permissions
    UNION ALL VALUES ('all'), ('ALL'), ('*'), (':*'), ('security:*'), ('compliance:*'), ('gdpr:*'), ('roles:*'), ('SECURITY:*'),
      ('security:'), ('security'), ('security:r*'), ('security:*:*'), ('no:such'), ('no:*'), (''), (' all'), ('security:read '), (NULL)) AS t (w);
CREATE TEMPORARY TABLE kinds ON COMMIT DROP AS
  SELECT n, (ARRAY['admin', 'security_admin', 'compliance_admin', 'user', 'agent', 'made up', NULL])[1 + (random() * 6.99)::int % 7] AS role, gen_random_uuid() AS id
  FROM generate_series(1, 80) AS n;
ALTER TABLE public.roles ALTER permissions DROP NOT NULL, ALTER is_system_role DROP NOT NULL;
INSERT INTO public.profiles (id, email, role) SELECT id, id || '@anybody.test', role FROM kinds WHERE n % 5 <> 0;
INSERT INTO public.roles (name, permissions, is_system_role)
  SELECT 'anybody ' || i, CASE WHEN random() > 0.1 THEN ARRAY(SELECT w FROM words WHERE random() < 0.06 AND i > 0) END, random() < 0.3
  FROM generate_series(1, 60) AS i;
UPDATE public.roles SET is_system_role = NULL WHERE name LIKE 'anybody _' AND random() < 0.5;
INSERT INTO public.user_roles (user_id, role_id, expires_at)
  SELECT k.id, r.id, (ARRAY[NULL, now(), now() - interval '1 microsecond', now() + interval '1 microsecond', '-infinity', 'infinity', now() + interval '1 year'])[1 + (random() * 6.99)::int % 7]
  FROM kinds AS k CROSS JOIN public.roles AS r WHERE random() < 0.02 ON CONFLICT DO NOTHING;`

// user_has_permission says again, for speed, what entries_of and covers say: they
// agree on everybody and everything, also on nobody and on nothing.
func TestWaysOfAskingAgree(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := pgtest.Conn(t, pgtest.As(t, migrated(t), "supabase_admin"))
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, anybody); err != nil {
			return err
		}
		for what, query := range map[string]string{
			"one": `SELECT k.id, ARRAY[w.w] AS wanted FROM asked AS k CROSS JOIN words AS w`,
			"several": `SELECT k.id, ARRAY(SELECT w FROM words WHERE random() < 0.1 AND g > 0 AND k.id IS NOT NULL) AS wanted FROM asked AS k CROSS JOIN generate_series(1, 40) AS g
				UNION ALL SELECT k.id, NULL FROM asked AS k UNION ALL SELECT k.id, '{}' FROM asked AS k UNION ALL SELECT k.id, '{NULL,all}' FROM asked AS k`,
		} {
			var all, given, differ int
			err := tx.QueryRow(ctx, `WITH asked AS (SELECT id FROM kinds UNION ALL VALUES (NULL::uuid), (gen_random_uuid())), q AS MATERIALIZED (`+query+`), a AS (
				SELECT romashka.user_has_permission(q.id, VARIADIC q.wanted) AS fast,
				  EXISTS (SELECT FROM unnest(romashka.entries_of(q.id)) AS e (entry) JOIN romashka.permissions AS c
				    ON c.permission = ANY (q.wanted) AND romashka.covers(e.entry, c.permission)) AS slow FROM q)
				SELECT count(*), count(*) FILTER (WHERE slow), count(*) FILTER (WHERE fast IS DISTINCT FROM slow) FROM a`).Scan(&all, &given, &differ)
			if err != nil {
				return err
			}
			t.Logf("%s: %d questions, %d yes", what, all, given)
			if all < 3000 || given < 300 || given > all*9/10 || differ != 0 {
				t.Errorf("%s: of %d questions, %d with yes, %d have two answers", what, all, given, differ)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A user is told the same of his permissions as policies are, at that moment.
func TestOwnPermissions(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn := pgtest.Conn(t, pgtest.As(t, migrated(t), "supabase_admin"))
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, anybody); err != nil {
			return err
		}
		var told, differ int
		err := tx.QueryRow(ctx, `WITH a AS (
			SELECT k.id, p.permission, p.permission = ANY (o.own) AS told, romashka.user_has_permission(k.id, p.permission) AS has FROM kinds AS k
			CROSS JOIN LATERAL (SELECT set_config('request.jwt.claims', json_build_object('sub', k.id, 'role', 'authenticated')::text, true) AS c OFFSET 0) AS s
			CROSS JOIN LATERAL (SELECT public.get_permissions() AS own WHERE s.c IS NOT NULL OFFSET 0) AS o CROSS JOIN romashka.permissions AS p)
			SELECT count(*) FILTER (WHERE told), count(*) FILTER (WHERE told IS DISTINCT FROM has) FROM a`).Scan(&told, &differ)
		if err == nil && (told == 0 || differ != 0) {
			t.Errorf("%d permissions were told, %d wrongly", told, differ)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
