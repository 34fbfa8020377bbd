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
