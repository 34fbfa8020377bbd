-- Daily figures are counted once, for every channel and for all of them
-- saves: public.aggregate_daily_metrics()
CREATE OR REPLACE FUNCTION public.aggregate_daily_metrics()
RETURNS void LANGUAGE plpgsql SET search_path = public, extensions AS $$
DECLARE
  metric_date CONSTANT date := CURRENT_DATE - 1;
BEGIN
  -- A key with NULLs cannot be merged on: the day is written anew.
  DELETE FROM public.daily_metrics AS d WHERE d.date = metric_date AND d.channel_type IS DISTINCT FROM 'all';
  INSERT INTO public.daily_metrics
    (date, channel_type, department, agent_id, total_conversations, ai_resolved_conversations, human_resolved_conversations,
     avg_first_response_time_seconds, avg_resolution_time_seconds, avg_satisfaction_score)
  SELECT metric_date, c.channel_type, c.department, c.assigned_agent_id,
         count(*),
         count(*) FILTER (WHERE c.assigned_agent_id IS NULL),
         count(*) FILTER (WHERE c.assigned_agent_id IS NOT NULL),
         avg(EXTRACT(epoch FROM f.answered_at - c.created_at))::integer,
         avg(c.resolution_time_seconds),
         avg(c.satisfaction_score)
    FROM public.conversations AS c
    LEFT JOIN LATERAL (
      SELECT min(m.created_at) AS answered_at FROM public.messages AS m
      WHERE m.conversation_id = c.id AND m.sender_type IN ('ai', 'agent')
    ) AS f ON true
   WHERE c.created_at >= metric_date AND c.created_at < metric_date + 1
   GROUP BY c.channel_type, c.department, c.assigned_agent_id;
  PERFORM romashka.refresh_daily_metrics(metric_date, metric_date);
END
$$;

-- Of rows with the same key the last one stays: it saw the most. The others are
-- kept aside, for the way down.
WITH ranked AS (
  SELECT d.id, row_number() OVER (PARTITION BY d.date, d.channel_type, d.department, d.agent_id ORDER BY d.created_at DESC, d.id) AS place
  FROM public.daily_metrics AS d
), gone AS (
  DELETE FROM public.daily_metrics AS d USING ranked AS r WHERE r.id = d.id AND r.place > 1
  RETURNING to_jsonb(d) AS row
)
INSERT INTO romashka.repaired_rows (repair, row) SELECT 'daily_metrics', row FROM gone;
