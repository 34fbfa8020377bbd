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
