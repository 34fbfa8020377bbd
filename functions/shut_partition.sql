-- function: romashka.shut_partition(regclass)
-- Purpose: leaves a table of the API log's rows to its owner, since rights and policies are
--   those of the log, and has it written to the write-ahead log as the log itself says.
-- Parameters: the table, a partition or one that will be.
-- Rows: none.
-- Who: the owner, by way of the functions that make partitions.
CREATE OR REPLACE FUNCTION romashka.shut_partition(part regclass)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  item record;
BEGIN
  FOR item IN
    SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS name
    FROM pg_catalog.pg_class AS c, pg_catalog.aclexplode(c.relacl) AS a WHERE c.oid = part AND a.grantee <> c.relowner
    UNION
    SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END
    FROM pg_catalog.pg_attribute AS t, pg_catalog.aclexplode(t.attacl) AS a WHERE t.attrelid = part
  LOOP
    EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %s', part, item.name);
  END LOOP;
  EXECUTE pg_catalog.format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part);
  IF EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = 'public.api_security_logs'::regclass AND c.relreplident = 'f') THEN
    EXECUTE pg_catalog.format('ALTER TABLE %s REPLICA IDENTITY FULL', part);
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.shut_partition(regclass) FROM PUBLIC;
COMMENT ON FUNCTION romashka.shut_partition(regclass) IS 'Leaves a partition of the API log to its owner';
