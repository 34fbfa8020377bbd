-- function: romashka.claim_job(text, interval, text[], text)
-- Purpose: gives one job that is due to whoever calls, until the lease ends or
--   the run is finished. A job that another has, or is at in a transaction, is
--   passed over; one whose owner let his lease end is given away again.
-- Parameters: who calls, as the history will show it; how long the lease is good
--   for; the names of the jobs without a function that the caller knows; the name
--   of a job that is wanted now, due or not, NULL: the one that has waited longest.
-- Rows: none, or one: job, run (the number that is asked for from here on),
--   in_sql (it has a function), timeout, last_run.
-- Who: the owner, and logins of the sidecar's own, see allow_jobs.
CREATE OR REPLACE FUNCTION romashka.claim_job(caller text, lease interval, known text[], wanted text DEFAULT NULL)
RETURNS TABLE (job text, run bigint, in_sql boolean, timeout interval, last_run timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  due romashka.jobs;
BEGIN
  SELECT j.* INTO due FROM romashka.jobs AS j
  WHERE (j.function IS NOT NULL OR j.name = ANY (known))
    AND (j.name = wanted
      OR wanted IS NULL AND j.next_run <= pg_catalog.clock_timestamp()
      OR wanted IS NULL AND j.next_run < 'infinity' AND j.lease_until IS NOT NULL) -- begun, and not finished
    AND (j.lease_until IS NULL OR j.lease_until <= pg_catalog.clock_timestamp())
  ORDER BY j.next_run, j.name LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF due.lease_until IS NOT NULL THEN
    INSERT INTO romashka.job_runs (id, job, owner, started_at, outcome, result)
    VALUES (due.run, due.name, due.owner, due.started_at, 'lost', 'its owner was gone');
  END IF;
  RETURN QUERY
    UPDATE romashka.jobs AS j
    SET run = pg_catalog.nextval('romashka.job_runs_id_seq'), owner = caller,
        started_at = pg_catalog.clock_timestamp(), lease_until = pg_catalog.clock_timestamp() + lease
    WHERE j.name = due.name
    RETURNING j.name, j.run, j.function IS NOT NULL, j.timeout, j.last_run;
END
$$;

REVOKE ALL ON FUNCTION romashka.claim_job(text, interval, text[], text) FROM PUBLIC;
COMMENT ON FUNCTION romashka.claim_job(text, interval, text[], text) IS 'Gives one job that is due to the caller, with a lease';
