-- function: romashka.renew_jobs(bigint[], interval)
-- Purpose: makes the leases of runs end later. One that is about to be taken over
--   or finished is passed over: nobody waits.
-- Parameters: the runs; how long the leases are good for from now on.
-- Rows: those of the runs that nobody has taken over.
-- Who: the owner, and logins of the sidecar's own, see allow_jobs.
CREATE OR REPLACE FUNCTION romashka.renew_jobs(runs bigint[], lease interval)
RETURNS SETOF bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE romashka.jobs AS j SET lease_until = pg_catalog.clock_timestamp() + lease
  WHERE j.name = ANY (ARRAY(
    SELECT o.name FROM romashka.jobs AS o WHERE o.run = ANY (runs) AND o.lease_until IS NOT NULL FOR NO KEY UPDATE SKIP LOCKED));
  RETURN QUERY SELECT j.run FROM romashka.jobs AS j WHERE j.run = ANY (runs);
END
$$;

REVOKE ALL ON FUNCTION romashka.renew_jobs(bigint[], interval) FROM PUBLIC;
COMMENT ON FUNCTION romashka.renew_jobs(bigint[], interval) IS 'Makes the leases of runs end later; returns those that are still their owner''s';
