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
