-- customer_journey had no writer: its rows were whatever somebody put there, and no
-- row said by which rule a contact was support, or a decision. Each conversation now has
-- its stage by a rule of internal/analytics/kpi/definitions.md, "Journey", and
-- names it; rows of others have no conversation_id and are left alone.
ALTER TABLE public.customer_journey
  ADD COLUMN IF NOT EXISTS conversation_id uuid REFERENCES public.conversations (id) ON DELETE CASCADE,
  ADD COLUMN IF NOT EXISTS rule text;
CREATE INDEX IF NOT EXISTS customer_journey_conversation ON public.customer_journey (conversation_id);
COMMENT ON COLUMN public.customer_journey.rule IS 'By which rule of internal/analytics/kpi/definitions.md the stage was found';

CREATE INDEX IF NOT EXISTS kpi_facts_customer ON romashka.kpi_facts (customer);

-- One row for each customer: when he first was in each stage. What get_journey adds up.
CREATE TABLE IF NOT EXISTS romashka.journeys (
  customer         uuid PRIMARY KEY, -- as in kpi_facts
  sample           smallint NOT NULL, -- 0 to 15
  channel          text NOT NULL,    -- of the first contact
  discovery_at     timestamptz NOT NULL,
  consideration_at timestamptz,
  decision_at      timestamptz,
  onboarding_at    timestamptz,
  support_at       timestamptz,
  retention_at     timestamptz
);
CREATE INDEX IF NOT EXISTS journeys_discovery ON romashka.journeys (discovery_at)
  INCLUDE (customer, sample, channel, consideration_at, decision_at, onboarding_at, support_at, retention_at);
COMMENT ON TABLE romashka.journeys IS 'When each customer first was in each stage';

-- Customers whose facts have changed since. A customer is in it once.
CREATE TABLE IF NOT EXISTS romashka.journey_queue (customer uuid PRIMARY KEY);
COMMENT ON TABLE romashka.journey_queue IS 'What the next run of the job journey looks at';

CREATE TABLE IF NOT EXISTS romashka.journey_state (
  one      boolean PRIMARY KEY DEFAULT true CHECK (one),
  ready    boolean NOT NULL DEFAULT false, -- journeys are filled
  settings text NOT NULL DEFAULT ''        -- that stages depend on
);
INSERT INTO romashka.journey_state DEFAULT VALUES ON CONFLICT DO NOTHING;
COMMENT ON TABLE romashka.journey_state IS 'What romashka.journeys rests on';

ALTER TABLE romashka.journeys ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.journeys FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.journeys TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees all conversations" ON romashka.journeys;
CREATE POLICY "Who sees all conversations" ON romashka.journeys
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));

ALTER TABLE romashka.journey_queue ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.journey_queue FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.journey_queue TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees all conversations" ON romashka.journey_queue;
CREATE POLICY "Who sees all conversations" ON romashka.journey_queue
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));

ALTER TABLE romashka.journey_state ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.journey_state FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.journey_state TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees all conversations" ON romashka.journey_state;
CREATE POLICY "Who sees all conversations" ON romashka.journey_state
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));

INSERT INTO romashka.jobs (name, every, function) VALUES ('journey', '1 minute', 'job_journey') ON CONFLICT (name) DO NOTHING;
