-- Written by `make generate` from functions/job_realtime.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:42813a56a856e9bab06c12ac63466654462e57bb66718cbe2143e294785a5f43' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.job_realtime(timestamp with time zone)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'job_realtime' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'job_realtime' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.job_realtime(timestamp with time zone)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.job_realtime(timestamp with time zone)
-- Purpose: the job realtime: removes broadcasts from SQL that are older than three
--   days, as Supabase's server does. Who was listening has them; nobody reads them again.
--   Old partitions go whole, and rows by age. Where Supabase's server keeps the table it
--   is another's, and nothing is done.
-- Parameters: when it was last done; of no use here.
-- Row: result, more; see finish_job.
-- Who: the owner, as whom jobs in SQL run.
CREATE OR REPLACE FUNCTION romashka.job_realtime(last_run timestamptz, OUT result text, OUT more boolean)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET lock_timeout = '2s' AS $$
DECLARE
  most    CONSTANT integer := 10000; -- so that no transaction is long: the rest is due at once
  oldest  CONSTANT timestamp := pg_catalog.timezone('UTC', pg_catalog.now()) - interval '3 days';
  gone    integer := 0;
  removed bigint := 0;
  item    record;
BEGIN
  more := false;
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c
                 WHERE c.oid = pg_catalog.to_regclass('realtime.messages') AND c.relkind IN ('r', 'p')
                   AND pg_catalog.pg_has_role(current_user, c.relowner, 'USAGE')) THEN
    RETURN; -- there is none, or it is Supabase's
  END IF;
  FOR item IN
    SELECT c.oid::regclass::text AS name, pg_catalog.substring(pg_catalog.pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)') AS until
    FROM pg_catalog.pg_inherits AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'realtime.messages'::regclass AND pg_catalog.pg_has_role(current_user, c.relowner, 'USAGE')
  LOOP
    CONTINUE WHEN item.until IS NULL OR item.until::timestamp > oldest;
    EXECUTE pg_catalog.format('DROP TABLE %s', item.name);
    gone := gone + 1;
  END LOOP;
  DELETE FROM realtime.messages AS m
  WHERE (m.id, m.inserted_at) IN (SELECT o.id, o.inserted_at FROM realtime.messages AS o WHERE o.inserted_at < oldest LIMIT most);
  GET DIAGNOSTICS removed = ROW_COUNT;
  more := removed >= most;
  IF removed > 0 OR gone > 0 THEN
    result := pg_catalog.format('%s broadcasts and %s partitions removed', removed, gone);
  END IF;
EXCEPTION WHEN lock_not_available THEN
  result := 'the table is in use, and is tried again';
END
$$;

REVOKE ALL ON FUNCTION romashka.job_realtime(timestamp with time zone) FROM PUBLIC;
COMMENT ON FUNCTION romashka.job_realtime(timestamp with time zone) IS 'The job realtime: old broadcasts go';
$text$;
made := to_regprocedure('romashka.job_realtime(timestamp with time zone)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'job_realtime', 'romashka.job_realtime(timestamp with time zone)', wanted, now(), s.definition
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
