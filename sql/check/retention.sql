-- Purpose: rows that are older than the period which the project declared for
-- them, and collections of personal data for which it declared none. A category
-- is a table's name, or one of the seed's. Of sessions only ended ones count.
-- Parameters: @schemas. Read only.
-- Needs: public.data_retention_policies
WITH category (name, relation, moment, condition) AS (
  VALUES ('session_data', 'security_sessions', 'COALESCE(ended_at, last_activity, created_at)', 'is_active IS NOT TRUE'),
         ('sentiment_analysis', 'sentiment_analysis', 'analyzed_at', 'true'),
         ('api_security_logs', 'api_security_logs', '"timestamp"', 'true'),
         ('conversation_messages', 'messages', 'created_at', 'true'),
         ('customer_data', 'customer_profiles', 'COALESCE(last_interaction, updated_at, created_at)', 'true')
), timed AS (
  -- The time by which rows of other tables go: the first of these that they have.
  SELECT DISTINCT ON (c.oid) c.oid, c.relname, n.nspname, a.attname
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN unnest('{created_at,timestamp,logged_at,recorded_at,occurred_at,event_time,detected_at,checked_at,inserted_at,created,createdAt,date}'::text[]) WITH ORDINALITY AS w (name, place) ON w.name = a.attname
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = ANY (@schemas::text[] || 'public'::text)
    AND a.atttypid IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype)
  ORDER BY c.oid, w.place
), declared AS (
  SELECT p.data_category, p.retention_period, p.auto_delete, t.oid, t.nspname, t.relname,
         COALESCE(k.moment, format('%I', t.attname)) AS moment, COALESCE(k.condition, 'true') AS condition
  FROM public.data_retention_policies AS p
  LEFT JOIN category AS k ON k.name = p.data_category
  JOIN timed AS t ON t.relname = COALESCE(k.relation, p.data_category)
), aged AS (
  SELECT d.*, date_part('day', now() - substring(x.found::text FROM '<oldest>([^<]*)')::timestamptz)::integer - d.retention_period AS days,
         substring(x.found::text FROM '<late>([^<]*)')::bigint AS late
  FROM declared AS d
  CROSS JOIN LATERAL (SELECT query_to_xml(format(
    'SELECT min(m) AS oldest, count(*) FILTER (WHERE m < now() - make_interval(days => %s)) AS late FROM (SELECT %s AS m FROM %I.%I WHERE %s) AS t',
    LEAST(d.retention_period, 36500), d.moment, d.nspname, d.relname, d.condition), false, true, '') AS found) AS x
)
SELECT CASE WHEN a.days > 7 THEN 'error' WHEN a.days > 1 THEN 'warning' ELSE 'info' END AS severity,
       format('table %I.%I', a.nspname, a.relname) AS object, format('%s.%s', a.nspname, a.relname) AS relation,
       format('keeps rows for longer than the %s days that were decided', a.retention_period) AS fault,
       format('%s rows, the oldest %s days past it; %s', a.late, a.days, pg_size_pretty(pg_total_relation_size(a.oid))) AS evidence,
       CASE WHEN a.data_category IN ('api_security_logs', 'session_data', 'sentiment_analysis', 'advanced_metrics', 'predictive_analytics') AND a.auto_delete
            THEN 'SELECT * FROM public.cleanup_old_analytics_data(); -- each day, by cron or the sidecar''s jobs'
            ELSE format('DELETE FROM %I.%I WHERE %s AND %s < now() - interval ''%s days'';', a.nspname, a.relname, a.condition, a.moment, a.retention_period) END AS remedy
FROM aged AS a
WHERE a.days > 1
UNION ALL
SELECT 'warning', format('table %I.%I', t.nspname, t.relname), format('%s.%s', t.nspname, t.relname),
       'no period is declared for it: its rows are kept for ever',
       format('about %s rows', greatest(c.reltuples, 0)::bigint),
       format('INSERT INTO public.data_retention_policies (data_category, retention_period, retention_basis, auto_delete) VALUES (%L, 365, ''...'', false);', t.relname)
FROM timed AS t
JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
WHERE t.nspname = 'public' AND t.relname IN ('conversations', 'messages', 'customer_journey', 'api_security_logs', 'security_sessions')
  AND pg_relation_size(t.oid) > 0
  AND NOT EXISTS (SELECT FROM declared AS d WHERE d.oid = t.oid)
  AND NOT (t.relname = 'conversations' AND EXISTS (SELECT FROM declared AS d WHERE d.data_category = 'conversation_messages'))
