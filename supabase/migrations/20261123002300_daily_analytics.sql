-- Written by `make generate` from migrations/20261123002300_daily_analytics.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123002300) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- The analytics services and the app's own acceptance script read daily_analytics
-- and performance_metrics, which the deployed database lacks. Columns without
-- data are NULL, not zero: no rating is not a bad rating. They are filled by
-- romashka.refresh_daily_metrics.
CREATE TABLE IF NOT EXISTS public.daily_analytics (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE public.daily_analytics
  ADD COLUMN IF NOT EXISTS date date NOT NULL,
  ADD COLUMN IF NOT EXISTS total_conversations integer NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS avg_response_time_seconds numeric(12,2),
  ADD COLUMN IF NOT EXISTS resolution_rate numeric(5,4),
  ADD COLUMN IF NOT EXISTS avg_customer_satisfaction numeric(4,2),
  ADD COLUMN IF NOT EXISTS ai_accuracy_score numeric(5,4),
  ADD COLUMN IF NOT EXISTS channel_distribution jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now();
CREATE UNIQUE INDEX IF NOT EXISTS daily_analytics_date_key ON public.daily_analytics (date);

CREATE TABLE IF NOT EXISTS public.performance_metrics (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE public.performance_metrics
  ADD COLUMN IF NOT EXISTS metric_name text NOT NULL,
  ADD COLUMN IF NOT EXISTS metric_type text NOT NULL DEFAULT 'gauge',
  ADD COLUMN IF NOT EXISTS metric_value numeric(20,4),
  ADD COLUMN IF NOT EXISTS dimensions jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS "timestamp" timestamptz NOT NULL DEFAULT now();
CREATE INDEX IF NOT EXISTS idx_performance_metrics_timestamp ON public.performance_metrics ("timestamp");
CREATE INDEX IF NOT EXISTS idx_performance_metrics_name ON public.performance_metrics (metric_name, "timestamp");

ALTER TABLE public.daily_analytics ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.performance_metrics ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.daily_analytics, public.performance_metrics FROM PUBLIC, anon, authenticated;
GRANT SELECT ON public.daily_analytics, public.performance_metrics TO authenticated;
GRANT ALL ON public.daily_analytics, public.performance_metrics TO service_role;

DROP POLICY IF EXISTS "Signed-in users see daily analytics" ON public.daily_analytics;
CREATE POLICY "Signed-in users see daily analytics" ON public.daily_analytics
  FOR SELECT TO authenticated USING (true);
DROP POLICY IF EXISTS "Signed-in users see performance metrics" ON public.performance_metrics;
CREATE POLICY "Signed-in users see performance metrics" ON public.performance_metrics
  FOR SELECT TO authenticated USING (true);
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123002300, 'daily_analytics', '5d7d7e9c001e63fe4ee8c9777c5a5bdb6ef68a86cd46a09d6b2e71e3bd62d7dc', now());
END
$romashka$;
