-- Written by `make generate` from functions/kpi_savings.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:a25a565d059c9fa5b54edff3042b6ccc900318b8f53f08ec782633676cf86890' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_savings(jsonb)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_savings' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_savings' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_savings(jsonb)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_savings(jsonb)
-- Purpose: the results of get_roi from its inputs. A missing input leaves NULL
--   all that needs it.
-- Parameters: ai_resolved, days, wage_per_hour, minutes_per_conversation,
--   ai_cost_per_resolution, platform_cost_per_month, investment.
-- Rows: place, name, value, unit, formula, the inputs that it needs.
-- Who: the functions of this schema, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_savings(inputs jsonb)
RETURNS TABLE (place integer, name text, value numeric, unit text, formula text, needs text[])
LANGUAGE sql IMMUTABLE SECURITY INVOKER SET search_path = '' AS $$
  WITH i AS (
    SELECT (inputs ->> 'ai_resolved')::numeric AS n, (inputs ->> 'days')::numeric AS days, (inputs ->> 'wage_per_hour')::numeric AS wage,
           (inputs ->> 'minutes_per_conversation')::numeric AS minutes, (inputs ->> 'ai_cost_per_resolution')::numeric AS price,
           (inputs ->> 'platform_cost_per_month')::numeric AS platform, (inputs ->> 'investment')::numeric AS investment
  ), r AS (
    SELECT i.*, i.wage / 60 * i.minutes AS human, i.n * i.wage / 60 * i.minutes AS benefit, i.n * i.price + i.platform * i.days * 12 / 365.25 AS cost FROM i
  )
  SELECT v.* FROM r CROSS JOIN LATERAL (VALUES
    (101, 'human_cost_per_conversation', r.human, 'money', 'wage_per_hour / 60 * minutes_per_conversation', '{wage_per_hour,minutes_per_conversation}'::text[]),
    (102, 'ai_cost_per_conversation', r.cost / NULLIF(r.n, 0), 'money', 'cost / ai_resolved', '{ai_resolved,ai_cost_per_resolution,platform_cost_per_month}'),
    (103, 'benefit', r.benefit, 'money', 'ai_resolved * human_cost_per_conversation', '{ai_resolved,wage_per_hour,minutes_per_conversation}'),
    (104, 'cost', r.cost, 'money', 'ai_resolved * ai_cost_per_resolution + platform_cost_per_month * days * 12 / 365.25', '{ai_resolved,ai_cost_per_resolution,platform_cost_per_month}'),
    (105, 'net_savings', r.benefit - r.cost, 'money', 'benefit - cost', '{ai_resolved,wage_per_hour,minutes_per_conversation,ai_cost_per_resolution,platform_cost_per_month}'),
    (106, 'roi', (r.benefit - r.cost) / NULLIF(r.cost, 0), 'share', '(benefit - cost) / cost', '{ai_resolved,wage_per_hour,minutes_per_conversation,ai_cost_per_resolution,platform_cost_per_month}'),
    (107, 'payback_days', CASE WHEN r.benefit > r.cost THEN r.investment / ((r.benefit - r.cost) / NULLIF(r.days, 0)) END, 'days', 'investment / (net_savings / days)',
      '{ai_resolved,wage_per_hour,minutes_per_conversation,ai_cost_per_resolution,platform_cost_per_month,investment}')
  ) AS v (place, name, value, unit, formula, needs)
$$;

REVOKE ALL ON FUNCTION romashka.kpi_savings(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_savings(jsonb) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_savings(jsonb) IS 'What the AI saved and cost, from inputs';
$text$;
made := to_regprocedure('romashka.kpi_savings(jsonb)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_savings', 'romashka.kpi_savings(jsonb)', wanted, now(), s.definition
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
