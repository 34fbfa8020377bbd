-- Purpose: days that aggregate_daily_metrics() counted more than once: its ON
-- CONFLICT names columns that are NULL, which are never equal.
-- Parameters: none. Read only.
-- Needs: public.daily_metrics
SELECT 'error' AS severity, 'table public.daily_metrics' AS object, 'public.daily_metrics' AS relation,
       'days are counted twice: each run of aggregate_daily_metrics() adds its rows again' AS fault,
       format('%s rows too many, since %s', sum(d.n - 1), min(d.date)) AS evidence,
       'romashka repair base --plan' AS remedy
FROM (SELECT date, count(*) AS n FROM public.daily_metrics GROUP BY date, channel_type, department, agent_id HAVING count(*) > 1) AS d
HAVING count(*) > 0
