-- Written by `make generate` from functions/day_of_log.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:5531f196652fd43e50c83ee37aea5d6c53886e3aa4adabe878361a09901a596b' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.day_of_log()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'day_of_log' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'day_of_log' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.day_of_log()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.day_of_log()
-- Purpose: how many requests of the last 24 hours the caller may see, and how many of
--   them are suspicious. Rows dated ahead do not count before their time.
--   For whoever sees every request the sums of romashka.log_slots are read, and of the
--   log only the ends of the range, the rows that came since they were counted,
--   and slots that have changed. For others, and where no job has counted, all of it.
-- Rows: one.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.day_of_log()
RETURNS TABLE (requests bigint, suspicious bigint)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  origin CONSTANT timestamptz := '2000-01-01 00:00+00';
  width  CONSTANT interval := '5 minutes';
  hi     CONSTANT timestamptz := pg_catalog.now();
  lo     CONSTANT timestamptz := hi - interval '24 hours';
  first  CONSTANT timestamptz := pg_catalog.date_bin(width, lo, origin) + width;
  last   CONSTANT timestamptz := pg_catalog.date_bin(width, hi, origin);
  seen   pg_snapshot;
  anew   timestamptz[];
BEGIN
  -- A policy of the project's own that hides rows is not that of the sums.
  SELECT s.seen INTO seen FROM romashka.log_state AS s
  WHERE pg_catalog.pg_snapshot_xmax(s.seen) <= pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy AS p WHERE p.polrelid = 'public.api_security_logs'::regclass
                    AND NOT p.polpermissive AND p.polname <> 'Second factor where required');
  IF seen IS NULL THEN
    RETURN QUERY
    SELECT count(*), count(*) FILTER (WHERE l.suspicious_activity)
    FROM public.api_security_logs AS l WHERE l."timestamp" BETWEEN lo AND hi;
    RETURN;
  END IF;
  anew := ARRAY(SELECT DISTINCT c.slot FROM romashka.log_changes AS c WHERE c.slot >= first AND c.slot < last);
  RETURN QUERY
  SELECT sum(p.requests)::bigint, sum(p.suspicious)::bigint
  FROM (
    SELECT sum(s.requests) AS requests, sum(s.suspicious) AS suspicious
    FROM romashka.log_slots AS s WHERE s.slot >= first AND s.slot < last AND s.slot <> ALL (anew)
    UNION ALL
    SELECT count(*), count(*) FILTER (WHERE l.suspicious_activity)
    FROM public.api_security_logs AS l
    WHERE l.arrived >= pg_catalog.pg_snapshot_xmin(seen) AND NOT pg_catalog.pg_visible_in_snapshot(l.arrived, seen)
      AND l."timestamp" >= first AND l."timestamp" < last AND pg_catalog.date_bin(width, l."timestamp", origin) <> ALL (anew)
    UNION ALL
    SELECT count(*), count(*) FILTER (WHERE l.suspicious_activity)
    FROM (SELECT lo AS begins, first AS ends UNION ALL SELECT last, hi + interval '1 microsecond' UNION ALL SELECT a.slot, a.slot + width FROM unnest(anew) AS a (slot)) AS r
    JOIN public.api_security_logs AS l ON l."timestamp" >= r.begins AND l."timestamp" < r.ends
  ) AS p;
END
$$;

REVOKE ALL ON FUNCTION romashka.day_of_log() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.day_of_log() TO authenticated, service_role;
COMMENT ON FUNCTION romashka.day_of_log() IS 'Requests of the last 24 hours that the caller may see';
$text$;
made := to_regprocedure('romashka.day_of_log()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'day_of_log', 'romashka.day_of_log()', wanted, now(), s.definition
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
