-- function: romashka.partition_begin(timestamp with time zone)
-- Purpose: the first half of making the API log a table of partitions: promises that each
--   of its rows is from before a day, by a constraint that is not checked yet. Rows of a
--   later day wait in a table of their own; there are few, since they are dated ahead.
-- Parameters: the day, its beginning in UTC.
-- Rows: how many rows wait.
-- Locks: ACCESS EXCLUSIVE on the log, for moments. Validating the constraint comes
--   afterwards, and keeps nobody out.
-- Who: the owner, by `romashka migrate partition`. Until partition_swap() no row of the day
--   can come, so the job partitions takes it back in time (partition_abort).
CREATE OR REPLACE FUNCTION romashka.partition_begin(cut timestamptz)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET "TimeZone" = 'UTC' AS $$
DECLARE
  aside bigint;
BEGIN
  LOCK TABLE public.api_security_logs IN ACCESS EXCLUSIVE MODE;
  PERFORM romashka.partition_abort();
  CREATE TABLE romashka.api_security_logs_aside (LIKE public.api_security_logs);
  PERFORM romashka.shut_partition('romashka.api_security_logs_aside');
  WITH moved AS (DELETE FROM public.api_security_logs AS l WHERE l."timestamp" >= cut OR l."timestamp" IS NULL RETURNING l.*)
  INSERT INTO romashka.api_security_logs_aside SELECT m.* FROM moved AS m;
  GET DIAGNOSTICS aside = ROW_COUNT;
  EXECUTE pg_catalog.format(
    'ALTER TABLE public.api_security_logs ADD CONSTRAINT romashka_past CHECK ("timestamp" IS NOT NULL AND "timestamp" < %L) NOT VALID', cut);
  RETURN aside;
END
$$;

REVOKE ALL ON FUNCTION romashka.partition_begin(timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION romashka.partition_begin(timestamptz) IS 'Begins to make the API log a table of partitions';
