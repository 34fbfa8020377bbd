-- Written by `make generate` from functions/renew_jobs.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:495f5dabf8022eb2e38ab3f686ae8d58c3e4cef53a170d9666d6ced17a031a8c' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.renew_jobs(bigint[], interval)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'renew_jobs' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'renew_jobs' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.renew_jobs(bigint[], interval)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.renew_jobs(bigint[], interval)
-- Purpose: makes the leases of runs end later. One that is about to be taken over
--   or finished is passed over: nobody waits.
-- Parameters: the runs; how long the leases are good for from now on.
-- Rows: those of the runs that nobody has taken over.
-- Who: the owner, and logins of the sidecar's own, see allow_jobs.
CREATE OR REPLACE FUNCTION romashka.renew_jobs(runs bigint[], lease interval)
RETURNS SETOF bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  UPDATE romashka.jobs AS j SET lease_until = pg_catalog.clock_timestamp() + lease
  WHERE j.name = ANY (ARRAY(
    SELECT o.name FROM romashka.jobs AS o WHERE o.run = ANY (runs) AND o.lease_until IS NOT NULL FOR NO KEY UPDATE SKIP LOCKED));
  RETURN QUERY SELECT j.run FROM romashka.jobs AS j WHERE j.run = ANY (runs);
END
$$;

REVOKE ALL ON FUNCTION romashka.renew_jobs(bigint[], interval) FROM PUBLIC;
COMMENT ON FUNCTION romashka.renew_jobs(bigint[], interval) IS 'Makes the leases of runs end later; returns those that are still their owner''s';
$text$;
made := to_regprocedure('romashka.renew_jobs(bigint[], interval)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'renew_jobs', 'romashka.renew_jobs(bigint[], interval)', wanted, now(), s.definition
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
