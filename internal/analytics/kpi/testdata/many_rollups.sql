-- Purpose: ten times the conversations in the roll-ups alone: every sum and count becomes
--   ten times itself, and each fact of the last 31 days ten facts of other customers; older facts go,
--   and public.conversations stays as it is. So the functions are asked of ten million
--   conversations in minutes and 5 GB instead of hours and 40.
-- Run by: make figures ROLLUPS=1, as supabase_admin, after many_copies.sql; it then runs VACUUM ANALYZE.
SET session_replication_role = replica;
SET synchronous_commit = off;
SET search_path = public, extensions;

DO $$
DECLARE
  target record;
  shown  text;
BEGIN
  FOR target IN
    SELECT c.oid, c.relname FROM pg_class AS c
    WHERE c.relnamespace = 'romashka'::regnamespace AND c.relkind = 'r' AND c.relname IN ('kpi_cells', 'kpi_bins', 'kpi_cubes', 'kpi_pairs', 'journey_days')
  LOOP
    SELECT string_agg(CASE
      WHEN a.attname IN ('bin', 'bins', 'combination') THEN format('t.%I', a.attname)
      WHEN a.atttypid IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype) THEN format('t.%I * 10', a.attname)
      WHEN a.atttypid = 'integer[]'::regtype THEN format('ARRAY(SELECT u.n * 10 FROM unnest(t.%I) WITH ORDINALITY AS u (n, place) ORDER BY u.place)', a.attname)
      ELSE format('t.%I', a.attname) END, ', ' ORDER BY a.attnum) INTO shown
    FROM pg_attribute AS a WHERE a.attrelid = target.oid AND a.attnum > 0 AND NOT a.attisdropped;
    EXECUTE format('CREATE TEMPORARY TABLE source ON COMMIT DROP AS SELECT * FROM romashka.%I', target.relname);
    EXECUTE format('TRUNCATE romashka.%I', target.relname);
    EXECUTE format('INSERT INTO romashka.%I SELECT %s FROM pg_temp.source AS t', target.relname, shown);
    DROP TABLE pg_temp.source;
  END LOOP;

  -- customer_sample is of the customer's id, and so the copy's own.
  SELECT string_agg(CASE a.attname
    WHEN 'conversation_id' THEN 'md5(t.conversation_id::text || k)::uuid'
    WHEN 'customer' THEN 'c.customer'
    WHEN 'customer_sample' THEN '(uuid_hash(c.customer) & 15)::smallint'
    ELSE CASE WHEN a.atttypid = 'timestamptz'::regtype THEN format('t.%I + k * interval ''17 milliseconds''', a.attname) ELSE format('t.%I', a.attname) END END, ', ' ORDER BY a.attnum) INTO shown
  FROM pg_attribute AS a WHERE a.attrelid = 'romashka.kpi_facts'::regclass AND a.attnum > 0 AND NOT a.attisdropped;
  CREATE TEMPORARY TABLE source ON COMMIT DROP AS SELECT * FROM romashka.kpi_facts AS f WHERE f.started_at >= date_trunc('day', now()) - interval '31 days' ORDER BY f.started_at;
  TRUNCATE romashka.kpi_facts;
  EXECUTE format('INSERT INTO romashka.kpi_facts SELECT %s FROM pg_temp.source AS t CROSS JOIN generate_series(0, 9) AS k CROSS JOIN LATERAL (SELECT md5(t.customer::text || k)::uuid AS customer) AS c', shown);

  CREATE TEMPORARY TABLE lives ON COMMIT DROP AS SELECT * FROM romashka.journeys;
  TRUNCATE romashka.journeys;
  SELECT string_agg(CASE a.attname WHEN 'customer' THEN 'c.customer' WHEN 'sample' THEN '(uuid_hash(c.customer) & 15)::smallint' ELSE format('t.%I', a.attname) END, ', ' ORDER BY a.attnum) INTO shown
  FROM pg_attribute AS a WHERE a.attrelid = 'romashka.journeys'::regclass AND a.attnum > 0 AND NOT a.attisdropped;
  EXECUTE format('INSERT INTO romashka.journeys SELECT %s FROM pg_temp.lives AS t CROSS JOIN generate_series(0, 9) AS k CROSS JOIN LATERAL (SELECT md5(t.customer::text || k)::uuid AS customer) AS c', shown);
END
$$;
SELECT romashka.kpi_fill_previous(NULL, NULL);
UPDATE romashka.kpi_state SET revision = revision + 1;
