-- Written by `make generate` from functions/partition_ahead.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:fafbe743231495d2e0cf8e6fd1e9be4beca116897b9f14e9b7fc1159818233de' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.partition_ahead(integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'partition_ahead' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'partition_ahead' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.partition_ahead(integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.partition_ahead(integer)
-- Purpose: makes the partitions of the API log for today and the days to come (UTC) that it
--   does not have. Rows of such a day that have come meanwhile move there from the default
--   partition; a day of which more than 10,000 rows are there already stays there, and any
--   while the log is made one table again, which would miss rows that move.
-- Parameters: how many days ahead.
-- Rows: how many days were made.
-- Locks: SHARE UPDATE EXCLUSIVE on the log, which keeps nobody out, SHARE ROW EXCLUSIVE
--   on the tables that its foreign keys refer to and ACCESS EXCLUSIVE on the default
--   partition, for moments.
-- Who: the owner, by way of the job partitions and partition_swap().
CREATE OR REPLACE FUNCTION romashka.partition_ahead(ahead integer)
RETURNS integer LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET "TimeZone" = 'UTC' AS $$
DECLARE
  most  CONSTANT integer := 10000;
  today CONSTANT timestamptz := pg_catalog.date_trunc('day', pg_catalog.now());
  day   timestamptz;
  rest  regclass;
  late  bigint;
  name  text;
  options text;
  made  integer := 0;
BEGIN
  SELECT d.relation INTO rest FROM romashka.log_days() AS d WHERE d.other;
  FOR i IN 0 .. ahead LOOP
    day := today + pg_catalog.make_interval(days => i);
    CONTINUE WHEN EXISTS (SELECT FROM romashka.log_days() AS d WHERE NOT d.other AND COALESCE(d.since <= day, true) AND COALESCE(d.until > day, true));
    late := 0;
    IF rest IS NOT NULL THEN
      EXECUTE pg_catalog.format('SELECT count(*) FROM (SELECT FROM %s WHERE "timestamp" >= $1 AND "timestamp" < $2 LIMIT $3) AS l', rest)
      INTO late USING day, day + interval '1 day', most + 1;
    END IF;
    CONTINUE WHEN late > most OR late > 0 AND pg_catalog.to_regclass('romashka.api_security_logs_whole') IS NOT NULL;
    name := 'romashka.api_security_logs_' || pg_catalog.to_char(day, 'YYYYMMDD');
    SELECT pg_catalog.array_to_string(c.reloptions, ', ') INTO options
    FROM romashka.log_days() AS d JOIN pg_catalog.pg_class AS c ON c.oid = d.relation WHERE NOT d.other ORDER BY d.until DESC LIMIT 1;
    EXECUTE pg_catalog.format('CREATE TABLE %s (LIKE public.api_security_logs INCLUDING ALL)%s', name, ' WITH (' || options || ')');
    PERFORM romashka.shut_partition(name::regclass);
    IF late > 0 THEN
      EXECUTE pg_catalog.format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', rest);
      EXECUTE pg_catalog.format('WITH moved AS (DELETE FROM %s WHERE "timestamp" >= $1 AND "timestamp" < $2 RETURNING *) INSERT INTO %s SELECT * FROM moved', rest, name)
      USING day, day + interval '1 day';
    END IF;
    EXECUTE pg_catalog.format('ALTER TABLE public.api_security_logs ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', name, day, day + interval '1 day');
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$;

REVOKE ALL ON FUNCTION romashka.partition_ahead(integer) FROM PUBLIC;
COMMENT ON FUNCTION romashka.partition_ahead(integer) IS 'Makes the partitions of the API log for the days to come';
$text$;
made := to_regprocedure('romashka.partition_ahead(integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'partition_ahead', 'romashka.partition_ahead(integer)', wanted, now(), s.definition
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
