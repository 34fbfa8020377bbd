-- PostgreSQL refuses by itself if a value is too large by now.
ALTER TABLE public.predictive_analytics ALTER COLUMN predicted_value TYPE numeric(10,4);
DROP INDEX IF EXISTS public.predictive_analytics_prediction_type_prediction_date_key;
