-- function: romashka.finish_job(bigint, text, text, boolean, boolean)
-- Purpose: ends a run: gives the lease back, says when the job is due again, and
--   writes the history.
-- Parameters: the run; succeeded, failed or stopped; its work, or why it
--   failed; more, there is more to do, and it is due at once; quiet, there was
--   nothing to do, and the history has no use for a row.
-- Result: false, and nothing is done, where another has taken the job over. A
--   lease that is renewed at this moment is waited for, at most 5 s for whoever
--   else has the row.
-- Who: the owner, and logins of the sidecar's own, see allow_jobs.
CREATE OR REPLACE FUNCTION romashka.finish_job(finished bigint, outcome text, result text, more boolean DEFAULT false, quiet boolean DEFAULT false)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' SET lock_timeout = '5s' AS $$
DECLARE
  this  romashka.jobs;
  pause interval;
BEGIN
  BEGIN
    SELECT j.* INTO this FROM romashka.jobs AS j WHERE j.run = finished AND j.lease_until IS NOT NULL FOR NO KEY UPDATE;
  EXCEPTION WHEN lock_not_available THEN
    RETURN false; -- somebody is at the job in a transaction
  END;
  IF this.name IS NULL THEN
    RETURN false;
  END IF;
  -- After a failure it is tried again, each time later: up to a minute, or where
  -- it is due less often than that, after ten minutes at most.
  pause := LEAST(this.every, interval '10 minutes');
  pause := LEAST(pause * pg_catalog.power(2, LEAST(this.failures, 10)), GREATEST(pause, interval '1 minute'));
  UPDATE romashka.jobs AS j SET
    lease_until = NULL,
    next_run = CASE
      WHEN j.next_run = 'infinity' OR outcome = 'stopped' THEN j.next_run
      WHEN outcome = 'failed' THEN pg_catalog.clock_timestamp() + pause
      WHEN more THEN pg_catalog.clock_timestamp()
      ELSE pg_catalog.clock_timestamp() + j.every END,
    failures     = CASE outcome WHEN 'succeeded' THEN 0 WHEN 'failed' THEN j.failures + 1 ELSE j.failures END,
    last_run     = CASE outcome WHEN 'succeeded' THEN j.started_at ELSE j.last_run END,
    last_result  = CASE outcome WHEN 'succeeded' THEN COALESCE(result, j.last_result) ELSE j.last_result END,
    last_failure = CASE outcome WHEN 'succeeded' THEN NULL WHEN 'failed' THEN result ELSE j.last_failure END
  WHERE j.name = this.name;
  IF NOT quiet THEN
    INSERT INTO romashka.job_runs (id, job, owner, started_at, outcome, result)
    VALUES (finished, this.name, this.owner, this.started_at, outcome, result);
  END IF;
  RETURN true;
END
$$;

REVOKE ALL ON FUNCTION romashka.finish_job(bigint, text, text, boolean, boolean) FROM PUBLIC;
COMMENT ON FUNCTION romashka.finish_job(bigint, text, text, boolean, boolean) IS 'Ends a run of a job: gives the lease back, plans the next run, writes the history';
