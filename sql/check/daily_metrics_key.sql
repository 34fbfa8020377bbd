-- Purpose: the cause of that, before it has had an effect: a function that
-- merges on a key some column of which may be NULL, and does not fill it.
-- Parameters: none. Read only.
-- Needs: public.daily_metrics
SELECT 'warning' AS severity, format('function %s', p.oid::regprocedure) AS object, 'public.aggregate_daily_metrics' AS relation,
       'merges on department, which it leaves NULL: a second run counts the day twice; and it never writes channel ''all''' AS fault,
       'ON CONFLICT ' || substring(p.prosrc FROM '(?i)on conflict\s*(\([^)]*\))') AS evidence,
       'romashka repair base --plan' AS remedy
FROM pg_catalog.pg_proc AS p
WHERE p.oid = to_regprocedure('public.aggregate_daily_metrics()')
  AND p.prosrc ~* 'on conflict\s*\([^)]*department' AND p.prosrc !~* 'insert into [^;]*department[^;]*select'
