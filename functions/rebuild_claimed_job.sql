-- function: romashka.rebuild_claimed_job(bigint)
-- Purpose: does the job of a run that claim_job gave from scratch: calls the function
--   romashka.rebuild_NAME, and ends the run. See run_claimed_job.
-- Parameters: the run.
-- Row: result, more; see finish_job. An error of the function is the caller's.
-- Errors: 55006 (object in use) where the run has lost its job.
-- Who: the owner, and logins of the sidecar's own, see allow_jobs. The function
--   runs with the owner's rights.
CREATE OR REPLACE FUNCTION romashka.rebuild_claimed_job(claimed bigint, OUT result text, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  this romashka.jobs;
BEGIN
  SELECT j.* INTO this FROM romashka.jobs AS j WHERE j.run = claimed AND j.lease_until IS NOT NULL AND j.function IS NOT NULL;
  IF FOUND THEN
    EXECUTE pg_catalog.format('SELECT f.result, f.more FROM romashka.%I() AS f', 'rebuild_' || this.name) INTO result, more;
    more := COALESCE(more, false);
  END IF;
  IF this.name IS NULL OR NOT romashka.finish_job(claimed, 'succeeded', result, more) THEN
    RAISE EXCEPTION 'run % has lost its job to another', claimed USING ERRCODE = 'object_in_use';
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.rebuild_claimed_job(bigint) FROM PUBLIC;
COMMENT ON FUNCTION romashka.rebuild_claimed_job(bigint) IS 'Does the job of a run that was claimed from scratch, and ends the run';
