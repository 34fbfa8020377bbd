-- function: romashka.run_due_jobs()
-- Purpose: does the jobs of romashka.jobs that are due and have a function, for
--   pg_cron, or whoever else calls it. Of several callers at once one does a job
--   and the others pass over it, and over jobs that the sidecar has a lease for, so that
--   any number of them may be at work. A job that fails keeps its rows, says why
--   in last_failure, does not stop the next one and is tried again later.
-- Rows: job, result; one for each job that was due.
-- Who: the owner, and whom he grants it and the use of the schema to. It runs with
--   the owner's rights.
CREATE OR REPLACE FUNCTION romashka.run_due_jobs()
RETURNS TABLE (job text, result text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  -- The lease of one transaction is its lock: no other sees the row's before the end.
  lease CONSTANT interval := '1 day';
  due   record;
  this  record;
BEGIN
  FOR due IN
    SELECT j.name FROM romashka.jobs AS j
    WHERE j.function IS NOT NULL AND j.next_run <= pg_catalog.now()
      AND (j.lease_until IS NULL OR j.lease_until <= pg_catalog.clock_timestamp())
    ORDER BY j.name FOR UPDATE SKIP LOCKED
  LOOP
    SELECT c.* INTO this FROM romashka.claim_job('run_due_jobs() by ' || session_user, lease, '{}', due.name) AS c;
    CONTINUE WHEN NOT FOUND;
    job := due.name;
    BEGIN
      SELECT r.result INTO result FROM romashka.run_claimed_job(this.run) AS r;
    EXCEPTION WHEN OTHERS THEN -- a cancelled statement is not among them
      result := 'failed: ' || SQLERRM;
      PERFORM romashka.finish_job(this.run, 'failed', SQLERRM);
    END;
    RETURN NEXT;
  END LOOP;
END
$$;

REVOKE ALL ON FUNCTION romashka.run_due_jobs() FROM PUBLIC;
COMMENT ON FUNCTION romashka.run_due_jobs() IS 'Does the jobs of romashka.jobs that are due and have a function';

-- A login that could run the jobs before they were claimed one by one still can.
DO $logins$
DECLARE
  login regrole;
BEGIN
  FOR login IN
    SELECT a.grantee::regrole FROM pg_catalog.pg_proc AS p, pg_catalog.aclexplode(p.proacl) AS a
    WHERE p.oid = 'romashka.run_due_jobs()'::regprocedure AND a.privilege_type = 'EXECUTE' AND a.grantee NOT IN (0, p.proowner)
  LOOP
    PERFORM romashka.allow_jobs(login);
  END LOOP;
END
$logins$;
