-- Purpose: requests of data subjects that are not answered by the day they are
-- due: that of the row, or a month after it was filed where it has none.
-- Parameters: none. Read only.
-- Needs: public.data_subject_requests
-- Source: GDPR Art. 12(3), one month; CCPA 1798.130(a)(2), 45 days.
SELECT CASE WHEN bool_or(d.due < now()) THEN 'error' ELSE 'warning' END AS severity,
       'table public.data_subject_requests' AS object, 'public.data_subject_requests' AS relation,
       'requests of data subjects wait for an answer' AS fault,
       format('%s open: %s past the day they were due, the oldest of %s days', count(*), count(*) FILTER (WHERE d.due < now()),
              extract(day FROM now() - min(r.created_at))) AS evidence,
       'SELECT id, request_type, created_at FROM public.data_subject_requests WHERE status IN (''pending'', ''processing'') ORDER BY created_at; -- answer them: romashka compliance export or erase --email ..., or UPDATE public.data_subject_requests SET status = ''completed'', completion_date = now() WHERE id = ...;' AS remedy
FROM public.data_subject_requests AS r
CROSS JOIN LATERAL (SELECT COALESCE((to_jsonb(r) ->> 'due_at')::timestamptz, r.created_at + interval '30 days') AS due) AS d
WHERE r.status IN ('pending', 'processing')
HAVING min(d.due) < now() + interval '7 days'
