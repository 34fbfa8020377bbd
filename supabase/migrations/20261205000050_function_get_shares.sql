-- Written by `make generate` from functions/get_shares.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:e7236214f9d4004c02e81099b982ee1cadc8ecd4436d3ec9937425afa742b925' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_shares()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_shares' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_shares' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_shares()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_shares()
-- Purpose: what leaves by itself: embedded charts, mailed pages, reports and exports
--   of the base, the newest first; those that have ended are left out.
-- Rows: kind (embed, mail, report, export), owner and whether that is the caller, what
--   it shows, whom it is for, since when and until when, the next and the last time,
--   and why the last one failed.
-- Who: one's own; everybody's for security:read and service_role. The body is bound
--   when the function is made, so that the caller needs no right to look names up in
--   schema romashka.
CREATE OR REPLACE FUNCTION public.get_shares()
RETURNS TABLE (id uuid, kind text, owner text, own boolean, page text, block text, query text, origins text[], recipients text[], schedule text,
               name text, created_at timestamptz, expires_at timestamptz, due_at timestamptz, done_at timestamptz, failure text)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT s.id, s.kind, s.owner, s.own, s.page, s.block, s.query, s.origins, s.recipients, s.schedule,
         s.name, s.created_at, s.expires_at, s.due_at, s.done_at, s.failure
  FROM romashka.shares_for() AS s;
END;

REVOKE ALL ON FUNCTION public.get_shares() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_shares() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_shares() IS 'Embedded charts, mailed pages, reports and exports that are in force';
$text$;
made := to_regprocedure('public.get_shares()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_shares', 'public.get_shares()', wanted, now(), s.definition
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
