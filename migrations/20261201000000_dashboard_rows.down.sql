DROP TRIGGER IF EXISTS romashka_kpi_update ON public.conversation_analytics;
CREATE TRIGGER romashka_kpi_update AFTER UPDATE ON public.conversation_analytics
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION romashka.note_kpi_row(
    'conversation_id', 'customer_satisfaction', 'lead_qualified', 'revenue_generated');
ALTER TABLE public.conversation_analytics ENABLE ALWAYS TRIGGER romashka_kpi_update;
ALTER TABLE romashka.kpi_state DROP COLUMN IF EXISTS dashboard_since;
DROP FUNCTION IF EXISTS romashka.read_dashboard_rows(uuid[], timestamptz);
DROP TABLE IF EXISTS romashka.dashboard_rows;
