-- Written by `make generate` from functions/register_jobs.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:bb286aa0fc0e6a68356d26c70b038c9076333fcd056c4c6444bd35a65389492b' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.register_jobs(text[], interval[], interval[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'register_jobs' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'register_jobs' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.register_jobs(text[], interval[], interval[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.register_jobs(text[], interval[], interval[])
-- Purpose: brings the sidecar's own jobs into the timetable. A row that is there
--   stays as it is: an admin may have set it.
-- Parameters: names; how often each is due; how long a run may take.
-- Who: the owner, and logins of the sidecar's own, see allow_jobs.
CREATE OR REPLACE FUNCTION romashka.register_jobs(names text[], every interval[], timeouts interval[])
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
  INSERT INTO romashka.jobs (name, every, timeout)
  SELECT n.name, n.every, n.timeout FROM ROWS FROM (
    pg_catalog.unnest(names), pg_catalog.unnest(every), pg_catalog.unnest(timeouts)) AS n (name, every, timeout)
  ON CONFLICT (name) DO NOTHING
$$;

REVOKE ALL ON FUNCTION romashka.register_jobs(text[], interval[], interval[]) FROM PUBLIC;
COMMENT ON FUNCTION romashka.register_jobs(text[], interval[], interval[]) IS 'Brings the sidecar''s own jobs into the timetable';
$text$;
made := to_regprocedure('romashka.register_jobs(text[], interval[], interval[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'register_jobs', 'romashka.register_jobs(text[], interval[], interval[])', wanted, now(), s.definition
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
