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
