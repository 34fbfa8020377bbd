-- The deployed function is put back from where it was kept, and so are the rows.
INSERT INTO public.daily_metrics
SELECT r.* FROM romashka.repaired_rows AS k, jsonb_populate_record(NULL::public.daily_metrics, k.row) AS r
WHERE k.repair = 'daily_metrics'
ON CONFLICT (id) DO NOTHING;
DELETE FROM romashka.repaired_rows WHERE repair = 'daily_metrics';
