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
