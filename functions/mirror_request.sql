-- function: romashka.mirror_request()
-- Purpose: while a partitioned API log is made one table again, each change of a row of it
--   is made to that table, too, whether the row was copied already or not.
-- Rows: none.
-- Who: a trigger of the log between partition_undo_begin() and partition_undo_swap(), for
--   any writer, with the rights of the owner: the table is his alone.
CREATE OR REPLACE FUNCTION romashka.mirror_request()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  names text;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    TRUNCATE romashka.api_security_logs_whole;
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM romashka.api_security_logs_whole AS w WHERE w.id = OLD.id AND w."timestamp" = OLD."timestamp";
  END IF;
  IF TG_OP <> 'DELETE' THEN -- by name: a partition may have its columns in another order
    SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO names
    FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_attribute AS w ON w.attname = a.attname
    WHERE a.attrelid = TG_RELID AND w.attrelid = 'romashka.api_security_logs_whole'::regclass AND a.attnum > 0 AND a.attgenerated = '' AND NOT a.attisdropped;
    EXECUTE pg_catalog.format('INSERT INTO romashka.api_security_logs_whole (%1$s) SELECT %1$s FROM (SELECT ($1).*) AS t', names) USING NEW;
  END IF;
  RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION romashka.mirror_request() FROM PUBLIC;
COMMENT ON FUNCTION romashka.mirror_request() IS 'Makes a change of the API log to the table that takes its place, too';
