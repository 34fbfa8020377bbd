-- Written by `make generate` from functions/claim_job.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:798e7a0ec87196e130c08fa8a00c1983517d6d3b9148a69906aae3bb9c447737' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.claim_job(text, interval, text[], text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'claim_job' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'claim_job' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.claim_job(text, interval, text[], text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
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
$text$;
made := to_regprocedure('romashka.claim_job(text, interval, text[], text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'claim_job', 'romashka.claim_job(text, interval, text[], text)', wanted, now(), s.definition
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
