-- Written by `make generate` from functions/finish_job.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:cbfeeb2b1528379ad7f7239d1a7fed3c76ca63e2c8f5066fe3d8cb6ad8f59df8' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.finish_job(bigint, text, text, boolean, boolean)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'finish_job' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'finish_job' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.finish_job(bigint, text, text, boolean, boolean)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
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
$text$;
made := to_regprocedure('romashka.finish_job(bigint, text, text, boolean, boolean)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'finish_job', 'romashka.finish_job(bigint, text, text, boolean, boolean)', wanted, now(), s.definition
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
