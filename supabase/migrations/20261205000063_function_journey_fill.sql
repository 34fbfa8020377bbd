-- Written by `make generate` from functions/journey_fill.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:60a0bd21fa58d302c839879d2c721bc4c0a439625a9e28d7532c4acab47989a2' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.journey_fill(timestamp with time zone[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'journey_fill' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'journey_fill' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.journey_fill(timestamp with time zone[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.journey_fill(timestamp with time zone[])
-- Purpose: makes romashka.journey_days of some days anew of romashka.journeys.
-- Parameters: the beginnings of the days, of UTC; NULL: all.
-- Who: the owner, as romashka.refresh_journey() is.
CREATE OR REPLACE FUNCTION romashka.journey_fill(wanted timestamptz[])
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET jit = 'off' SET plan_cache_mode = 'force_custom_plan' AS $$
DECLARE
  origin CONSTANT timestamptz := '2000-01-01 00:00+00';
BEGIN
  DELETE FROM romashka.journey_days AS d WHERE wanted IS NULL OR d.day = ANY (wanted);
  INSERT INTO romashka.journey_days
  SELECT j.day, j.channel, count(*), count(*) FILTER (WHERE j.consideration_at IS NOT NULL OR j.decision_at IS NOT NULL),
         count(j.consideration_at), count(j.decision_at), count(j.onboarding_at), count(j.support_at), count(j.retention_at)
  FROM (
    SELECT w.day, j.* FROM unnest(wanted) AS w (day) JOIN romashka.journeys AS j ON j.discovery_at >= w.day AND j.discovery_at < w.day + interval '24 hours'
    UNION ALL
    SELECT pg_catalog.date_bin('1 day', j.discovery_at, origin), j.* FROM romashka.journeys AS j WHERE wanted IS NULL
  ) AS j
  GROUP BY j.day, j.channel;
END
$$;

REVOKE ALL ON FUNCTION romashka.journey_fill(timestamptz[]) FROM PUBLIC;
COMMENT ON FUNCTION romashka.journey_fill(timestamptz[]) IS 'Makes sums of customers by day anew';
$text$;
made := to_regprocedure('romashka.journey_fill(timestamp with time zone[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'journey_fill', 'romashka.journey_fill(timestamp with time zone[])', wanted, now(), s.definition
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
