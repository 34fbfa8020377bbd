-- Written by `make generate` from functions/journey_lives.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:d27db4a8312da2c592ec09eeb699ee9bf7d5555c63806b62c468dd633c373c31' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{romashka.journeys}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.journey_lives(uuid[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'journey_lives' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'journey_lives' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.journey_lives(uuid[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.journey_lives(uuid[])
-- depends: romashka.journeys
-- Purpose: customers as romashka.journeys keeps them, made of their conversations.
-- Parameters: customers as in romashka.kpi_facts; NULL: all.
-- Who: the functions of this schema, with the caller's rights; see journey_stages.
CREATE OR REPLACE FUNCTION romashka.journey_lives(wanted uuid[])
RETURNS SETOF romashka.journeys
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' AS $$
BEGIN
  RETURN QUERY
  SELECT s.customer, min(s.sample), min(s.channel) FILTER (WHERE s.stage = 'discovery'), min(s.started_at) FILTER (WHERE s.stage = 'discovery'),
         min(s.started_at) FILTER (WHERE s.stage = 'consideration'), min(s.started_at) FILTER (WHERE s.stage = 'decision'),
         min(s.started_at) FILTER (WHERE s.stage = 'onboarding'), min(s.started_at) FILTER (WHERE s.stage = 'support'),
         min(s.started_at) FILTER (WHERE s.stage = 'retention')
  FROM romashka.journey_stages(wanted) AS s
  GROUP BY s.customer;
END
$$;

REVOKE ALL ON FUNCTION romashka.journey_lives(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.journey_lives(uuid[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.journey_lives(uuid[]) IS 'When customers first were in each stage';
$text$;
made := to_regprocedure('romashka.journey_lives(uuid[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'journey_lives', 'romashka.journey_lives(uuid[])', wanted, now(), s.definition
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
