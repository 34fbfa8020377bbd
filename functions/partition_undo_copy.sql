-- function: romashka.partition_undo_copy(regclass, bigint, bigint)
-- Purpose: copies the rows of some pages of a partition of the API log into the table that
--   takes its place. A row that changes meanwhile is waited for, one that comes
--   meanwhile has come by the trigger.
-- Parameters: the partition; the first page, and the one after the last.
-- Rows: how many rows were copied.
-- Locks: FOR SHARE on those rows, until the end of the transaction.
-- Who: the owner, by `romashka migrate partition --undo`, in a transaction that is READ COMMITTED.
CREATE OR REPLACE FUNCTION romashka.partition_undo_copy(part regclass, first bigint, until bigint)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  names  text;
  copied bigint;
BEGIN
  SELECT pg_catalog.string_agg(pg_catalog.quote_ident(w.attname), ', ' ORDER BY w.attnum) INTO names
  FROM pg_catalog.pg_attribute AS w
  WHERE w.attrelid = 'romashka.api_security_logs_whole'::regclass AND w.attnum > 0 AND w.attgenerated = '' AND NOT w.attisdropped;
  EXECUTE pg_catalog.format(
    'INSERT INTO romashka.api_security_logs_whole (%1$s)
     SELECT %1$s FROM ONLY %2$s WHERE ctid >= %3$L::tid AND ctid < %4$L::tid FOR SHARE
     ON CONFLICT (id, "timestamp") DO NOTHING',
    names, part, pg_catalog.format('(%s,0)', first), pg_catalog.format('(%s,0)', until));
  GET DIAGNOSTICS copied = ROW_COUNT;
  RETURN copied;
END
$$;

REVOKE ALL ON FUNCTION romashka.partition_undo_copy(regclass, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION romashka.partition_undo_copy(regclass, bigint, bigint) IS 'Copies rows of a partition of the API log into the table that takes its place';
