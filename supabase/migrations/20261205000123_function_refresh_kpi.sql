-- Written by `make generate` from functions/refresh_kpi.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:4f543ecafdf509e4657b1ab9871709c3e63e442dbf0fb0750bfc66ffea2e084b' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.refresh_kpi(boolean, integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'refresh_kpi' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'refresh_kpi' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.refresh_kpi(boolean, integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.refresh_kpi(boolean, integer)
-- Purpose: brings facts, cells and bins up to date with changes since the last run:
--   late rows, edits, deletions. All are made anew the first time, when the zone,
--   the business hours or the targets have changed, when facts are made otherwise than
--   they were (see kpi_depends), after a TRUNCATE, where nobody has
--   read the changes for days, and on demand; it gives the same bytes. The first
--   time takes two calls, each a transaction of its own: see the migration queues.
-- Parameters: whether all are to be made anew; how many changes at most in one run,
--   so that no transaction is long.
-- Rows: one: conversations looked at, and whether changes are left.
-- Who: the owner, as romashka.run_due_jobs() is. Of two at once the second does nothing.
CREATE OR REPLACE FUNCTION romashka.refresh_kpi(rebuild boolean DEFAULT false, most integer DEFAULT 20000,
  OUT done integer, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  zone_now CONSTANT text := romashka.kpi_zone(NULL);
  depends  CONSTANT text := romashka.kpi_depends();
  shift    CONSTANT integer := EXTRACT(minute FROM pg_catalog.now() AT TIME ZONE zone_now - pg_catalog.now() AT TIME ZONE 'UTC');
  state    romashka.kpi_state;
  ids      uuid[];
  hours    timestamptz[];
  days     date[];
  day      timestamptz;
  queue    text;
  touched  timestamptz[]; -- when conversations started, as it was and as it is
  people   uuid[];        -- whose they were and are
  groups   bigint[];      -- their combinations of channel, team, priority and language
  filters  text[];        -- and those and their agents one by one, as dimension=value
  anew     boolean;
BEGIN
  done := 0;
  more := false;
  SELECT * INTO state FROM romashka.kpi_state FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  queue := romashka.read_queue('kpi');
  IF queue = 'begun' THEN
    more := true;
    UPDATE romashka.kpi_state AS s SET ready = false WHERE s.ready;
  END IF;
  IF queue IN ('begun', 'waits') THEN
    RETURN;
  END IF;
  -- Notes made after this statement began stay for the next run, and rows
  -- read below are younger.
  WITH gone AS (
    DELETE FROM romashka.kpi_changes AS c
    WHERE c.id IN (SELECT o.id FROM romashka.kpi_changes AS o ORDER BY o.id LIMIT most)
    RETURNING c.conversation_id
  )
  SELECT pg_catalog.array_agg(DISTINCT g.conversation_id), count(*) >= most INTO ids, more FROM gone AS g;

  anew := rebuild OR queue = 'anew' OR NOT state.ready OR state.settings <> depends OR pg_catalog.array_position(ids, NULL) IS NOT NULL;
  IF NOT anew AND NOT state.cubes THEN -- facts are older than the cubes
    UPDATE romashka.kpi_facts AS f SET combination = romashka.kpi_combination(f.channel, f.team, f.priority, f.language) WHERE f.combination IS NULL;
    PERFORM romashka.kpi_fill_cubes(ARRAY[c.bucket], NULL, state.zone)
    FROM (SELECT DISTINCT k.bucket FROM romashka.kpi_cells AS k WHERE k.grain = 'd' AND k.level = 'all') AS c;
    UPDATE romashka.kpi_state AS s SET cubes = true, revision = s.revision + 1;
  END IF;
  IF NOT anew AND NOT (state.previous AND state.previous_by_filter) THEN
    PERFORM romashka.kpi_fill_previous(NULL, NULL);
    UPDATE romashka.kpi_state AS s SET previous = true, previous_by_filter = true;
  END IF;
  IF NOT anew AND NOT (state.pairs AND state.pairs_of_two) THEN
    PERFORM romashka.kpi_fill_pairs(c.bucket, NULL, state.zone)
    FROM (SELECT DISTINCT k.bucket FROM romashka.kpi_cells AS k WHERE k.grain = 'd' AND k.level = 'all') AS c;
    UPDATE romashka.kpi_state AS s SET pairs = true, pairs_of_two = true, revision = s.revision + 1;
  END IF;
  IF anew THEN
    DELETE FROM romashka.kpi_changes;
    more := false;
    DELETE FROM romashka.kpi_facts;
    DELETE FROM romashka.kpi_cells;
    DELETE FROM romashka.kpi_bins;
    DELETE FROM romashka.kpi_cubes;
    DELETE FROM romashka.kpi_pairs;
    FOR day IN
      SELECT romashka.kpi_midnight(d.day, zone_now)
      FROM (SELECT DISTINCT (c.created_at AT TIME ZONE zone_now)::date FROM public.conversations AS c WHERE c.created_at BETWEEN timestamptz '0001-01-01 00:00+00' AND timestamptz '9999-12-31 00:00+00') AS d (day) ORDER BY 1
    LOOP
      INSERT INTO romashka.kpi_facts
      SELECT * FROM romashka.kpi_read_facts(NULL, day, romashka.kpi_midnight((day AT TIME ZONE zone_now)::date + 1, zone_now));
    END LOOP;
    PERFORM romashka.kpi_fill_previous(NULL, NULL);
    SELECT count(*) INTO done FROM romashka.kpi_facts;
    UPDATE romashka.queues AS q SET filled = true WHERE q.name = 'kpi';
    UPDATE romashka.kpi_state AS s SET ready = true, cubes = true, previous = true, previous_by_filter = true, pairs = true, pairs_of_two = true, zone = zone_now, minutes = shift, settings = depends;
    UPDATE romashka.journey_state AS s SET ready = false WHERE s.ready;
    state.zone := zone_now;
    state.minutes := shift;
    SELECT pg_catalog.array_agg(DISTINCT pg_catalog.date_bin('1 hour', f.started_at, timestamptz '2000-01-01 00:00+00' + shift * interval '1 minute')),
           pg_catalog.array_agg(DISTINCT (f.started_at AT TIME ZONE zone_now)::date)
      INTO hours, days FROM romashka.kpi_facts AS f;
  ELSIF ids IS NOT NULL THEN
    WITH old AS (
      DELETE FROM romashka.kpi_facts AS f WHERE f.conversation_id = ANY (ids)
      RETURNING f.started_at, f.customer, f.combination, f.channel, f.team, f.agent, f.priority, f.language
    )
    SELECT pg_catalog.array_agg(DISTINCT o.started_at), pg_catalog.array_agg(DISTINCT o.customer), pg_catalog.array_agg(DISTINCT o.combination), pg_catalog.array_agg(DISTINCT w.filter)
      INTO touched, people, groups, filters
    FROM old AS o
    CROSS JOIN LATERAL (VALUES ('channel=' || o.channel), ('team=' || o.team), ('agent=' || o.agent), ('priority=' || o.priority), ('language=' || o.language)) AS w (filter);
    WITH new AS (
      INSERT INTO romashka.kpi_facts AS f SELECT * FROM romashka.kpi_read_facts(ids, '-infinity', 'infinity')
      RETURNING f.started_at, f.customer, f.combination, f.channel, f.team, f.agent, f.priority, f.language
    )
    SELECT touched || pg_catalog.array_agg(DISTINCT n.started_at), people || pg_catalog.array_agg(DISTINCT n.customer), groups || pg_catalog.array_agg(DISTINCT n.combination), filters || pg_catalog.array_agg(DISTINCT w.filter)
      INTO touched, people, groups, filters
    FROM new AS n
    CROSS JOIN LATERAL (VALUES ('channel=' || n.channel), ('team=' || n.team), ('agent=' || n.agent), ('priority=' || n.priority), ('language=' || n.language)) AS w (filter);
    PERFORM romashka.kpi_fill_previous(ids, COALESCE(people, '{}'));
    INSERT INTO romashka.journey_queue SELECT DISTINCT p.customer FROM unnest(people) AS p (customer) ORDER BY 1 ON CONFLICT DO NOTHING;
    SELECT pg_catalog.array_agg(DISTINCT pg_catalog.date_bin('1 hour', t.at, timestamptz '2000-01-01 00:00+00' + state.minutes * interval '1 minute')),
           pg_catalog.array_agg(DISTINCT (t.at AT TIME ZONE state.zone)::date)
      INTO hours, days FROM unnest(touched) AS t (at);
    done := pg_catalog.cardinality(ids);
  END IF;
  IF hours IS NOT NULL OR done > 0 OR state.dashboard_since IS NULL THEN
    PERFORM romashka.refresh_dashboard(ids, anew);
  END IF;
  IF hours IS NOT NULL THEN
    PERFORM romashka.kpi_fill('h', hours, state.zone);
    PERFORM romashka.kpi_fill('d', ARRAY(SELECT romashka.kpi_midnight(d.day, state.zone) FROM unnest(days) AS d (day)), state.zone);
    PERFORM romashka.kpi_fill_cubes(ARRAY[romashka.kpi_midnight(d.day, state.zone)], groups, state.zone) FROM unnest(days) AS d (day) ORDER BY d.day;
    PERFORM romashka.kpi_fill_pairs(romashka.kpi_midnight(d.day, state.zone), filters, state.zone) FROM unnest(days) AS d (day) ORDER BY d.day;
  END IF;
  IF ids IS NOT NULL OR hours IS NOT NULL OR NOT state.ready THEN
    UPDATE romashka.kpi_state AS s SET revision = s.revision + 1, filled_at = pg_catalog.now();
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.refresh_kpi(boolean, integer) FROM PUBLIC;
COMMENT ON FUNCTION romashka.refresh_kpi(boolean, integer) IS 'Brings facts and cells up to what has changed';
$text$;
made := to_regprocedure('romashka.refresh_kpi(boolean, integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'refresh_kpi', 'romashka.refresh_kpi(boolean, integer)', wanted, now(), s.definition
FROM (SELECT 'function' AS kind, '' AS relation, p.oid::regprocedure::text AS name,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(' ',
         pg_catalog.pg_get_function_result(p.oid), l.lanname, p.provolatile, p.proisstrict, p.prosecdef, p.proparallel,
         p.proconfig::text, pg_catalog.pg_get_function_arguments(p.oid), p.prosrc), 'UTF8')), 'hex') AS definition
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname IN ('public', 'romashka') AND p.prokind = 'f' AND (made::oid IS NULL OR p.oid = made::oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid::regprocedure::text) AS s
ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END
$romashka$;
