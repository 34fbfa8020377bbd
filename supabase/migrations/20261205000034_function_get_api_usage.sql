-- Written by `make generate` from functions/get_api_usage.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:4b8bb70115ca5deb2d8f57be9ed7f55988caca1bf37029352032dc13fd186b9d' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
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
--   For whoever sees every request 7 hours and more are read from romashka.log_usage, and of
--   the log only what the job kpi has not counted: beyond 72 hours that is the range's part
--   of its first day too. Others, and fewer hours, are read from the log.
-- Who: signed-in users, with the caller's rights: an admin sees all, a user his own.
CREATE OR REPLACE FUNCTION public.get_api_usage(hours integer DEFAULT 24)
RETURNS TABLE (kind text, name text, slot timestamptz, requests bigint, errors bigint, failures bigint, limited bigint,
  latency_median numeric, latency_p95 numeric)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' SET plan_cache_mode = 'force_custom_plan' SET enable_mergejoin = 'off' AS $$
DECLARE
  span  CONSTANT integer := LEAST(GREATEST(COALESCE(hours, 24), 1), 744);
  origin CONSTANT timestamptz := '2000-01-01 00:00+00';
  hi    CONSTANT timestamptz := pg_catalog.now();
  lo    CONSTANT timestamptz := hi - pg_catalog.make_interval(hours => span);
  width CONSTANT interval := CASE WHEN span <= 6 THEN '5 minutes' WHEN span <= 72 THEN '1 hour' ELSE '1 day' END;
  first timestamptz := pg_catalog.date_bin(width, lo, origin) + width; -- of the whole hours, or days, that are kept
  last  timestamptz := pg_catalog.date_bin('1 hour', hi, origin);
  counted pg_snapshot; -- NULL: no sums can be read
  anew  timestamptz[]; -- hours in which something has changed since they were counted, and all of such days
  days  timestamptz := first; -- until then days are kept, then hours
BEGIN
  -- Sums of hours are kept for three days, those of days for 31. A policy of the project's own that hides rows is not theirs.
  -- Up to three days before those that are kept may be read from the log: by default it has hardly more.
  SELECT s.seen, f.begins, CASE WHEN span > 72 THEN GREATEST(s.days_until, f.begins) ELSE f.begins END INTO counted, first, days
  FROM romashka.log_state AS s CROSS JOIN LATERAL (SELECT CASE WHEN span > 72 THEN GREATEST(first, s.days_since) ELSE first END AS begins) AS f
  WHERE span >= 7 AND CASE WHEN span > 72 THEN s.days_since <= first + interval '3 days' AND s.since <= s.days_until ELSE s.since <= first END
    AND pg_catalog.pg_snapshot_xmax(s.seen) <= pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy AS p WHERE p.polrelid = 'public.api_security_logs'::regclass
                    AND NOT p.polpermissive AND p.polname <> 'Second factor where required');
  IF counted IS NOT NULL THEN
    IF NOT EXISTS (SELECT FROM public.api_security_logs AS l WHERE l."timestamp" > hi) THEN
      last := last + interval '1 hour'; -- all of this hour is of the range
    END IF;
    anew := ARRAY(SELECT DISTINCT CASE WHEN c.slot < days THEN pg_catalog.date_bin('1 day', c.slot, origin) + n.hour * interval '1 hour' ELSE pg_catalog.date_bin('1 hour', c.slot, origin) END
      FROM romashka.log_changes AS c CROSS JOIN pg_catalog.generate_series(0, CASE WHEN c.slot < days THEN 23 ELSE 0 END) AS n (hour) WHERE c.slot >= first AND c.slot < last);
    RETURN QUERY
    WITH seen AS MATERIALIZED ( -- of the log: the ends of the range, what came since, hours with changes
      SELECT pg_catalog.date_bin(width, l."timestamp", origin) AS slot, COALESCE('=' || l.endpoint, '') AS endpoint,
             '=' || COALESCE(l.user_id::text, pg_catalog.host(l.ip_address), 'unknown') AS client, COALESCE('=' || l.response_code, '') AS status,
             l.response_code AS code, l.response_time_ms AS took, l.rate_limit_hit AS hit
      FROM (SELECT lo + interval '1 microsecond' AS begins, first AS ends UNION ALL SELECT last, hi + interval '1 microsecond' WHERE last <= hi
            UNION ALL SELECT a.hour, a.hour + interval '1 hour' FROM unnest(anew) AS a (hour)) AS r
      JOIN public.api_security_logs AS l ON l."timestamp" >= r.begins AND l."timestamp" < r.ends
      UNION ALL
      SELECT pg_catalog.date_bin(width, l."timestamp", origin), COALESCE('=' || l.endpoint, ''),
             '=' || COALESCE(l.user_id::text, pg_catalog.host(l.ip_address), 'unknown'), COALESCE('=' || l.response_code, ''),
             l.response_code, l.response_time_ms, l.rate_limit_hit
      FROM public.api_security_logs AS l
      WHERE l.arrived >= pg_catalog.pg_snapshot_xmin(counted) AND NOT pg_catalog.pg_visible_in_snapshot(l.arrived, counted)
        AND l."timestamp" >= first AND l."timestamp" < last AND pg_catalog.date_bin('1 hour', l."timestamp", origin) <> ALL (anew)
    ), newer AS MATERIALIZED (
      SELECT 'endpoint' AS kind, s.endpoint AS name, count(*) AS requests FROM seen AS s GROUP BY s.endpoint
      UNION ALL SELECT 'client', s.client, count(*) FROM seen AS s GROUP BY s.client
    ), kept AS MATERIALIZED ( -- every request has one status: their sums are those of hours, days and all
      SELECT g.of_day, pg_catalog.date_bin(width, g.hour, origin) AS slot, u.*
      FROM (SELECT '' AS of_day, h.hour FROM pg_catalog.generate_series(days, last - interval '1 hour', interval '1 hour') AS h (hour)
            UNION ALL SELECT ' of day', d.day FROM pg_catalog.generate_series(first, days - interval '1 day', interval '1 day') AS d (day) WHERE span > 72) AS g
      CROSS JOIN LATERAL (SELECT * FROM romashka.log_usage AS i WHERE i.hour = g.hour AND i.kind = 'status' || g.of_day OFFSET 0) AS u -- OFFSET keeps each a look into the index
      WHERE g.hour <> ALL (anew)
    ), piece AS MATERIALIZED (
      SELECT h.hour, h.of_day, sum(h.requests)::bigint AS requests FROM kept AS h GROUP BY h.hour, h.of_day
    ), least AS MATERIALIZED ( -- the 20th place has so many requests at least, by the largest of each hour or day
      SELECT k.kind, (SELECT sum(p.requests) FROM piece AS p) AS every, COALESCE((
        SELECT sum(t.requests) FROM (
          SELECT u.name, u.requests FROM piece AS p
          CROSS JOIN LATERAL (SELECT i.name, i.requests FROM romashka.log_usage AS i WHERE i.hour = p.hour AND i.kind = k.kind || p.of_day ORDER BY i.requests DESC LIMIT 20) AS u
          UNION ALL SELECT n.name, n.requests FROM newer AS n WHERE n.kind = k.kind
        ) AS t GROUP BY t.name ORDER BY 1 DESC OFFSET 19 LIMIT 1), 0) AS requests
      FROM (VALUES ('endpoint'), ('client')) AS k (kind)
    ), listed AS ( -- who has at least half of an hour's or day's part of them there
      SELECT l.kind, u.name, u.requests, p.requests AS part
      FROM least AS l CROSS JOIN piece AS p
      CROSS JOIN LATERAL (SELECT i.name, i.requests FROM romashka.log_usage AS i
        WHERE i.hour = p.hour AND i.kind = l.kind || p.of_day AND i.requests >= pg_catalog.div(l.requests * p.requests, 2 * l.every)::bigint OFFSET 0) AS u
      UNION ALL
      SELECT n.kind, n.name, n.requests, 0 FROM newer AS n
    ), large AS MATERIALIZED ( -- and who can be among the twenty, were he just below that in all others
      SELECT g.kind, g.name FROM (SELECT i.kind, i.name, sum(i.requests) AS requests, sum(i.part) AS part FROM listed AS i GROUP BY i.kind, i.name) AS g
      JOIN least AS l ON l.kind = g.kind
      WHERE g.requests * 2 * COALESCE(l.every, 0) + l.requests * (COALESCE(l.every, 0) - g.part) >= l.requests * 2 * COALESCE(l.every, 0)
    ), fresh AS MATERIALIZED (
      SELECT s.slot, 'status' AS kind, s.status AS name, s.took, count(*) AS requests, count(*) FILTER (WHERE s.code BETWEEN 400 AND 499) AS errors,
             count(*) FILTER (WHERE s.code >= 500) AS failures, count(*) FILTER (WHERE s.hit) AS limited
      FROM seen AS s GROUP BY s.slot, s.status, s.took
      UNION ALL
      SELECT NULL, 'endpoint', s.endpoint, s.took, count(*), count(*) FILTER (WHERE s.code BETWEEN 400 AND 499), count(*) FILTER (WHERE s.code >= 500), count(*) FILTER (WHERE s.hit)
      FROM seen AS s WHERE s.endpoint IN (SELECT g.name FROM large AS g WHERE g.kind = 'endpoint') GROUP BY s.endpoint, s.took
      UNION ALL
      SELECT NULL, 'client', s.client, s.took, count(*), count(*) FILTER (WHERE s.code BETWEEN 400 AND 499), count(*) FILTER (WHERE s.code >= 500), count(*) FILTER (WHERE s.hit)
      FROM seen AS s WHERE s.client IN (SELECT g.name FROM large AS g WHERE g.kind = 'client') GROUP BY s.client, s.took
    ), counts AS MATERIALIZED (
      SELECT g.kind, g.name, NULL::timestamptz AS slot, u.requests, u.errors, u.failures, u.limited
      FROM large AS g CROSS JOIN piece AS p
      CROSS JOIN LATERAL (SELECT * FROM romashka.log_usage AS i WHERE i.hour = p.hour AND i.kind = g.kind || p.of_day AND i.name = g.name OFFSET 0) AS u
      UNION ALL SELECT 'status', h.name, h.slot, h.requests, h.errors, h.failures, h.limited FROM kept AS h
      UNION ALL SELECT f.kind, f.name, f.slot, f.requests, f.errors, f.failures, f.limited FROM fresh AS f
    ), sums AS (
      SELECT c.kind, c.name, NULL::timestamptz AS slot, sum(c.requests)::bigint AS requests, sum(c.errors)::bigint AS errors, sum(c.failures)::bigint AS failures, sum(c.limited)::bigint AS limited
      FROM counts AS c GROUP BY c.kind, c.name
      UNION ALL
      SELECT 'status', NULL, c.slot, sum(c.requests)::bigint, sum(c.errors)::bigint, sum(c.failures)::bigint, sum(c.limited)::bigint
      FROM counts AS c WHERE c.kind = 'status' GROUP BY GROUPING SETS ((c.slot), ()) HAVING count(*) > 0
    ), shown AS MATERIALIZED (
      SELECT pg_catalog.row_number() OVER () AS id, r.* FROM (
        SELECT s.*, pg_catalog.row_number() OVER (PARTITION BY s.kind, s.name IS NULL, s.slot IS NULL
                 ORDER BY s.requests DESC, CASE WHEN s.name <> '' THEN pg_catalog.substr(s.name, 2) END) AS place
        FROM sums AS s) AS r
      WHERE r.name IS NULL OR r.place <= 20
    ), slots AS MATERIALIZED (
      SELECT e.slot, e.took, sum(e.n) AS n
      FROM (SELECT h.slot, unnest(h.took) AS took, unnest(h.counts) AS n FROM kept AS h -- in the list, for half of the time
            UNION ALL SELECT f.slot, f.took, f.requests::integer FROM fresh AS f WHERE f.kind = 'status' AND f.took IS NOT NULL) AS e
      GROUP BY e.slot, e.took
    ), times AS (
      SELECT e.id, e.took, sum(e.n) AS n
      FROM (SELECT s.id, unnest(u.took) AS took, unnest(u.counts) AS n
            FROM shown AS s CROSS JOIN piece AS p
            CROSS JOIN LATERAL (SELECT i.took, i.counts FROM romashka.log_usage AS i WHERE i.hour = p.hour AND i.kind = s.kind || p.of_day AND i.name = s.name OFFSET 0) AS u
            UNION ALL SELECT s.id, f.took, f.requests::integer FROM shown AS s JOIN fresh AS f ON f.kind = s.kind AND f.name = s.name WHERE f.took IS NOT NULL) AS e
      GROUP BY e.id, e.took
      UNION ALL
      SELECT s.id, h.took, h.n FROM shown AS s JOIN slots AS h ON h.slot = s.slot
      UNION ALL
      SELECT s.id, h.took, sum(h.n) FROM shown AS s CROSS JOIN slots AS h WHERE s.slot IS NULL AND s.name IS NULL GROUP BY s.id, h.took
    ), ranked AS (
      SELECT t.id, t.took, sum(t.n) OVER (PARTITION BY t.id ORDER BY t.took ROWS UNBOUNDED PRECEDING) AS up_to, sum(t.n) OVER (PARTITION BY t.id) AS n
      FROM (SELECT s.id, s.took, s.n::double precision AS n FROM times AS s) AS t
    ), latency AS ( -- as percentile_disc has them
      SELECT r.id, min(r.took) FILTER (WHERE r.up_to >= pg_catalog.ceil(0.5::double precision * r.n)) AS median,
             min(r.took) FILTER (WHERE r.up_to >= pg_catalog.ceil(0.95::double precision * r.n)) AS p95
      FROM ranked AS r GROUP BY r.id
    )
    SELECT CASE WHEN s.slot IS NOT NULL THEN 'slot' WHEN s.name IS NULL THEN 'total' ELSE s.kind END AS kind,
           CASE WHEN s.name <> '' THEN pg_catalog.substr(s.name, 2) END AS name, s.slot, s.requests, s.errors, s.failures, s.limited,
           pg_catalog.round(l.median::numeric, 1), pg_catalog.round(l.p95::numeric, 1)
    FROM (SELECT * FROM shown UNION ALL
          SELECT 0, 'status', NULL, NULL, 0, 0, 0, 0, 1 WHERE NOT EXISTS (SELECT FROM shown)) AS s -- the total is there also of none
    LEFT JOIN latency AS l ON l.id = s.id
    ORDER BY 1, s.slot, s.requests DESC, 2;
    RETURN;
  END IF;
  RETURN QUERY
  WITH seen AS MATERIALIZED (
    SELECT l.endpoint, COALESCE(l.user_id::text, pg_catalog.host(l.ip_address), 'unknown') AS client, l.response_code AS code,
           l.response_time_ms AS took, l.rate_limit_hit AS hit, pg_catalog.date_bin(width, l."timestamp", timestamptz '2000-01-01 00:00+00') AS slot
    FROM public.api_security_logs AS l
    WHERE l."timestamp" > lo AND l."timestamp" <= hi
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
