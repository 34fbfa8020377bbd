-- Written by `make generate` from functions/hold_job.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:686cb884ee155ced2d8942272f9cd0042b6ad4de850aa9ad5391c138da34f3ed' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.hold_job(bigint)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'hold_job' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'hold_job' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.hold_job(bigint)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.hold_job(bigint)
-- Purpose: reports whether a run still has its job, and if so, keeps it from being
--   taken over until the transaction ends. Last in a transaction it makes sure
--   that nothing is written by one who is the owner no more.
-- Parameters: the run.
-- Who: the owner, and logins of the sidecar's own, see allow_jobs.
CREATE OR REPLACE FUNCTION romashka.hold_job(held bigint)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  -- KEY SHARE: the lease may be renewed meanwhile, and not be given away.
  PERFORM FROM romashka.jobs AS j WHERE j.run = held AND j.lease_until IS NOT NULL FOR KEY SHARE SKIP LOCKED;
  RETURN FOUND;
END
$$;

REVOKE ALL ON FUNCTION romashka.hold_job(bigint) FROM PUBLIC;
COMMENT ON FUNCTION romashka.hold_job(bigint) IS 'Reports whether a run still has its job, and keeps it so until the transaction ends';
$text$;
made := to_regprocedure('romashka.hold_job(bigint)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'hold_job', 'romashka.hold_job(bigint)', wanted, now(), s.definition
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
