-- Purpose: requests of data subjects that are due within a week, or late, as one
-- message. No person is named: ids, kinds and days.
-- Parameters: none. Columns: n, severity, text.
SELECT count(*)::int AS n, CASE WHEN bool_or(r.due_at < now()) THEN 'critical' WHEN bool_or(r.due_at < now() + interval '2 days') THEN 'high' ELSE 'medium' END AS severity,
       COALESCE(string_agg(format('%s %s (%s): %s', r.request_type, r.id, upper(r.regulation),
         CASE WHEN r.due_at < now() THEN format('%s days late', extract(day FROM now() - r.due_at))
              ELSE format('due on %s', to_char(r.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')) END), E'\n' ORDER BY r.due_at), '') AS text
FROM (SELECT * FROM public.data_subject_requests WHERE status IN ('pending', 'processing') AND due_at < now() + interval '7 days' ORDER BY due_at LIMIT 50) AS r
