-- function: romashka.place_request()
-- Purpose: a row of the API log that comes by the API has the present time
--   (romashka.stamp_evidence), whatever time it names. In a partitioned log it was put
--   into the day that it names, where it cannot stay: it is inserted anew.
-- Rows: NULL, and so nothing for RETURNING, where the row goes to another partition.
-- Who: a trigger of a partitioned log, for the writer of the row and with his rights.
CREATE OR REPLACE FUNCTION romashka.place_request()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  fits  boolean;
  names text;
BEGIN
  IF pg_catalog.pg_has_role(current_user, (SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid = TG_RELID), 'MEMBER') THEN
    RETURN NEW; -- who is not stamped
  END IF;
  NEW."timestamp" := pg_catalog.now();
  EXECUTE 'SELECT ' || pg_catalog.pg_get_partition_constraintdef(TG_RELID) || ' FROM (SELECT ($1).*) AS t' INTO fits USING NEW;
  IF fits THEN
    RETURN NEW;
  END IF;
  SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO names
  FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = TG_RELID AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '';
  EXECUTE pg_catalog.format('INSERT INTO public.api_security_logs (%1$s) SELECT %1$s FROM (SELECT ($1).*) AS t', names) USING NEW;
  RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION romashka.place_request() FROM PUBLIC;
COMMENT ON FUNCTION romashka.place_request() IS 'Puts a row that comes by the API into the partition of the present day';
