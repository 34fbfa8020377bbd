-- Written by `make generate` from functions/get_api_usage.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:bc1951f0099adab705395d1e59e13634f5fae58e353fcc1199a15b515650e792' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
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
  -- Each request is read once, into the distribution of latencies by slot, endpoint,
  -- client and answer: counts and percentiles follow from that.
  RETURN QUERY
  WITH spread AS MATERIALIZED (
    SELECT CASE WHEN GROUPING(l.slot) = 0 THEN 'slot' WHEN GROUPING(l.endpoint) = 0 THEN 'endpoint' WHEN GROUPING(l.user_id) = 0 THEN 'client' ELSE 'status' END AS kind,
           l.endpoint, l.user_id, l.address, l.code, l.slot, l.took, count(*) AS n,
           count(*) FILTER (WHERE l.code BETWEEN 400 AND 499) AS errors, count(*) FILTER (WHERE l.code >= 500) AS failures, count(*) FILTER (WHERE l.hit) AS limited
    FROM (
      SELECT r.endpoint, r.user_id, CASE WHEN r.user_id IS NULL THEN r.ip_address END AS address, r.response_code AS code, r.response_time_ms AS took,
             r.rate_limit_hit AS hit, pg_catalog.date_bin(width, r."timestamp", timestamptz '2000-01-01 00:00+00') AS slot
      FROM public.api_security_logs AS r
      WHERE r."timestamp" > pg_catalog.now() - pg_catalog.make_interval(hours => span) AND r."timestamp" <= pg_catalog.now()
    ) AS l
    GROUP BY GROUPING SETS ((l.slot, l.took), (l.endpoint, l.took), (l.user_id, l.address, l.took), (l.code, l.took))
  ), named AS (
    SELECT s.kind, CASE s.kind WHEN 'endpoint' THEN s.endpoint WHEN 'client' THEN COALESCE(s.user_id::text, pg_catalog.host(s.address), 'unknown')
                               WHEN 'status' THEN s.code::text END AS name,
           s.slot, s.took, s.n, s.errors, s.failures, s.limited
    FROM spread AS s
    UNION ALL
    SELECT 'total', NULL, NULL, s.took, s.n, s.errors, s.failures, s.limited FROM spread AS s WHERE s.kind = 'slot'
  ), counted AS (
    SELECT t.kind, t.name, t.slot, sum(t.n)::bigint AS requests, sum(t.errors)::bigint AS errors, sum(t.failures)::bigint AS failures, sum(t.limited)::bigint AS limited,
           COALESCE(sum(t.n) FILTER (WHERE t.took IS NOT NULL), 0) AS timed
    FROM named AS t GROUP BY t.kind, t.name, t.slot
    UNION ALL
    SELECT 'total', NULL, NULL, 0, 0, 0, 0, 0 WHERE NOT EXISTS (SELECT FROM spread)
  ), placed AS (
    SELECT c.*, pg_catalog.row_number() OVER (PARTITION BY c.kind ORDER BY c.requests DESC, c.name) AS place FROM counted AS c
  ), kept AS (
    SELECT * FROM placed AS p WHERE p.kind IN ('total', 'slot') OR p.place <= 20
  ), heaped AS (
    SELECT k.kind, k.name, k.slot, k.timed, t.took, sum(sum(t.n)) OVER (PARTITION BY k.kind, k.name, k.slot ORDER BY t.took) AS upto
    FROM kept AS k JOIN named AS t ON t.kind = k.kind AND COALESCE(t.name, '') = COALESCE(k.name, '') AND (t.name IS NULL) = (k.name IS NULL)
      AND COALESCE(t.slot, '-infinity') = COALESCE(k.slot, '-infinity') -- all of which can be hashed
    WHERE t.took IS NOT NULL
    GROUP BY k.kind, k.name, k.slot, k.timed, t.took
  ), ranked AS (
    SELECT h.kind, h.name, h.slot, min(h.took) FILTER (WHERE h.upto >= 0.5 * h.timed) AS median, min(h.took) FILTER (WHERE h.upto >= 0.95 * h.timed) AS p95
    FROM heaped AS h GROUP BY h.kind, h.name, h.slot
  )
  SELECT k.kind, k.name, k.slot, k.requests, k.errors, k.failures, k.limited, pg_catalog.round(r.median::numeric, 1), pg_catalog.round(r.p95::numeric, 1)
  FROM kept AS k LEFT JOIN ranked AS r ON r.kind = k.kind AND r.name IS NOT DISTINCT FROM k.name AND r.slot IS NOT DISTINCT FROM k.slot
  ORDER BY k.kind, k.slot, k.requests DESC, k.name;
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
