-- Purpose: how the checks stood at the end of each of the last twelve months, by
-- the sidecar's own results.
-- Parameters: none. Read only. Columns: month, passed, warnings, failed, errors, waived, score.
WITH newest AS (
  SELECT DISTINCT ON (m.month, r.check_name) m.month, r.status, r.waived,
         CASE r.severity WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2 ELSE 1 END AS weight
  FROM public.compliance_results AS r
  CROSS JOIN LATERAL (SELECT to_char(r.checked_at AT TIME ZONE 'UTC', 'YYYY-MM') AS month) AS m
  WHERE r.origin = 'romashka' AND r.checked_at > date_trunc('month', now()) - interval '11 months'
  ORDER BY m.month, r.check_name, r.checked_at DESC
)
SELECT month, count(*) FILTER (WHERE status = 'passed' AND NOT waived)::int AS passed, count(*) FILTER (WHERE status = 'warning' AND NOT waived)::int AS warnings,
       count(*) FILTER (WHERE status = 'failed' AND NOT waived)::int AS failed, count(*) FILTER (WHERE status = 'error' AND NOT waived)::int AS errors,
       count(*) FILTER (WHERE waived)::int AS waived,
       COALESCE(round(100.0 * sum(weight * CASE status WHEN 'passed' THEN 1.0 WHEN 'warning' THEN 0.5 ELSE 0.0 END) FILTER (WHERE NOT waived)
         / NULLIF(sum(weight) FILTER (WHERE NOT waived), 0)), 0)::int AS score
FROM newest GROUP BY month ORDER BY month
