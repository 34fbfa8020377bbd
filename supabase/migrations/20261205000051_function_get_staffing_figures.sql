-- Written by `make generate` from functions/get_staffing_figures.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:7e4186ea2836d56c16d69bfe75bea16e76e2ea72ee7bdbe3cac351e291a4cb7d' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_staffing_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_staffing_figures' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_staffing_figures' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_staffing_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_staffing_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer)
-- Purpose: how many agents a volume needs, and the service they reach.
-- Parameters: contacts in the interval; mean handling time in seconds; length of
--   the interval in seconds; share of contacts to be answered, and in how many
--   seconds; cap of occupancy; shrinkage; mean patience in seconds, NULL where
--   nobody leaves; contacts that an agent handles in the time of one (1, 1.7, 2.5,
--   2.9, 3.5 for 1 to 5 chats); a number of agents, NULL for the smallest one that
--   meets the targets.
-- Rows: one object {model, offered_load, agents, rostered, service_level,
--   asa_seconds, occupancy, p_wait, p_abandon, stable}; NULL without a volume or a
--   handling time.
-- Who: signed-in users. It reads nothing. The body is bound when it is made, so
--   that the caller needs no right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.get_staffing_figures(
  volume numeric, aht_seconds numeric, interval_seconds numeric DEFAULT 3600, service_level numeric DEFAULT 0.8, answer_seconds numeric DEFAULT 20,
  max_occupancy numeric DEFAULT 0.85, shrinkage numeric DEFAULT 0.3, patience_seconds numeric DEFAULT NULL, concurrency_factor numeric DEFAULT 1,
  agents integer DEFAULT NULL)
RETURNS jsonb LANGUAGE sql IMMUTABLE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.erlang_figures(volume, aht_seconds, interval_seconds, service_level, answer_seconds, max_occupancy, shrinkage, patience_seconds,
    concurrency_factor, agents);
END;

REVOKE ALL ON FUNCTION public.get_staffing_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_staffing_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_staffing_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer) IS 'How many agents a volume needs, and the service they reach';
$text$;
made := to_regprocedure('public.get_staffing_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_staffing_figures', 'public.get_staffing_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer)', wanted, now(), s.definition
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
