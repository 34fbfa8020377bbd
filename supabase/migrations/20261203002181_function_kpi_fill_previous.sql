-- Written by `make generate` from functions/kpi_fill_previous.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:78397eb3869a8420ea5540b4e9b7b97a06ae8aecf79443a4dab909d2cb22a03b' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{romashka.kpi_previous}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_fill_previous(uuid[], uuid[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_fill_previous' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_fill_previous' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_fill_previous(uuid[], uuid[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_fill_previous(uuid[], uuid[])
-- depends: romashka.kpi_previous
-- Purpose: brings romashka.kpi_previous up to the facts. Of two conversations that began
--   at once, the one with the smaller id is before.
-- Parameters: conversations that have changed, and the customers whose they were and
--   are; NULL: all is made anew.
-- Who: the owner, as romashka.refresh_kpi() is.
CREATE OR REPLACE FUNCTION romashka.kpi_fill_previous(ids uuid[], customers uuid[])
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET jit = 'off' SET plan_cache_mode = 'force_custom_plan' AS $$
BEGIN
  IF customers IS NULL THEN
    DELETE FROM romashka.kpi_previous;
    INSERT INTO romashka.kpi_previous
    SELECT f.conversation_id, f.started_at,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer ORDER BY f.started_at, f.conversation_id), '-infinity')
    FROM romashka.kpi_facts AS f
    ORDER BY f.started_at, f.conversation_id; -- what a page reads lies together
    RETURN;
  END IF;
  DELETE FROM romashka.kpi_previous AS p
  WHERE p.conversation_id = ANY (ids) AND NOT EXISTS (SELECT FROM romashka.kpi_facts AS f WHERE f.conversation_id = p.conversation_id);
  INSERT INTO romashka.kpi_previous AS p
  SELECT n.* FROM (
    SELECT f.conversation_id, f.started_at,
           COALESCE(pg_catalog.lag(f.started_at) OVER (PARTITION BY f.customer ORDER BY f.started_at, f.conversation_id), '-infinity') AS previous_at
    FROM romashka.kpi_facts AS f WHERE f.customer = ANY (customers)
  ) AS n
  LEFT JOIN romashka.kpi_previous AS o ON o.conversation_id = n.conversation_id
  WHERE (o.started_at, o.previous_at) IS DISTINCT FROM (n.started_at, n.previous_at) -- most are as they were
  ON CONFLICT (conversation_id) DO UPDATE SET started_at = EXCLUDED.started_at, previous_at = EXCLUDED.previous_at;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_fill_previous(uuid[], uuid[]) FROM PUBLIC;
COMMENT ON FUNCTION romashka.kpi_fill_previous(uuid[], uuid[]) IS 'When the conversation before of the same customer began';
$text$;
made := to_regprocedure('romashka.kpi_fill_previous(uuid[], uuid[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_fill_previous', 'romashka.kpi_fill_previous(uuid[], uuid[])', wanted, now(), s.definition
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
