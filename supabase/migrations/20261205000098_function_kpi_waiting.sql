-- Written by `make generate` from functions/kpi_waiting.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:8a7f6de464f77272abbbd1f6cd2afcb9d6374df48be928589cec0aea7cfab94f' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{romashka.kpi_facts}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_waiting(timestamp with time zone, timestamp with time zone)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_waiting' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_waiting' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_waiting(timestamp with time zone, timestamp with time zone)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_waiting(timestamp with time zone, timestamp with time zone)
-- depends: romashka.kpi_facts
-- Purpose: the facts, as they are now, of conversations of a half-open range that have
--   changed since the job kpi ran. One answer needs them several times, and reading
--   them is most of what changes cost: it hands them on as fresh.
-- Returns: NULL where none have changed, nothing is kept, or so many have changed that
--   they are better read again than held.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_waiting(from_at timestamptz, to_at timestamptz)
RETURNS romashka.kpi_facts[] LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  most    CONSTANT integer := 2000;
  changed CONSTANT uuid[] := (SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) FROM romashka.kpi_changes AS c);
BEGIN
  IF changed IS NULL OR pg_catalog.cardinality(changed) > most OR pg_catalog.array_position(changed, NULL) IS NOT NULL
     OR NOT EXISTS (SELECT FROM romashka.kpi_state WHERE ready) THEN
    RETURN NULL;
  END IF;
  RETURN ARRAY(SELECT f FROM romashka.kpi_read_facts(changed, from_at, to_at) AS f);
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_waiting(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_waiting(timestamptz, timestamptz) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_waiting(timestamptz, timestamptz) IS 'The facts of conversations whose changes wait for the job kpi';
$text$;
made := to_regprocedure('romashka.kpi_waiting(timestamp with time zone, timestamp with time zone)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_waiting', 'romashka.kpi_waiting(timestamp with time zone, timestamp with time zone)', wanted, now(), s.definition
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
