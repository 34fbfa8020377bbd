-- Written by `make generate` from functions/allow_jobs.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
BEGIN
SELECT encode(sha256(convert_to('64:8c58f152ecf74ea7776eb845db9fce25f190b7bc48f38b8dca592e1f445af520' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.allow_jobs(regrole)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'allow_jobs' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'allow_jobs' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.allow_jobs(regrole)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.allow_jobs(regrole)
-- Purpose: lets a login of the sidecar's own run jobs and read of them. Jobs in
--   SQL run with the owner's rights; those of the sidecar with the login's, which
--   needs besides what they read and write.
-- Parameters: the role.
-- Who: the owner alone.
CREATE OR REPLACE FUNCTION romashka.allow_jobs(login regrole)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA romashka TO %s', login);
  EXECUTE pg_catalog.format('GRANT SELECT ON romashka.jobs, romashka.job_runs TO %s', login);
  EXECUTE pg_catalog.format(
    'GRANT EXECUTE ON FUNCTION romashka.run_due_jobs(), romashka.run_claimed_job(bigint), romashka.claim_job(text, interval, text[], text),
       romashka.renew_jobs(bigint[], interval), romashka.hold_job(bigint), romashka.finish_job(bigint, text, text, boolean, boolean),
       romashka.register_jobs(text[], interval[], interval[]) TO %s', login);
END
$$;

REVOKE ALL ON FUNCTION romashka.allow_jobs(regrole) FROM PUBLIC;
COMMENT ON FUNCTION romashka.allow_jobs(regrole) IS 'Lets a login of the sidecar''s own run jobs';
$text$;
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'allow_jobs', 'romashka.allow_jobs(regrole)', wanted, now(), s.definition
FROM (SELECT 'function' AS kind, '' AS relation, p.oid::regprocedure::text AS name,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(' ',
         pg_catalog.pg_get_function_result(p.oid), l.lanname, p.provolatile, p.proisstrict, p.prosecdef, p.proparallel,
         p.proconfig::text, pg_catalog.pg_get_function_arguments(p.oid), p.prosrc), 'UTF8')), 'hex') AS definition
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname IN ('public', 'romashka') AND p.prokind = 'f'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid::regprocedure::text) AS s
WHERE s.name IN ('romashka.allow_jobs(regrole)', 'romashka.allow_jobs(regrole)')
ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END
$romashka$;
