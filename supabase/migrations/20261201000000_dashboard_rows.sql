-- Written by `make generate` from migrations/20261201000000_dashboard_rows.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261201000000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- get_analytics_dashboard_data read the messages of each conversation of the last 24
-- hours, and found those by reading all: 204 ms of a million conversations, 11,000 a day.
-- Now what it averages is kept, a row for each conversation of the last days, by the job
-- kpi; reading puts conversations that changed since in their place, so no answer is old.
CREATE TABLE IF NOT EXISTS romashka.dashboard_rows (
  conversation_id uuid PRIMARY KEY,
  started_at      timestamptz NOT NULL,
  response        numeric, -- seconds
  resolved        boolean,
  rating          numeric,
  accuracy        numeric
);
CREATE INDEX IF NOT EXISTS dashboard_rows_started_at ON romashka.dashboard_rows (started_at);
COMMENT ON TABLE romashka.dashboard_rows IS 'What get_analytics_dashboard_data averages, of conversations of the last days';
ALTER TABLE romashka.dashboard_rows ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.dashboard_rows FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.dashboard_rows TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees all conversations" ON romashka.dashboard_rows;
CREATE POLICY "Who sees all conversations" ON romashka.dashboard_rows
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));

-- Since when dashboard_rows has all conversations; NULL: it is not filled.
ALTER TABLE romashka.kpi_state ADD COLUMN IF NOT EXISTS dashboard_since timestamptz;

-- The columns that the dashboard reads count as changes, too.
DROP TRIGGER IF EXISTS romashka_kpi_update ON public.conversation_analytics;
CREATE TRIGGER romashka_kpi_update AFTER UPDATE ON public.conversation_analytics
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION romashka.note_kpi_row(
    'conversation_id', 'customer_satisfaction', 'lead_qualified', 'revenue_generated',
    'started_at', 'first_response_at', 'resolved_at', 'ai_accuracy_score', 'avg_response_time_seconds', 'resolution_status');
ALTER TABLE public.conversation_analytics ENABLE ALWAYS TRIGGER romashka_kpi_update;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261201000000, 'dashboard_rows', 'f9f6e67367d6416a4b0d38e44fb799cf9ddd0194463606ae1782dcec8a5a0060', now());
END
$romashka$;
