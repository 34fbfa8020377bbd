-- function: romashka.drop_log_days(timestamp with time zone)
-- Purpose: drops the partitions of the API log all rows of which are from before a time. One
--   that is in use at the moment stays for the next call, and so do all while the log is
--   made one table again, which has their rows already.
-- Parameters: the time.
-- Rows: how many rows went.
-- Locks: ACCESS EXCLUSIVE on the log until the end of the transaction, after half a second
--   of waiting at most: call it last.
-- Who: the owner, by way of cleanup_old_analytics_data(), which knows the period.
CREATE OR REPLACE FUNCTION romashka.drop_log_days(before timestamptz)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET lock_timeout = '500ms' AS $$
DECLARE
  day  record;
  here bigint;
  gone bigint := 0;
BEGIN
  IF pg_catalog.to_regclass('romashka.api_security_logs_whole') IS NOT NULL THEN
    RETURN 0;
  END IF;
  FOR day IN SELECT d.relation FROM romashka.log_days() AS d WHERE NOT d.other AND d.until <= before ORDER BY d.until LOOP
    BEGIN
      EXECUTE pg_catalog.format('LOCK TABLE ONLY %s IN SHARE MODE', day.relation); -- so that the count is that of what goes
      EXECUTE pg_catalog.format('SELECT count(*) FROM ONLY %s', day.relation) INTO here;
      EXECUTE pg_catalog.format('DROP TABLE %s', day.relation);
      gone := gone + here;
    EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
      EXIT;
    END;
  END LOOP;
  RETURN gone;
END
$$;

REVOKE ALL ON FUNCTION romashka.drop_log_days(timestamptz) FROM PUBLIC;
COMMENT ON FUNCTION romashka.drop_log_days(timestamptz) IS 'Drops the days of the API log that are over';
