-- Purpose: requests for erasure that count as done although the person's rows
-- are still there.
-- Parameters: none. Read only.
-- Needs: public.data_subject_requests, public.customer_profiles
SELECT 'error' AS severity, 'table public.customer_profiles' AS object, 'public.customer_profiles' AS relation,
       'erasure was reported as done, and the person is still here' AS fault,
       format('%s completed requests', count(*)) AS evidence,
       'SELECT r.id FROM public.data_subject_requests AS r JOIN public.customer_profiles AS c ON lower(c.email) = lower(r.customer_email) WHERE r.request_type = ''erasure'' AND r.status = ''completed''; -- and erase what is left, or set the request back: UPDATE public.data_subject_requests SET status = ''processing'' WHERE id = ...;' AS remedy
FROM public.data_subject_requests AS r
WHERE r.request_type = 'erasure' AND r.status = 'completed'
  AND EXISTS (SELECT FROM public.customer_profiles AS c
              WHERE c.id = r.customer_id OR lower(c.email) = lower(r.customer_email) AND c.created_at <= r.completion_date)
HAVING count(*) > 0
