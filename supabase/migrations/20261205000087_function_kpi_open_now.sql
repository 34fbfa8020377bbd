-- Written by `make generate` from functions/kpi_open_now.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:dd0c02f97bc0140bd63fe05102d99bc807eed10560bba40558d738f8586878c4' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_open_now()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_open_now' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_open_now' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_open_now()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_open_now()
-- Purpose: the open conversations of this moment, and since when their customers wait;
--   of what is kept an index alone answers.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_open_now()
RETURNS TABLE (channel text, team text, agent text, priority text, language text, waiting_since timestamptz)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = ''
SET jit = 'off' SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = 'off' SET enable_bitmapscan = 'off' AS $$
DECLARE
  changed CONSTANT uuid[] := (SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) FROM romashka.kpi_changes AS c);
BEGIN
  IF NOT EXISTS (SELECT FROM romashka.kpi_state WHERE ready) OR pg_catalog.array_position(changed, NULL) IS NOT NULL THEN
    RETURN QUERY SELECT f.channel, f.team, f.agent, f.priority, f.language, f.waiting_since
      FROM romashka.kpi_read_facts(NULL, '-infinity', 'infinity') AS f WHERE f.open = 1;
    RETURN;
  END IF;
  RETURN QUERY SELECT f.channel, f.team, f.agent, f.priority, f.language, f.waiting_since
    FROM romashka.kpi_facts AS f
    WHERE f.open = 1 AND f.started_at > '-infinity' AND (changed IS NULL OR f.conversation_id <> ALL (changed));
  IF changed IS NOT NULL THEN
    RETURN QUERY SELECT f.channel, f.team, f.agent, f.priority, f.language, f.waiting_since
      FROM romashka.kpi_read_facts(changed, '-infinity', 'infinity') AS f WHERE f.open = 1;
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_open_now() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_open_now() TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_open_now() IS 'The open conversations of this moment';
$text$;
made := to_regprocedure('romashka.kpi_open_now()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_open_now', 'romashka.kpi_open_now()', wanted, now(), s.definition
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
