-- function: romashka.run_claimed_job(bigint)
-- Purpose: does the job of a run that claim_job gave, calls the function that the
--   timetable names, and ends the run. All of it is one transaction of the caller:
--   where another has taken the job over meanwhile, nothing of it stays.
-- Parameters: the run.
-- Row: result, more; see finish_job. Without a result there was nothing to do, and the
--   history has no use for it. An error of the function is the caller's.
-- Errors: 55006 (object in use) where the run has lost its job.
-- Who: the owner, and logins of the sidecar's own, see allow_jobs. The function
--   runs with the owner's rights.
CREATE OR REPLACE FUNCTION romashka.run_claimed_job(claimed bigint, OUT result text, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  this romashka.jobs;
BEGIN
  SELECT j.* INTO this FROM romashka.jobs AS j WHERE j.run = claimed AND j.lease_until IS NOT NULL AND j.function IS NOT NULL;
  IF FOUND THEN
    EXECUTE pg_catalog.format('SELECT f.result, f.more FROM romashka.%I($1) AS f', this.function) INTO result, more USING this.last_run;
    more := COALESCE(more, false);
  END IF;
  IF this.name IS NULL OR NOT romashka.finish_job(claimed, 'succeeded', result, more, result IS NULL) THEN
    RAISE EXCEPTION 'run % has lost its job to another', claimed USING ERRCODE = 'object_in_use';
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.run_claimed_job(bigint) FROM PUBLIC;
COMMENT ON FUNCTION romashka.run_claimed_job(bigint) IS 'Does the job of a run that was claimed, and ends the run';
