-- Written by `make generate` from functions/run_due_jobs.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:fd3622d090c1668a1c99de5f6795cea2e10689c578eaf7aa28ee180755266723' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.run_due_jobs()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'run_due_jobs' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'run_due_jobs' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.run_due_jobs()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
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
$text$;
made := to_regprocedure('romashka.run_due_jobs()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'run_due_jobs', 'romashka.run_due_jobs()', wanted, now(), s.definition
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
