-- Written by `make generate` from functions/assign_incident.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:cf2a8959c5a32e37b409fd3687cbcb1e91b83368d61e4c2012c8018acfef8893' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.assign_incident(uuid, uuid, text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'assign_incident' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'assign_incident' AND p.oid IS DISTINCT FROM to_regprocedure('public.assign_incident(uuid, uuid, text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.assign_incident(uuid, uuid, text)
-- Purpose: gives an incident to somebody, or to nobody (NULL).
-- Parameters: id uuid, assignee uuid, note text.
-- Result: the incident as one object.
-- Who: the caller's rights decide; an incident that he may not change is not found.
CREATE OR REPLACE FUNCTION public.assign_incident(id uuid, assignee uuid, note text DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  incident public.security_incidents;
BEGIN
  PERFORM pg_catalog.set_config('romashka.incident_note', COALESCE(assign_incident.note, ''), true);
  UPDATE public.security_incidents AS i SET assigned_to = assign_incident.assignee
  WHERE i.id = assign_incident.id RETURNING i.* INTO incident;
  PERFORM pg_catalog.set_config('romashka.incident_note', '', true);
  IF incident.id IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'PT404', MESSAGE = 'there is no incident ' || COALESCE(assign_incident.id::text, 'without id') || ' that you may change';
  END IF;
  RETURN pg_catalog.to_jsonb(incident);
END
$$;

REVOKE ALL ON FUNCTION public.assign_incident(uuid, uuid, text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.assign_incident(uuid, uuid, text) TO authenticated, service_role;
COMMENT ON FUNCTION public.assign_incident(uuid, uuid, text) IS 'Gives an incident to somebody, with a note for its timeline';
$text$;
made := to_regprocedure('public.assign_incident(uuid, uuid, text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'assign_incident', 'public.assign_incident(uuid, uuid, text)', wanted, now(), s.definition
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
