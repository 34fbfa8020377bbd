-- Written by `make generate` from functions/count_log.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:3f7db7f9eea026729267369f443100771f1f01c8afe4fa95015a94ced7cdea60' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.count_log()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'count_log' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'count_log' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.count_log()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.count_log()
-- Purpose: counts the requests that came since the last call into romashka.log_slots
--   and romashka.log_usage, and anew the slots, hours and days in which rows were changed or
--   deleted: slots of the last two days, hours of the last three, and those of the last 31 days
--   that are over. The first call, and one whose snapshot is of another cluster, counts all
--   slots and hours. A day is counted when it is over; one of those before, which are not
--   kept yet, in each call.
-- Rows: none.
-- Who: the owner, by way of the job kpi. Of two at once the second does nothing.
CREATE OR REPLACE FUNCTION romashka.count_log()
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  origin CONSTANT timestamptz := '2000-01-01 00:00+00';
  since  CONSTANT timestamptz := pg_catalog.date_bin('5 minutes', pg_catalog.now() - interval '2 days', origin);
  was    pg_snapshot;
  now_seen pg_snapshot;
  anew   timestamptz[];
  first  CONSTANT timestamptz := pg_catalog.date_bin('1 hour', pg_catalog.now() - interval '3 days', origin) + interval '1 hour'; -- of log_usage
  hours  timestamptz[];
  today  CONSTANT timestamptz := pg_catalog.date_bin('1 day', pg_catalog.now(), origin);
  oldest CONSTANT timestamptz := today - LEAST(31, COALESCE((SELECT GREATEST(r.retention_period, romashka.retention_floor(r.data_category)) - 1
    FROM public.data_retention_policies AS r WHERE r.data_category = 'api_security_logs' AND r.auto_delete), 31)) * interval '1 day'; -- days of a dropped partition leave no notes
  state  romashka.log_state;
  days   timestamptz[]; -- to be counted anew
  kept   timestamptz;   -- from this day on they are kept
BEGIN
  IF NOT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('romashka.log_slots', 0)) THEN
    RETURN;
  END IF;
  now_seen := pg_catalog.pg_current_snapshot();
  was := (SELECT s.seen FROM romashka.log_state AS s WHERE s.since IS NOT NULL AND pg_catalog.pg_snapshot_xmax(s.seen) <= pg_catalog.pg_snapshot_xmax(now_seen));
  DELETE FROM romashka.log_slots AS s WHERE was IS NULL OR s.slot < since;
  WITH noted AS (DELETE FROM romashka.log_changes RETURNING slot)
  SELECT COALESCE(pg_catalog.array_agg(DISTINCT n.slot) FILTER (WHERE n.slot >= since), '{}'),
         COALESCE(pg_catalog.array_agg(DISTINCT pg_catalog.date_bin('1 hour', n.slot, origin)), '{}')
    INTO anew, hours FROM noted AS n;
  DELETE FROM romashka.log_slots AS s WHERE s.slot = ANY (anew);
  SELECT * INTO state FROM romashka.log_state;
  IF was IS NULL OR state.days_until IS NULL OR state.days_until < today - interval '1 day' THEN
    kept := GREATEST(today - interval '1 day', oldest);
    days := ARRAY[kept];
  ELSE
    kept := GREATEST(state.days_since, oldest);
    days := ARRAY(SELECT DISTINCT pg_catalog.date_bin('1 day', h.hour, origin) AS day FROM unnest(hours) AS h (hour) ORDER BY 1 DESC);
    days := ARRAY(SELECT d.day FROM unnest(days) AS d (day) WHERE d.day >= kept AND d.day < state.days_until);
    IF pg_catalog.cardinality(days) > 2 THEN -- they and all before are counted again, one in each call, so that none takes long
      kept := days[3] + interval '1 day';
      days := days[1:2];
    END IF;
    days := days || CASE WHEN state.days_until < today THEN state.days_until WHEN kept > oldest THEN kept - interval '1 day' END;
    kept := LEAST(kept, days[pg_catalog.cardinality(days)]);
  END IF;
  days := ARRAY(SELECT d.day FROM unnest(days) AS d (day) WHERE d.day >= kept);
  DELETE FROM romashka.log_usage AS u
  WHERE was IS NULL OR CASE WHEN u.kind LIKE '% of day' THEN u.hour < kept OR u.hour >= today OR u.hour = ANY (days) ELSE u.hour < first OR u.hour = ANY (hours) END;

  INSERT INTO romashka.log_slots AS s (slot, requests, suspicious)
  SELECT c.slot, count(*), count(*) FILTER (WHERE c.suspicious_activity)
  FROM (
    SELECT pg_catalog.date_bin('5 minutes', l."timestamp", origin) AS slot, l.suspicious_activity
    FROM public.api_security_logs AS l
    WHERE was IS NULL AND l."timestamp" >= since AND (l.arrived IS NULL OR pg_catalog.pg_visible_in_snapshot(l.arrived, now_seen))
    UNION ALL
    SELECT a.slot, l.suspicious_activity
    FROM unnest(anew) AS a (slot)
    JOIN public.api_security_logs AS l ON l."timestamp" >= a.slot AND l."timestamp" < a.slot + interval '5 minutes'
    WHERE was IS NOT NULL AND (l.arrived IS NULL OR pg_catalog.pg_visible_in_snapshot(l.arrived, now_seen))
    UNION ALL
    SELECT f.slot, f.suspicious_activity
    FROM (SELECT pg_catalog.date_bin('5 minutes', l."timestamp", origin) AS slot, l.suspicious_activity
          FROM public.api_security_logs AS l
          WHERE l.arrived >= pg_catalog.pg_snapshot_xmin(was) AND l.arrived < pg_catalog.pg_snapshot_xmax(now_seen) AND l."timestamp" >= since
            AND NOT pg_catalog.pg_visible_in_snapshot(l.arrived, was) AND pg_catalog.pg_visible_in_snapshot(l.arrived, now_seen)) AS f
    WHERE f.slot <> ALL (anew)
  ) AS c
  GROUP BY c.slot
  ON CONFLICT (slot) DO UPDATE SET requests = s.requests + EXCLUDED.requests, suspicious = s.suspicious + EXCLUDED.suspicious;

  INSERT INTO romashka.log_usage AS u
  SELECT t.hour, t.kind, t.name, sum(t.requests), sum(t.errors), sum(t.failures), sum(t.limited),
         COALESCE(pg_catalog.array_agg(t.took ORDER BY t.took) FILTER (WHERE t.took IS NOT NULL), '{}'),
         COALESCE(pg_catalog.array_agg(t.requests::integer ORDER BY t.took) FILTER (WHERE t.took IS NOT NULL), '{}')
  FROM (
    SELECT l.hour, k.kind || l.of_day AS kind, k.name, l.took, count(*) AS requests, count(*) FILTER (WHERE l.code BETWEEN 400 AND 499) AS errors,
           count(*) FILTER (WHERE l.code >= 500) AS failures, count(*) FILTER (WHERE l.hit) AS limited
    FROM (
      SELECT pg_catalog.date_bin('1 hour', l."timestamp", origin) AS hour, l.endpoint, COALESCE(l.user_id::text, pg_catalog.host(l.ip_address), 'unknown') AS client,
             l.response_code AS code, l.response_time_ms AS took, l.rate_limit_hit AS hit, '' AS of_day
      FROM public.api_security_logs AS l
      WHERE was IS NULL AND l."timestamp" >= first AND (l.arrived IS NULL OR pg_catalog.pg_visible_in_snapshot(l.arrived, now_seen))
      UNION ALL
      SELECT h.hour, l.endpoint, COALESCE(l.user_id::text, pg_catalog.host(l.ip_address), 'unknown'), l.response_code, l.response_time_ms, l.rate_limit_hit, ''
      FROM unnest(hours) AS h (hour)
      JOIN public.api_security_logs AS l ON l."timestamp" >= h.hour AND l."timestamp" < h.hour + interval '1 hour'
      WHERE was IS NOT NULL AND h.hour >= first AND (l.arrived IS NULL OR pg_catalog.pg_visible_in_snapshot(l.arrived, now_seen))
      UNION ALL
      SELECT f.* FROM (
        SELECT pg_catalog.date_bin('1 hour', l."timestamp", origin) AS hour, l.endpoint, COALESCE(l.user_id::text, pg_catalog.host(l.ip_address), 'unknown'),
               l.response_code, l.response_time_ms, l.rate_limit_hit, ''
        FROM public.api_security_logs AS l
        WHERE l.arrived >= pg_catalog.pg_snapshot_xmin(was) AND l.arrived < pg_catalog.pg_snapshot_xmax(now_seen) AND l."timestamp" >= first
          AND NOT pg_catalog.pg_visible_in_snapshot(l.arrived, was) AND pg_catalog.pg_visible_in_snapshot(l.arrived, now_seen)) AS f
      WHERE f.hour <> ALL (hours)
      UNION ALL
      SELECT d.day, l.endpoint, COALESCE(l.user_id::text, pg_catalog.host(l.ip_address), 'unknown'), l.response_code, l.response_time_ms, l.rate_limit_hit, ' of day'
      FROM unnest(days) AS d (day)
      JOIN public.api_security_logs AS l ON l."timestamp" >= d.day AND l."timestamp" < d.day + interval '1 day'
      WHERE l.arrived IS NULL OR pg_catalog.pg_visible_in_snapshot(l.arrived, now_seen)
      UNION ALL
      SELECT f.* FROM (
        SELECT pg_catalog.date_bin('1 day', l."timestamp", origin) AS day, l.endpoint, COALESCE(l.user_id::text, pg_catalog.host(l.ip_address), 'unknown'),
               l.response_code, l.response_time_ms, l.rate_limit_hit, ' of day'
        FROM public.api_security_logs AS l
        WHERE l.arrived >= pg_catalog.pg_snapshot_xmin(was) AND l.arrived < pg_catalog.pg_snapshot_xmax(now_seen) AND l."timestamp" >= kept AND l."timestamp" < today
          AND NOT pg_catalog.pg_visible_in_snapshot(l.arrived, was) AND pg_catalog.pg_visible_in_snapshot(l.arrived, now_seen)) AS f
      WHERE f.day <> ALL (days)
    ) AS l
    CROSS JOIN LATERAL (VALUES ('endpoint', COALESCE('=' || l.endpoint, '')), ('client', '=' || l.client), ('status', COALESCE('=' || l.code, ''))) AS k (kind, name)
    GROUP BY l.hour, k.kind || l.of_day, k.name, l.took
  ) AS t
  GROUP BY t.hour, t.kind, t.name
  ON CONFLICT (hour, kind, name) DO UPDATE SET requests = u.requests + EXCLUDED.requests, errors = u.errors + EXCLUDED.errors,
    failures = u.failures + EXCLUDED.failures, limited = u.limited + EXCLUDED.limited,
    (took, counts) = (
      SELECT COALESCE(pg_catalog.array_agg(m.took ORDER BY m.took), '{}'), COALESCE(pg_catalog.array_agg(m.n ORDER BY m.took), '{}')
      FROM (SELECT b.took, sum(b.n)::integer AS n
            FROM (SELECT * FROM unnest(u.took, u.counts) UNION ALL SELECT * FROM unnest(EXCLUDED.took, EXCLUDED.counts)) AS b (took, n)
            GROUP BY b.took) AS m);

  INSERT INTO romashka.log_state AS s (seen, usage, since, days_since, days_until) VALUES (now_seen, true, first, kept, today)
  ON CONFLICT (one) DO UPDATE SET seen = EXCLUDED.seen, usage = true, since = CASE WHEN was IS NULL THEN EXCLUDED.since ELSE s.since END,
    days_since = EXCLUDED.days_since, days_until = EXCLUDED.days_until;
END
$$;

REVOKE ALL ON FUNCTION romashka.count_log() FROM PUBLIC;
COMMENT ON FUNCTION romashka.count_log() IS 'Counts new requests of the API log into slots of five minutes';
$text$;
made := to_regprocedure('romashka.count_log()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'count_log', 'romashka.count_log()', wanted, now(), s.definition
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
