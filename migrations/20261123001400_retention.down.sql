-- The first rows are ours; rows that an admin changed or added are not.
DO $check$
BEGIN
  IF EXISTS (SELECT FROM public.data_retention_policies WHERE updated_at <> created_at) THEN
    PERFORM romashka.refuse_rows('public.data_retention_policies');
  END IF;
END
$check$;
DROP INDEX IF EXISTS public.idx_advanced_metrics_created_at;
DROP INDEX IF EXISTS public.idx_security_sessions_ended_at;
DROP TABLE IF EXISTS public.data_retention_policies;
