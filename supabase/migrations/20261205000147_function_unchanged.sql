-- Written by `make generate` from functions/unchanged.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:a3ad25870cc5ad9fbd0da5cdd253a176fc8baa794635b21ac5c6f09d7b448a04' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.unchanged(text, jsonb, text)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'unchanged' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'unchanged' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.unchanged(text, jsonb, text)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.unchanged(text, jsonb, text)
-- Purpose: the validator of a function of figures. It gives the answer an ETag, and
--   reports whether the client has that answer already (If-None-Match): the answer is
--   then 304, and the caller returns no rows. It asks for the revision of the kept figures
--   and for the changes noted since, and for no figure.
-- Parameters: the function's name; all that its answer depends on beside
--   conversations and settings: its arguments; the zone of its days.
-- The tag is made of the revision of kpi_state, how many changes wait, how many
--   unanswered conversations are too young to be missed, the day, the settings that
--   the caller may read, and the caller. A caller who may not read every
--   conversation (romashka.sees_whole) gets none: his rows depend on policies, which nobody
--   counts. So does everybody while no job reads the changes.
-- Who: the functions of figures, with the caller's rights. It does nothing but in a
--   GET or HEAD of that very function over PostgREST's settings request.method,
--   request.path, request.headers and response.headers, response.status.
CREATE OR REPLACE FUNCTION romashka.unchanged(name text, arguments jsonb, zone text)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
DECLARE
  path    CONSTANT text := pg_catalog.current_setting('request.path', true);
  headers jsonb;
  state   romashka.kpi_state;
  asked   text;
  tag     text;
BEGIN
  IF pg_catalog.current_setting('request.method', true) NOT IN ('GET', 'HEAD') OR pg_catalog.right(path, pg_catalog.length(name) + 5) <> '/rpc/' || name
     OR path IS NULL OR pg_catalog.current_setting('request.method', true) IS NULL THEN
    RETURN false;
  END IF;
  SELECT * INTO state FROM romashka.kpi_state WHERE ready;
  IF state.ready IS NOT TRUE OR NOT romashka.kpi_is_read() THEN
    RETURN false;
  END IF;
  headers := NULLIF(pg_catalog.current_setting('request.headers', true), '')::jsonb;
  tag := '"' || pg_catalog.md5(pg_catalog.jsonb_build_array(name, arguments, state.revision, state.settings,
    (SELECT pg_catalog.jsonb_build_array(count(*), count(*) FILTER (WHERE c.conversation_id IS NULL)) FROM romashka.kpi_changes AS c),
    (SELECT count(*) FROM romashka.kpi_facts AS f WHERE f.unanswered = 1 AND f.asked_at > pg_catalog.now() - interval '3 hours'),
    (pg_catalog.now() AT TIME ZONE zone)::date, zone,
    (SELECT pg_catalog.jsonb_agg(romashka.setting(s.key)) FROM unnest('{time_zone,business_hours,holidays,kpi_targets,roi,staffing}'::text[]) AS s (key)),
    NULLIF(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', current_user, headers ->> 'accept')::text) || '"';
  PERFORM pg_catalog.set_config('response.headers', (COALESCE(NULLIF(pg_catalog.current_setting('response.headers', true), '')::jsonb, '[]')
    || pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object('ETag', tag), pg_catalog.jsonb_build_object('Cache-Control', 'private, no-cache')))::text, true);
  asked := headers ->> 'if-none-match';
  IF pg_catalog.btrim(asked) = '*' OR pg_catalog.strpos(asked, tag) > 0 THEN
    PERFORM pg_catalog.set_config('response.status', '304', true);
    RETURN true;
  END IF;
  RETURN false;
END
$$;

REVOKE ALL ON FUNCTION romashka.unchanged(text, jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.unchanged(text, jsonb, text) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.unchanged(text, jsonb, text) IS 'The validator of a function of figures';
$text$;
made := to_regprocedure('romashka.unchanged(text, jsonb, text)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'unchanged', 'romashka.unchanged(text, jsonb, text)', wanted, now(), s.definition
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
