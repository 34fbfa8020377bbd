-- Written by `make generate` from functions/create_share.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:e992d9e00077913fe887f5536fef7bece2790e8a10d4f0e2509d190608ab26ba' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.create_share(text, text, text, text, text[], text[], text, integer, text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'create_share' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'create_share' AND p.oid IS DISTINCT FROM to_regprocedure('public.create_share(text, text, text, text, text[], text[], text, integer, text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.create_share(text, text, text, text, text[], text[], text, integer, text)
-- Purpose: makes a share: a chart for other sites (kind embed), or a page that comes
--   by mail (kind mail). It is read as the caller, with his rights at the moment of
--   reading, until he revokes it, its date or the end of his account.
-- Parameters: page and block of the dashboard (block of embed alone), query as the
--   page's address has it; origins, 1 to 10 sites that may show the chart, as
--   https://intranet.example.com; recipients, 1 to 20 addresses, and schedule, weekly
--   (Mondays at 7 in the tenant's zone) or monthly (the 1st), of mail; days until it
--   ends, 1 to 366; language of numbers and dates.
-- Result: its id. 400 for what cannot be, 409 for more than 100.
-- Who: signed-in users with a profile, in a verified session where their role needs
--   one. The body is bound when the function is made, so that the caller needs no
--   right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.create_share(kind text, page text, block text DEFAULT NULL, query text DEFAULT '', origins text[] DEFAULT '{}',
  recipients text[] DEFAULT '{}', schedule text DEFAULT NULL, days integer DEFAULT 30, language text DEFAULT '')
RETURNS uuid LANGUAGE sql VOLATILE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.make_share(create_share.kind, create_share.page, create_share.block, create_share.query, create_share.origins,
    create_share.recipients, create_share.schedule, create_share.days, create_share.language);
END;

REVOKE ALL ON FUNCTION public.create_share(text, text, text, text, text[], text[], text, integer, text) FROM PUBLIC, anon, service_role;
GRANT EXECUTE ON FUNCTION public.create_share(text, text, text, text, text[], text[], text, integer, text) TO authenticated;
COMMENT ON FUNCTION public.create_share(text, text, text, text, text[], text[], text, integer, text) IS 'Makes an embedded chart or a page by mail, read as the caller';
$text$;
made := to_regprocedure('public.create_share(text, text, text, text, text[], text[], text, integer, text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'create_share', 'public.create_share(text, text, text, text, text[], text[], text, integer, text)', wanted, now(), s.definition
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
