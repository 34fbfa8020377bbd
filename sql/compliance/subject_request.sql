-- Purpose: the request of a data subject that is answered: the given one, or the
-- oldest open one of this address and kind, or a new one. It is marked as being
-- worked on.
-- Parameters: $1 e-mail in lower case, $2 kind (access, erasure), $3 id or '',
-- $4 regulation (gdpr, ccpa) of a new one.
-- Columns: id, due_at, filed (it was there). No row: no open request with that id.
WITH found AS (
  SELECT r.id FROM public.data_subject_requests AS r
  WHERE r.status IN ('pending', 'processing')
    AND CASE WHEN $3::text <> '' THEN r.id::text = $3::text
             ELSE lower(r.customer_email) = $1::text AND (r.request_type = $2::text OR $2::text = 'access' AND r.request_type = 'portability') END
  ORDER BY r.created_at LIMIT 1
), begun AS (
  UPDATE public.data_subject_requests AS r SET status = 'processing' FROM found WHERE r.id = found.id
  RETURNING r.id, r.due_at
), filed AS (
  INSERT INTO public.data_subject_requests (request_type, customer_email, status, regulation, request_details)
  SELECT $2::text, $1::text, 'processing', $4::text, 'filed by the command line'
  WHERE $3::text = '' AND NOT EXISTS (SELECT FROM found)
  RETURNING id, due_at
)
SELECT id::text AS id, due_at, true AS filed FROM begun
UNION ALL SELECT id::text, due_at, false FROM filed
