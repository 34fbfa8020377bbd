-- Written by `make generate` from functions/partition_swap.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:a0d456eda048a9fc9deefaa7ab8aa1856d089878fa7d3ec9b12964a2db97359e' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.partition_swap(integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'partition_swap' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'partition_swap' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.partition_swap(integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.partition_swap(integer)
-- Purpose: the second half of making the API log a table of partitions. Its table becomes the
--   first of them, with all rows from before the day that partition_begin() promised,
--   and a new one takes its name, columns, rights, policies, triggers, indexes, keys, views
--   and publications. All of it or none: it is one transaction.
-- Parameters: for how many days ahead partitions are made.
-- Rows: none. Errors: whatever of the project's own a partitioned table cannot have.
-- Needs: the constraint romashka_past, validated, and the unique index
--   api_security_logs_past_pkey on id and "timestamp".
-- Locks: ACCESS EXCLUSIVE on the log and SHARE ROW EXCLUSIVE on the tables that its foreign
--   keys refer to, for moments: no row is read but those that were set aside.
-- Who: the owner, by `romashka migrate partition`.
CREATE OR REPLACE FUNCTION romashka.partition_swap(ahead integer)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET "TimeZone" = 'UTC' AS $$
DECLARE
  old     CONSTANT oid := 'public.api_security_logs'::regclass;
  past    CONSTANT text := 'romashka.api_security_logs_past';
  cut     timestamptz;
  after   text[];
  item    record;
  step    text;
BEGIN
  -- In the order in which a deleted user takes them.
  FOR item IN SELECT DISTINCT k.confrelid::regclass AS name FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = old AND k.contype = 'f' ORDER BY 1 LOOP
    EXECUTE pg_catalog.format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', item.name);
  END LOOP;
  LOCK TABLE public.api_security_logs IN ACCESS EXCLUSIVE MODE;
  SELECT pg_catalog.substring(pg_catalog.pg_get_constraintdef(k.oid), '''([^'']+)''')::timestamptz INTO STRICT cut
  FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = old AND k.conname = 'romashka_past' AND k.convalidated;

  -- The definitions name the log, and are carried out when the new table has that name.
  after := ARRAY(SELECT s.text FROM (
    SELECT 1 AS place, i.indexrelid AS number, pg_catalog.pg_get_indexdef(i.indexrelid) AS text
    FROM pg_catalog.pg_index AS i
    WHERE i.indrelid = old AND i.indisvalid AND NOT i.indisprimary AND i.indexrelid <> 'public.api_security_logs_past_pkey'::regclass
      AND NOT (i.indisunique AND i.indnkeyatts = 1 AND i.indkey[0] = (SELECT a.attnum FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = old AND a.attname = 'id'))
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.indexrelid AND k.conrelid = old)
    UNION ALL
    SELECT 2, k.oid, pg_catalog.format('ALTER TABLE public.api_security_logs ADD CONSTRAINT %I %s', k.conname, pg_catalog.pg_get_constraintdef(k.oid))
    FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = old AND (k.contype = 'f' OR k.contype = 'u' AND cardinality(k.conkey) > 1)
    UNION ALL
    SELECT d.place, d.number, d.text FROM romashka.log_definitions(past) AS d
  ) AS s ORDER BY s.place, s.number);

  FOR item IN SELECT t.tgname AS name FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = old AND NOT t.tgisinternal LOOP
    EXECUTE pg_catalog.format('DROP TRIGGER %I ON public.api_security_logs', item.name); -- each partition gets the log's
  END LOOP;
  FOR item IN SELECT p.polname AS name FROM pg_catalog.pg_policy AS p WHERE p.polrelid = old LOOP
    EXECUTE pg_catalog.format('DROP POLICY %I ON public.api_security_logs', item.name);
  END LOOP;
  FOR item IN
    SELECT k.conname AS name FROM pg_catalog.pg_constraint AS k
    WHERE k.conrelid = old AND (k.contype = 'p' OR k.contype = 'u' AND cardinality(k.conkey) = 1)
  LOOP
    EXECUTE pg_catalog.format('ALTER TABLE public.api_security_logs DROP CONSTRAINT %I', item.name);
  END LOOP;
  ALTER TABLE public.api_security_logs ALTER COLUMN id SET NOT NULL, ALTER COLUMN "timestamp" SET NOT NULL;
  ALTER TABLE public.api_security_logs ADD CONSTRAINT api_security_logs_past_pkey PRIMARY KEY USING INDEX api_security_logs_past_pkey;
  ALTER TABLE public.api_security_logs RENAME TO api_security_logs_past;
  ALTER TABLE public.api_security_logs_past SET SCHEMA romashka;

  CREATE TABLE public.api_security_logs (LIKE romashka.api_security_logs_past INCLUDING ALL EXCLUDING INDEXES) PARTITION BY RANGE ("timestamp");
  ALTER TABLE public.api_security_logs DROP CONSTRAINT romashka_past, ADD CONSTRAINT api_security_logs_pkey PRIMARY KEY (id, "timestamp");
  EXECUTE pg_catalog.format('ALTER TABLE public.api_security_logs OWNER TO %I', (SELECT pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class AS c WHERE c.oid = old));
  FOR item IN -- of default privileges, which are not the log's
    SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS name
    FROM pg_catalog.pg_class AS c, pg_catalog.aclexplode(c.relacl) AS a WHERE c.oid = 'public.api_security_logs'::regclass AND a.grantee <> c.relowner
  LOOP
    EXECUTE pg_catalog.format('REVOKE ALL ON public.api_security_logs FROM %s', item.name);
  END LOOP;
  FOREACH step IN ARRAY after LOOP
    EXECUTE step;
  END LOOP;
  CREATE TRIGGER romashka_place BEFORE INSERT ON public.api_security_logs FOR EACH ROW
    WHEN ((current_user <> session_user OR current_setting('request.jwt.claims', true) <> '')
      AND (NEW."timestamp" AT TIME ZONE 'UTC')::date IS DISTINCT FROM (now() AT TIME ZONE 'UTC')::date)
    EXECUTE FUNCTION romashka.place_request();

  EXECUTE pg_catalog.format('ALTER TABLE public.api_security_logs ATTACH PARTITION %s FOR VALUES FROM (MINVALUE) TO (%L)', past, cut);
  ALTER TABLE romashka.api_security_logs_past DROP CONSTRAINT romashka_past;
  CREATE TABLE romashka.api_security_logs_other PARTITION OF public.api_security_logs DEFAULT;
  PERFORM romashka.shut_partition(past::regclass), romashka.shut_partition('romashka.api_security_logs_other');
  PERFORM romashka.partition_ahead(ahead);
  PERFORM romashka.return_aside();
  DELETE FROM romashka.realtime_tables AS t WHERE t.relid = old;
END
$$;

REVOKE ALL ON FUNCTION romashka.partition_swap(integer) FROM PUBLIC;
COMMENT ON FUNCTION romashka.partition_swap(integer) IS 'Makes the API log a table of partitions';
$text$;
made := to_regprocedure('romashka.partition_swap(integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'partition_swap', 'romashka.partition_swap(integer)', wanted, now(), s.definition
FROM (SELECT 'function' AS kind, '' AS relation, p.oid::regprocedure::text AS name,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(' ',
         pg_catalog.pg_get_function_result(p.oid), l.lanname, p.provolatile, p.proisstrict, p.prosecdef, p.proparallel,
         p.proconfig::text, pg_catalog.pg_get_function_arguments(p.oid), p.prosrc), 'UTF8')), 'hex') AS definition
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname IN ('public', 'romashka') AND p.prokind = 'f' AND (made::oid IS NULL OR p.oid = made::oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid::regprocedure::text) AS s
ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END
$romashka$;
