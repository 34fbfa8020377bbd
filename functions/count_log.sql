-- function: romashka.count_log()
-- Purpose: counts the requests that came since the last call into romashka.log_slots,
--   and anew the slots in which rows were judged or deleted. The first call, and one
--   whose snapshot is of another cluster, counts the last two days.
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
BEGIN
  IF NOT pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('romashka.log_slots', 0)) THEN
    RETURN;
  END IF;
  now_seen := pg_catalog.pg_current_snapshot();
  was := (SELECT s.seen FROM romashka.log_state AS s WHERE pg_catalog.pg_snapshot_xmax(s.seen) <= pg_catalog.pg_snapshot_xmax(now_seen));
  DELETE FROM romashka.log_slots AS s WHERE was IS NULL OR s.slot < since;
  WITH noted AS (DELETE FROM romashka.log_changes RETURNING slot)
  SELECT COALESCE(pg_catalog.array_agg(DISTINCT n.slot), '{}') INTO anew FROM noted AS n WHERE n.slot >= since;
  DELETE FROM romashka.log_slots AS s WHERE s.slot = ANY (anew);

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

  INSERT INTO romashka.log_state (seen) VALUES (now_seen) ON CONFLICT (one) DO UPDATE SET seen = EXCLUDED.seen;
END
$$;

REVOKE ALL ON FUNCTION romashka.count_log() FROM PUBLIC;
COMMENT ON FUNCTION romashka.count_log() IS 'Counts new requests of the API log into slots of five minutes';
