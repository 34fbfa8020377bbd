-- Written by `make generate` from functions/confirm_access_review.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:21c4836a22a9fec8db5afbae1a8a1a051fcff6925a937ae839f671c3c73b9441' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.confirm_access_review(text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'confirm_access_review' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'confirm_access_review' AND p.oid IS DISTINCT FROM to_regprocedure('public.confirm_access_review(text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.confirm_access_review(text)
-- Purpose: notes in the trail that the caller has reviewed who has access; the check
--   access_review_recent asks for one in 90 days.
-- Parameters: note, may be NULL; its first 2,000 letters are kept.
-- Result: when.
-- Who: as get_access_review.
CREATE OR REPLACE FUNCTION public.confirm_access_review(note text DEFAULT NULL)
RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.confirm_review(confirm_access_review.note);
END;
REVOKE ALL ON FUNCTION public.confirm_access_review(text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.confirm_access_review(text) TO authenticated, service_role;
COMMENT ON FUNCTION public.confirm_access_review(text) IS 'Notes that the caller has reviewed who has access';
$text$;
made := to_regprocedure('public.confirm_access_review(text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'confirm_access_review', 'public.confirm_access_review(text)', wanted, now(), s.definition
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
