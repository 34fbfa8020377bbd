-- Written by `make generate` from functions/log_definitions.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:fbe92c4a763599a41c9bd013b60df5872c200857418adf0e0698ef41a2d7c1c5' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.log_definitions(text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'log_definitions' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'log_definitions' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.log_definitions(text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.log_definitions(text)
-- Purpose: what hangs on the API log and goes over to a table that takes its place, as
--   statements: triggers, policies, rights, comment, publications and views. Indexes and keys
--   are not among them, nor the triggers that a log of one kind alone has, or that come
--   back with who asks for them.
-- Parameters: the name that the present table has by the time they are carried out.
-- Rows: place, number, text; to be carried out in order of place and number, when the new
--   table has the log's name.
-- Who: the owner, by way of partition_swap() and partition_undo_swap().
CREATE OR REPLACE FUNCTION romashka.log_definitions(aside text)
RETURNS TABLE (place integer, number oid, text text)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  old  CONSTANT oid := 'public.api_security_logs'::regclass;
  ours CONSTANT name[] := '{romashka_realtime,romashka_place,romashka_mirror,romashka_mirror_emptied}';
BEGIN
  RETURN QUERY
  SELECT 3, t.oid, pg_catalog.pg_get_triggerdef(t.oid)
  FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = old AND NOT t.tgisinternal AND NOT (t.tgname = ANY (ours))
  UNION ALL
  SELECT 4, t.oid, pg_catalog.format('ALTER TABLE public.api_security_logs %s TRIGGER %I', CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, t.tgname)
  FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = old AND NOT t.tgisinternal AND t.tgenabled <> 'O' AND NOT (t.tgname = ANY (ours))
  UNION ALL
  SELECT 5, p.oid, pg_catalog.format('CREATE POLICY %I ON public.api_security_logs AS %s FOR %s TO %s%s%s', p.polname,
           CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
           CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
           (SELECT pg_catalog.string_agg(CASE WHEN r.oid = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(r.oid)) END, ', ') FROM unnest(p.polroles) AS r (oid)),
           ' USING (' || pg_catalog.pg_get_expr(p.polqual, old) || ')', ' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, old) || ')')
  FROM pg_catalog.pg_policy AS p WHERE p.polrelid = old
  UNION ALL
  SELECT 6, a.grantee, pg_catalog.format('GRANT %s ON public.api_security_logs TO %s%s', a.privilege_type,
           CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END, CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' END)
  FROM pg_catalog.pg_class AS c, pg_catalog.aclexplode(c.relacl) AS a WHERE c.oid = old AND a.grantee <> c.relowner
  UNION ALL
  SELECT 7, a.grantee, pg_catalog.format('GRANT %s (%I) ON public.api_security_logs TO %s%s', a.privilege_type, t.attname,
           CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END, CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' END)
  FROM pg_catalog.pg_attribute AS t, pg_catalog.aclexplode(t.attacl) AS a WHERE t.attrelid = old AND NOT t.attisdropped
  UNION ALL
  SELECT 8, c.oid, x.text
  FROM pg_catalog.pg_class AS c CROSS JOIN LATERAL (VALUES
    (CASE WHEN c.relrowsecurity THEN 'ALTER TABLE public.api_security_logs ENABLE ROW LEVEL SECURITY' END),
    (CASE WHEN c.relforcerowsecurity THEN 'ALTER TABLE public.api_security_logs FORCE ROW LEVEL SECURITY' END),
    (CASE WHEN c.relreplident = 'f' THEN 'ALTER TABLE public.api_security_logs REPLICA IDENTITY FULL' END),
    (pg_catalog.format('COMMENT ON TABLE public.api_security_logs IS %L', pg_catalog.obj_description(c.oid, 'pg_class')))) AS x (text)
  WHERE c.oid = old AND x.text IS NOT NULL
  UNION ALL
  SELECT 9, r.prpubid, x.text
  FROM pg_catalog.pg_publication_rel AS r JOIN pg_catalog.pg_publication AS p ON p.oid = r.prpubid
  CROSS JOIN LATERAL (VALUES (pg_catalog.format('ALTER PUBLICATION %I DROP TABLE %s', p.pubname, aside)),
                             (pg_catalog.format('ALTER PUBLICATION %I ADD TABLE public.api_security_logs', p.pubname))) AS x (text)
  WHERE r.prrelid = old
  UNION ALL
  SELECT 10, c.oid, pg_catalog.format('CREATE OR REPLACE VIEW %s%s AS %s', c.oid::regclass,
           ' WITH (' || pg_catalog.array_to_string(c.reloptions, ', ') || ')', pg_catalog.pg_get_viewdef(c.oid))
  FROM pg_catalog.pg_class AS c
  WHERE c.relkind = 'v' AND EXISTS (
    SELECT FROM pg_catalog.pg_rewrite AS w JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
    WHERE w.ev_class = c.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = old);
END
$$;

REVOKE ALL ON FUNCTION romashka.log_definitions(text) FROM PUBLIC;
COMMENT ON FUNCTION romashka.log_definitions(text) IS 'What hangs on the API log, as statements';
$text$;
made := to_regprocedure('romashka.log_definitions(text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'log_definitions', 'romashka.log_definitions(text)', wanted, now(), s.definition
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
