-- A page of contacts, each customer's first conversation of a range, looked for an earlier
-- one of the same customer beside every conversation: 160 ms of a million. When his
-- conversation before began is kept beside each now: without filters, those of which it
-- began before the range are the page.
CREATE TABLE IF NOT EXISTS romashka.kpi_previous (
  conversation_id uuid PRIMARY KEY,
  started_at      timestamptz NOT NULL,
  previous_at     timestamptz NOT NULL -- -infinity: it is the customer's first
);
COMMENT ON TABLE romashka.kpi_previous IS 'When the conversation before of the same customer began; of kpi_facts';
CREATE INDEX IF NOT EXISTS kpi_previous_page ON romashka.kpi_previous (started_at DESC, conversation_id) INCLUDE (previous_at);

ALTER TABLE romashka.kpi_previous ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.kpi_previous FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.kpi_previous TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees all conversations" ON romashka.kpi_previous;
CREATE POLICY "Who sees all conversations" ON romashka.kpi_previous
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));

-- Whether kpi_previous is filled, which the job kpi does; until then facts answer.
ALTER TABLE romashka.kpi_state ADD COLUMN IF NOT EXISTS previous boolean NOT NULL DEFAULT false;
