-- Purpose: a daily job that merges on a key with NULLs, so that each run adds
-- its rows again, and rows that it has added so.
-- Columns: object, fault, evidence text. Read only.
-- needs: public.daily_metrics
SELECT format('function %s', p.oid::regprocedure) AS object,
       'a second run counts the day twice, and none writes channel ''all''' AS fault,
       'ON CONFLICT ' || substring(p.prosrc FROM '(?i)on conflict\s*(\([^)]*\))') || ', of which some are NULL' AS evidence
FROM pg_catalog.pg_proc AS p
WHERE p.oid = to_regprocedure('public.aggregate_daily_metrics()') AND p.prosrc ~* 'on conflict\s*\([^)]*department'
UNION ALL
SELECT 'table public.daily_metrics', 'days are counted twice', format('%s rows too many, since %s', sum(d.n - 1), min(d.date))
FROM (SELECT date, count(*) AS n FROM public.daily_metrics GROUP BY date, channel_type, department, agent_id HAVING count(*) > 1) AS d
HAVING count(*) > 0
