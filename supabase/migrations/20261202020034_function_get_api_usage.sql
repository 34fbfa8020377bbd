-- Written by `make generate` from functions/get_api_usage.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:e7027095d4cc0baf02039a93b63504d1cede7e6ece05034f4b4700c5fde7d30c' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_api_usage(integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_api_usage' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_api_usage' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_api_usage(integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_api_usage(integer)
-- Purpose: requests to the API by slot, endpoint, client and answer.
-- Parameters: hours, 1 to 744, up to now. Slots are 5 minutes up to 6 hours, an hour up
--   to 72, a day beyond, of UTC.
-- Rows: kind total, slot, endpoint, client or status; the twenty largest of the latter
--   three. errors are answers of 400 to 499, failures of 500 and more, limited those
--   refused by a rate limit; latencies are milliseconds, NULL without requests.
-- Who: signed-in users, with the caller's rights: an admin sees all, a user his own.
CREATE OR REPLACE FUNCTION public.get_api_usage(hours integer DEFAULT 24)
RETURNS TABLE (kind text, name text, slot timestamptz, requests bigint, errors bigint, failures bigint, limited bigint,
  latency_median numeric, latency_p95 numeric)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  span  CONSTANT integer := LEAST(GREATEST(COALESCE(hours, 24), 1), 744);
  width CONSTANT interval := CASE WHEN span <= 6 THEN '5 minutes' WHEN span <= 72 THEN '1 hour' ELSE '1 day' END;
BEGIN
  RETURN QUERY
  WITH seen AS MATERIALIZED (
    SELECT l.endpoint, COALESCE(l.user_id::text, pg_catalog.host(l.ip_address), 'unknown') AS client, l.response_code AS code,
           l.response_time_ms AS took, l.rate_limit_hit AS hit, pg_catalog.date_bin(width, l."timestamp", timestamptz '2000-01-01 00:00+00') AS slot
    FROM public.api_security_logs AS l
    WHERE l."timestamp" > pg_catalog.now() - pg_catalog.make_interval(hours => span) AND l."timestamp" <= pg_catalog.now()
  ), counted AS (
    SELECT CASE WHEN GROUPING(s.slot) = 0 THEN 'slot' WHEN GROUPING(s.endpoint) = 0 THEN 'endpoint' WHEN GROUPING(s.client) = 0 THEN 'client'
                WHEN GROUPING(s.code) = 0 THEN 'status' ELSE 'total' END AS kind,
           COALESCE(s.endpoint, s.client, s.code::text) AS name, s.slot, count(*) AS requests,
           count(*) FILTER (WHERE s.code BETWEEN 400 AND 499) AS errors, count(*) FILTER (WHERE s.code >= 500) AS failures,
           count(*) FILTER (WHERE s.hit) AS limited,
           pg_catalog.round(pg_catalog.percentile_disc(0.5) WITHIN GROUP (ORDER BY s.took)::numeric, 1) AS median,
           pg_catalog.round(pg_catalog.percentile_disc(0.95) WITHIN GROUP (ORDER BY s.took)::numeric, 1) AS p95
    FROM seen AS s
    GROUP BY GROUPING SETS ((), (s.slot), (s.endpoint), (s.client), (s.code))
  ), placed AS (
    SELECT c.*, pg_catalog.row_number() OVER (PARTITION BY c.kind ORDER BY c.requests DESC, c.name) AS place FROM counted AS c
  )
  SELECT p.kind, p.name, p.slot, p.requests, p.errors, p.failures, p.limited, p.median, p.p95
  FROM placed AS p
  WHERE p.kind IN ('total', 'slot') OR p.place <= 20
  ORDER BY p.kind, p.slot, p.requests DESC, p.name;
END
$$;

REVOKE ALL ON FUNCTION public.get_api_usage(integer) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_api_usage(integer) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_api_usage(integer) IS 'Requests to the API by time, endpoint, client and status';
$text$;
made := to_regprocedure('public.get_api_usage(integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_api_usage', 'public.get_api_usage(integer)', wanted, now(), s.definition
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
