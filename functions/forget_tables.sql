-- function: romashka.forget_tables()
-- Purpose: takes the trigger of Realtime off one table that nobody has wanted to know
--   of for ten minutes: one a call, so that no table is locked for another's sake.
-- Returns: whether it did; false also where the table is in use.
-- Who: the owner, and logins of the sidecar's own, see allow_jobs.
CREATE OR REPLACE FUNCTION romashka.forget_tables()
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' SET lock_timeout = '200ms' AS $$
DECLARE
  item record;
BEGIN
  DELETE FROM romashka.realtime_tables AS t
  WHERE t.watched_until < pg_catalog.clock_timestamp() - interval '1 hour'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = t.relid AND g.tgname = 'romashka_realtime');
  FOR item IN
    SELECT g.tgrelid AS relid, g.tgrelid::regclass::text AS name
    FROM pg_catalog.pg_trigger AS g JOIN pg_catalog.pg_class AS c ON c.oid = g.tgrelid
    WHERE g.tgname = 'romashka_realtime' AND g.tgfoid = 'romashka.note_change()'::regprocedure AND NOT g.tgisinternal
      AND g.tgargs LIKE pg_catalog.convert_to(g.tgrelid::text, 'SQL_ASCII') || '\x0025'::bytea -- not one of its parent's
      AND pg_catalog.pg_has_role(current_user, c.relowner, 'USAGE')
      AND pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('romashka.realtime ' || g.tgrelid, 0))
  LOOP
    CONTINUE WHEN EXISTS (SELECT FROM romashka.realtime_tables AS t
                          WHERE t.relid = item.relid AND t.watched_until > pg_catalog.clock_timestamp() - interval '10 minutes');
    BEGIN
      EXECUTE pg_catalog.format('DROP TRIGGER romashka_realtime ON %s', item.name);
      RETURN true;
    EXCEPTION WHEN lock_not_available OR undefined_object OR undefined_table THEN
      CONTINUE; -- the next call tries again
    END;
  END LOOP;
  RETURN false;
END
$$;

REVOKE ALL ON FUNCTION romashka.forget_tables() FROM PUBLIC;
COMMENT ON FUNCTION romashka.forget_tables() IS 'Takes the trigger of Realtime off a table that nobody watches';
