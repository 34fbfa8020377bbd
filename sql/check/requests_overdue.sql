-- Purpose: requests of data subjects that are not answered within a month.
-- Parameters: none. Read only.
-- Needs: public.data_subject_requests
-- Source: GDPR Art. 12(3), one month; CCPA 1798.130(a)(2), 45 days.
SELECT CASE WHEN bool_or(r.created_at < now() - interval '30 days') THEN 'error' ELSE 'warning' END AS severity,
       'table public.data_subject_requests' AS object, 'public.data_subject_requests' AS relation,
       'requests of data subjects wait for an answer' AS fault,
       format('%s open: %s past 30 days, %s past 45, the oldest of %s days', count(*), count(*) FILTER (WHERE r.created_at < now() - interval '30 days'),
              count(*) FILTER (WHERE r.created_at < now() - interval '45 days'), extract(day FROM now() - min(r.created_at))) AS evidence,
       'SELECT id, request_type, created_at FROM public.data_subject_requests WHERE status IN (''pending'', ''processing'') ORDER BY created_at; -- answer them, then UPDATE public.data_subject_requests SET status = ''completed'', completion_date = now() WHERE id = ...;' AS remedy
FROM public.data_subject_requests AS r
WHERE r.status IN ('pending', 'processing')
HAVING min(r.created_at) < now() - interval '23 days'
