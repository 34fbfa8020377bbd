-- function: romashka.return_aside()
-- Purpose: puts the rows that partition_begin() set aside back into the API log. A user
--   who is gone meanwhile is NULL, as in the log itself; in a partitioned log a row
--   without a time gets the present one.
-- Rows: none.
-- Who: the owner, by way of partition_abort() and partition_swap().
CREATE OR REPLACE FUNCTION romashka.return_aside()
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  names text;
BEGIN
  UPDATE romashka.api_security_logs_aside AS a SET user_id = NULL
  WHERE a.user_id IS NOT NULL AND NOT EXISTS (SELECT FROM public.profiles AS p WHERE p.id = a.user_id);
  IF EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = 'public.api_security_logs'::regclass AND c.relkind = 'p') THEN
    UPDATE romashka.api_security_logs_aside AS a SET "timestamp" = pg_catalog.now() WHERE a."timestamp" IS NULL;
  END IF;
  SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO names
  FROM pg_catalog.pg_attribute AS a
  WHERE a.attrelid = 'public.api_security_logs'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '';
  EXECUTE pg_catalog.format('INSERT INTO public.api_security_logs (%1$s) SELECT %1$s FROM romashka.api_security_logs_aside', names);
  DROP TABLE romashka.api_security_logs_aside;
END
$$;

REVOKE ALL ON FUNCTION romashka.return_aside() FROM PUBLIC;
COMMENT ON FUNCTION romashka.return_aside() IS 'Puts rows that were set aside back into the API log';
