-- function: romashka.log_days()
-- Purpose: the partitions of the API log.
-- Rows: relation; since, until (NULL for no bound); other, the one for rows that no day
--   has. None where the log is one table.
-- Who: the owner, by way of the functions and checks that look after the log.
CREATE OR REPLACE FUNCTION romashka.log_days()
RETURNS TABLE (relation regclass, since timestamptz, until timestamptz, other boolean)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' SET "TimeZone" = 'UTC' AS $$
  SELECT d.oid::regclass,
         pg_catalog.substring(d.bound, 'FROM \(''([^'']+)''\)')::timestamptz,
         pg_catalog.substring(d.bound, 'TO \(''([^'']+)''\)')::timestamptz,
         d.bound = 'DEFAULT'
  FROM (SELECT c.oid, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound
        FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = pg_catalog.to_regclass('public.api_security_logs') AND c.relispartition) AS d
$$;

REVOKE ALL ON FUNCTION romashka.log_days() FROM PUBLIC;
COMMENT ON FUNCTION romashka.log_days() IS 'The partitions of the API log, with their bounds';
