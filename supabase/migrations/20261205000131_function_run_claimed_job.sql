-- Written by `make generate` from functions/run_claimed_job.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:32ded8d9758f85781e1b80fa2f43464bfc382de4ef5566c4ba436ef853ef6302' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.run_claimed_job(bigint)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'run_claimed_job' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'run_claimed_job' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.run_claimed_job(bigint)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
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
$text$;
made := to_regprocedure('romashka.run_claimed_job(bigint)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'run_claimed_job', 'romashka.run_claimed_job(bigint)', wanted, now(), s.definition
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
