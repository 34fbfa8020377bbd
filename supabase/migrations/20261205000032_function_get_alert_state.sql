-- Written by `make generate` from functions/get_alert_state.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:db1ef3695f20c52c8f7a44e5763ef6ebffba40f8fc1d25b2c33fd7b6c699e427' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_alert_state()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_alert_state' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_alert_state' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_alert_state()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_alert_state()
-- Purpose: each rule on a figure (kpi_targets.alerts, and departures from what was to
--   be expected) as the job alerts left it.
-- Rows: rule, title; state: quiet, near (beyond its limit, not for long enough) or
--   firing; value, NULL with the reason in basis; since when it is in that state;
--   back_since: firing, and back within its limits since; how often it fired; when it
--   was looked at, which is long ago where no job runs.
-- Who: signed-in users who see every conversation; others get none.
CREATE OR REPLACE FUNCTION public.get_alert_state()
RETURNS TABLE (rule text, title text, state text, value numeric, basis text, changed_at timestamptz, back_since timestamptz, fired integer, looked_at timestamptz)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
  SELECT a.key, a.title, a.state, a.value, a.basis, a.changed_at, a.back_since, a.fired, a.looked_at
  FROM romashka.figure_alerts AS a
  ORDER BY a.state = 'firing' DESC, a.state = 'near' DESC, a.title, a.key
$$;

REVOKE ALL ON FUNCTION public.get_alert_state() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_alert_state() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_alert_state() IS 'The rules on figures, and in which state each is';
$text$;
made := to_regprocedure('public.get_alert_state()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_alert_state', 'public.get_alert_state()', wanted, now(), s.definition
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
