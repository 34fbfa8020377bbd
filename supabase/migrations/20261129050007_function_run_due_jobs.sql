-- Written by `make generate` from functions/run_due_jobs.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
BEGIN
SELECT encode(sha256(convert_to('64:7d3cc0f38d60645552be4bd72c58cf307c2b44c8cd6b0fc32356b9a54ae01077' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
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
-- Purpose: does what romashka.jobs says is due. Of several callers at once one
--   does a job and the others pass over it, so that any number of replicas may
--   call it, and pg_cron besides. A job that fails keeps what it had, says why in
--   last_failure, does not stop the next one and is tried again ten minutes later.
-- Rows: job, result; one for each job that was due.
-- Who: the owner, and whom he grants it and the use of the schema to: a login of
--   the sidecar's own needs no other right. It runs with the owner's.
CREATE OR REPLACE FUNCTION romashka.run_due_jobs()
RETURNS TABLE (job text, result text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  today   CONSTANT date := (pg_catalog.now() AT TIME ZONE 'UTC')::date;
  -- A bound, so that no transaction is long: what is left is due at once.
  most    CONSTANT integer := 50000;
  due     record;
  deleted bigint;
  more    boolean;
BEGIN
  FOR due IN
    SELECT j.name, j.last_run FROM romashka.jobs AS j WHERE j.next_run <= pg_catalog.now() ORDER BY j.name FOR UPDATE SKIP LOCKED
  LOOP
    job := due.name;
    more := false;
    BEGIN
      IF job = 'daily_metrics' THEN
        -- A conversation of some days ago may be resolved or rated today. The
        -- first time, as far back as any page looks.
        result := romashka.refresh_daily_metrics(COALESCE((due.last_run AT TIME ZONE 'UTC')::date - 7, today - 366), today) || ' days';
      ELSIF job = 'retention' THEN
        SELECT sum(d.deleted_rows), bool_or(d.deleted_rows >= most) INTO deleted, more
        FROM public.cleanup_old_analytics_data(most) AS d;
        result := COALESCE(deleted, 0) || ' rows deleted';
      ELSE
        RAISE EXCEPTION 'no job has this name';
      END IF;
      UPDATE romashka.jobs AS j
      SET last_run = pg_catalog.now(), last_result = result, last_failure = NULL,
          next_run = CASE WHEN more THEN pg_catalog.now() ELSE pg_catalog.now() + j.every END
      WHERE j.name = job;
    EXCEPTION WHEN OTHERS THEN -- a cancelled statement is not among them
      result := 'failed: ' || SQLERRM;
      UPDATE romashka.jobs AS j SET last_failure = SQLERRM, next_run = pg_catalog.now() + LEAST(j.every, interval '10 minutes')
      WHERE j.name = job;
    END;
    RETURN NEXT;
  END LOOP;
END
$$;

REVOKE ALL ON FUNCTION romashka.run_due_jobs() FROM PUBLIC;
COMMENT ON FUNCTION romashka.run_due_jobs() IS 'Counts daily figures and deletes what is kept no longer, when they are due';
$text$;
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'run_due_jobs', 'romashka.run_due_jobs()', wanted, now(), s.definition
FROM (SELECT 'function' AS kind, '' AS relation, p.oid::regprocedure::text AS name,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(' ',
         pg_catalog.pg_get_function_result(p.oid), l.lanname, p.provolatile, p.proisstrict, p.prosecdef, p.proparallel,
         p.proconfig::text, pg_catalog.pg_get_function_arguments(p.oid), p.prosrc), 'UTF8')), 'hex') AS definition
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname IN ('public', 'romashka') AND p.prokind = 'f'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid::regprocedure::text) AS s
WHERE s.name IN ('romashka.run_due_jobs()', 'romashka.run_due_jobs()')
ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END
$romashka$;
