SELECT romashka.refuse_rows('public.performance_metrics');
SELECT romashka.refuse_rows('public.daily_analytics');
DROP TABLE IF EXISTS public.performance_metrics;
DROP TABLE IF EXISTS public.daily_analytics;
