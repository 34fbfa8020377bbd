-- Purpose: nine copies of the conversations of many.sql, each nine days later than the
--   one before, with the facts, cells and bins that the job kpi would make of them;
--   so that a million take minutes instead of an hour.
-- Run by: make figures, as supabase_admin, after the job kpi; it then runs VACUUM ANALYZE.
SET search_path = public, extensions;
SET session_replication_role = replica;
SET synchronous_commit = off;
ALTER TABLE conversations DISABLE TRIGGER USER;
ALTER TABLE messages DISABLE TRIGGER USER;
ALTER TABLE conversation_analytics DISABLE TRIGGER USER;

DO $$
DECLARE
  target record;
  shown  text;
BEGIN
  FOR target IN
    SELECT c.oid, n.nspname, c.relname
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid IN ('public.conversations'::regclass, 'public.messages'::regclass, 'public.conversation_analytics'::regclass,
                    'romashka.kpi_facts'::regclass, 'romashka.kpi_cells'::regclass, 'romashka.kpi_bins'::regclass, 'romashka.kpi_cubes'::regclass, 'romashka.kpi_pairs'::regclass)
  LOOP
    -- Ids begin with the number of the copy; those of agents stay, and customers come twice.
    SELECT string_agg(CASE
      WHEN a.attname IN ('id', 'conversation_id') THEN format('overlay(t.%I::text placing lpad(to_hex(k), 2, ''0'') from 1)::uuid', a.attname)
      WHEN a.attname IN ('customer_id', 'customer') THEN format('overlay(t.%I::text placing lpad(to_hex(k / 2), 2, ''0'') from 1)::uuid', a.attname)
      WHEN a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype) THEN format('t.%I + k * interval ''9 days''', a.attname)
      ELSE format('t.%I', a.attname) END, ', ' ORDER BY a.attnum) INTO shown
    FROM pg_attribute AS a WHERE a.attrelid = target.oid AND a.attnum > 0 AND NOT a.attisdropped;
    -- customer_sample is of the customer's id, and so the copy's own.
    shown := replace(shown, 't.customer_sample', '(uuid_hash(overlay(t.customer::text placing lpad(to_hex(k / 2), 2, ''0'') from 1)::uuid) & 15)::smallint');
    EXECUTE format('CREATE TEMPORARY TABLE source ON COMMIT DROP AS SELECT * FROM %I.%I', target.nspname, target.relname);
    EXECUTE format('INSERT INTO %I.%I SELECT %s FROM generate_series(1, 9) AS k CROSS JOIN pg_temp.source AS t', target.nspname, target.relname, shown);
    DROP TABLE pg_temp.source;
  END LOOP;
END
$$;
INSERT INTO customer_profiles (id, name)
SELECT overlay(id::text placing lpad(to_hex(k), 2, '0') from 1)::uuid, 'x' FROM generate_series(1, 4) AS k CROSS JOIN (SELECT id FROM customer_profiles WHERE id::text LIKE '00%' OFFSET 0) AS c;
INSERT INTO romashka.journeys SELECT * FROM romashka.journey_lives(NULL);
SELECT romashka.journey_fill(NULL);
SELECT romashka.kpi_fill_previous(NULL, NULL);
UPDATE romashka.journey_state SET ready = true, days = true, settings = romashka.journey_settings();
UPDATE romashka.kpi_state SET revision = revision + 1, presence_since = now() - interval '60 days';
INSERT INTO romashka.presence (agent_id, since, until)
SELECT p.id, d.at + interval '8 hours', d.at + interval '16 hours'
FROM profiles AS p CROSS JOIN generate_series(date_trunc('day', now()) - interval '59 days', now() - interval '1 day', interval '1 day') AS d (at)
WHERE p.email LIKE '%@figures.test';

ALTER TABLE conversations ENABLE TRIGGER USER;
ALTER TABLE messages ENABLE TRIGGER USER;
ALTER TABLE conversation_analytics ENABLE TRIGGER USER;
DO $$
DECLARE
  t record;
BEGIN
  FOR t IN SELECT tgrelid::regclass AS of, tgname FROM pg_trigger WHERE tgname LIKE 'romashka_kpi%' LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', t.of, t.tgname);
  END LOOP;
END
$$;
