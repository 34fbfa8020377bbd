-- Written by `make generate` from functions/erlang_figures.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:e0039970f725b93c097243a08fda1980d810973ebdc5cc33e4c5d5b9b550f93d' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.erlang_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'erlang_figures' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'erlang_figures' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.erlang_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.erlang_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer)
-- Purpose: how many agents a volume needs, and the service they reach, as
--   `romashka staffing --volume` answers, where there is no sidecar to ask. It is
--   internal/analytics/staffing in SQL; a test holds that both agree.
-- Parameters: see get_staffing_figures.
-- Rows: one object, as that of the command with --json; NULL without a volume or a
--   handling time.
-- Who: the owner, by way of get_staffing_figures; it is not exposed.
CREATE OR REPLACE FUNCTION romashka.erlang_figures(volume numeric, aht_seconds numeric, interval_seconds numeric, service_level numeric, answer_seconds numeric,
  max_occupancy numeric, shrinkage numeric, patience_seconds numeric, concurrency_factor numeric, agents integer)
RETURNS jsonb LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
DECLARE
  most     CONSTANT integer := 20000; -- a loop in the database is dear
  load     numeric;
  a        double precision;
  handling double precision;
  b        double precision := 1;
  n        integer := 0;
  c        double precision;
  f        record;
  fine     boolean;
BEGIN
  IF volume IS NULL OR aht_seconds IS NULL THEN
    RETURN NULL;
  END IF;
  IF NOT (volume >= 0 AND aht_seconds > 0 AND interval_seconds > 0 AND service_level > 0 AND service_level < 1 AND answer_seconds >= 0
          AND max_occupancy > 0 AND max_occupancy <= 1 AND shrinkage >= 0 AND shrinkage < 1 AND COALESCE(patience_seconds > 0, true)
          AND concurrency_factor >= 1 AND COALESCE(agents BETWEEN 0 AND most, true)) THEN
    RAISE EXCEPTION 'a figure of the plan is out of range' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'volume and answer_seconds >= 0, times > 0, service_level above 0 and below 1, max_occupancy above 0 and at most 1, shrinkage from 0 to below 1, concurrency_factor >= 1, agents from 0 to 20000';
  END IF;
  load := volume * aht_seconds / interval_seconds / concurrency_factor;
  IF load >= most THEN
    RAISE EXCEPTION 'a load of % Erlang is more than can be computed here', pg_catalog.round(load) USING ERRCODE = 'invalid_parameter_value';
  END IF;
  a := load;
  handling := aht_seconds / concurrency_factor;
  IF load > 0 OR agents IS NOT NULL THEN
    n := COALESCE(agents, CASE WHEN patience_seconds IS NULL THEN pg_catalog.ceil(GREATEST(load / max_occupancy, pg_catalog.floor(load) + 1))::integer ELSE 1 END);
  END IF;
  FOR i IN 1 .. n LOOP
    b := a * b / (i + a * b);
  END LOOP;
  LOOP
    IF n = 0 OR load = 0 THEN
      SELECT CASE WHEN load = 0 THEN 0 ELSE 1 END::float8 AS waiting, CASE WHEN load = 0 THEN 1 ELSE 0 END::float8 AS answered,
             CASE WHEN load = 0 THEN 0 ELSE 1 END::float8 AS abandoning, CASE WHEN load = 0 THEN 0 ELSE patience_seconds END::float8 AS mean_wait,
             CASE WHEN n > 0 THEN 0 END::float8 AS occupancy INTO f;
      EXIT;
    ELSIF patience_seconds IS NOT NULL THEN
      SELECT e.* INTO f FROM romashka.erlang_a(a, handling, patience_seconds, answer_seconds, n) AS e;
    ELSE
      c := n * b / (n - a * (1 - b));
      SELECT c AS waiting, 1 - c * exp(-(n - a) * answer_seconds / handling) AS answered, NULL::float8 AS abandoning,
             c * handling / NULLIF(n - a, 0) AS mean_wait, a / n AS occupancy INTO f;
    END IF;
    EXIT WHEN agents IS NOT NULL OR f.answered >= service_level AND (patience_seconds IS NULL OR f.occupancy <= max_occupancy);
    n := n + 1;
    IF n > most THEN
      RAISE EXCEPTION 'more than % agents', most USING ERRCODE = 'invalid_parameter_value';
    END IF;
    b := a * b / (n + a * b);
  END LOOP;
  fine := patience_seconds IS NOT NULL AND (n > 0 OR load > 0) OR n > load;
  RETURN pg_catalog.jsonb_build_object(
    'model', CASE WHEN patience_seconds IS NULL THEN 'erlang-c' ELSE 'erlang-a' END, 'offered_load', a, 'agents', n,
    'rostered', pg_catalog.ceil(n / (1 - shrinkage)), 'stable', fine OR n = 0 AND load = 0,
    'service_level', CASE WHEN fine THEN f.answered END, 'asa_seconds', CASE WHEN fine THEN f.mean_wait END, 'occupancy', CASE WHEN fine THEN f.occupancy END,
    'p_wait', CASE WHEN fine THEN f.waiting END, 'p_abandon', CASE WHEN fine AND patience_seconds IS NOT NULL THEN f.abandoning END);
END
$$;

REVOKE ALL ON FUNCTION romashka.erlang_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.erlang_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.erlang_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer) IS 'How many agents a volume needs, and what they reach';
$text$;
made := to_regprocedure('romashka.erlang_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'erlang_figures', 'romashka.erlang_figures(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer)', wanted, now(), s.definition
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
