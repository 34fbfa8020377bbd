-- function: romashka.job_realtime(timestamp with time zone)
-- Purpose: the job realtime: removes broadcasts from SQL that are older than three
--   days, as Supabase's server does. Who was listening has them; nobody reads them again.
--   Old partitions go whole, and rows by age. Where Supabase's server keeps the table it
--   is another's, and nothing is done.
-- Parameters: when it was last done; of no use here.
-- Row: result, more; see finish_job.
-- Who: the owner, as whom jobs in SQL run.
CREATE OR REPLACE FUNCTION romashka.job_realtime(last_run timestamptz, OUT result text, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET lock_timeout = '2s' AS $$
DECLARE
  most    CONSTANT integer := 10000; -- so that no transaction is long: the rest is due at once
  oldest  CONSTANT timestamp := pg_catalog.timezone('UTC', pg_catalog.now()) - interval '3 days';
  gone    integer := 0;
  removed bigint := 0;
  item    record;
BEGIN
  more := false;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c
                 WHERE c.oid = pg_catalog.to_regclass('realtime.messages') AND c.relkind IN ('r', 'p')
                   AND pg_catalog.pg_has_role(current_user, c.relowner, 'USAGE')) THEN
    RETURN; -- there is none, or it is Supabase's
  END IF;
  FOR item IN
    SELECT c.oid::regclass::text AS name, pg_catalog.substring(pg_catalog.pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)') AS until
    FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'realtime.messages'::regclass AND pg_catalog.pg_has_role(current_user, c.relowner, 'USAGE')
  LOOP
    CONTINUE WHEN item.until IS NULL OR item.until::timestamp > oldest;
    EXECUTE pg_catalog.format('DROP TABLE %s', item.name);
    gone := gone + 1;
  END LOOP;
  DELETE FROM realtime.messages AS m
  WHERE (m.id, m.inserted_at) IN (SELECT o.id, o.inserted_at FROM realtime.messages AS o WHERE o.inserted_at < oldest LIMIT most);
  GET DIAGNOSTICS removed = ROW_COUNT;
  more := removed >= most;
  IF removed > 0 OR gone > 0 THEN
    result := pg_catalog.format('%s broadcasts and %s partitions removed', removed, gone);
  END IF;
EXCEPTION WHEN lock_not_available THEN
  result := 'the table is in use, and is tried again';
END
$$;

REVOKE ALL ON FUNCTION romashka.job_realtime(timestamp with time zone) FROM PUBLIC;
COMMENT ON FUNCTION romashka.job_realtime(timestamp with time zone) IS 'The job realtime: old broadcasts go';
