-- function: romashka.partition_undo_begin()
-- Purpose: the first step of making a partitioned API log one table again: an empty table
--   beside it, which has each change of the log from now on.
-- Rows: none.
-- Locks: SHARE ROW EXCLUSIVE on the log and its partitions, for moments: who writes is waited
--   for, so that each row is either there to be copied or comes by the trigger.
-- Who: the owner, by `romashka migrate partition --undo`.
CREATE OR REPLACE FUNCTION romashka.partition_undo_begin()
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  options text;
BEGIN
  LOCK TABLE public.api_security_logs IN SHARE ROW EXCLUSIVE MODE;
  SELECT pg_catalog.array_to_string(c.reloptions, ', ') INTO options
  FROM romashka.log_days() AS d JOIN pg_catalog.pg_class AS c ON c.oid = d.relation WHERE NOT d.other ORDER BY d.until DESC LIMIT 1;
  EXECUTE 'CREATE TABLE romashka.api_security_logs_whole (LIKE public.api_security_logs INCLUDING ALL EXCLUDING INDEXES)' || COALESCE(' WITH (' || options || ')', '');
  EXECUTE pg_catalog.format('ALTER TABLE romashka.api_security_logs_whole OWNER TO %I',
    (SELECT pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class AS c WHERE c.oid = 'public.api_security_logs'::regclass));
  PERFORM romashka.shut_partition('romashka.api_security_logs_whole');
  ALTER TABLE romashka.api_security_logs_whole ADD CONSTRAINT api_security_logs_whole_days PRIMARY KEY (id, "timestamp");
  CREATE TRIGGER romashka_mirror AFTER INSERT OR UPDATE OR DELETE ON public.api_security_logs
    FOR EACH ROW EXECUTE FUNCTION romashka.mirror_request();
  CREATE TRIGGER romashka_mirror_emptied AFTER TRUNCATE ON public.api_security_logs
    FOR EACH STATEMENT EXECUTE FUNCTION romashka.mirror_request();
END
$$;

REVOKE ALL ON FUNCTION romashka.partition_undo_begin() FROM PUBLIC;
COMMENT ON FUNCTION romashka.partition_undo_begin() IS 'Begins to make a partitioned API log one table again';
