-- Purpose: closes a request that was answered, or states the part that is left,
-- and writes a line of the trail. Of an erasure the request keeps no address.
-- Parameters: $1 id, $2 action (export, erase), $3 boolean complete, $4 notes,
-- $5 json of figures, without a value of the person's.
WITH closed AS (
  UPDATE public.data_subject_requests AS r
  SET status = CASE WHEN $3::boolean THEN 'completed' ELSE 'processing' END,
      completion_date = CASE WHEN $3::boolean THEN now() END,
      processing_notes = $4::text,
      customer_email = CASE WHEN $2::text = 'erase' AND $3::boolean THEN 'erased-' || left(r.id::text, 8) || '@erased.invalid' ELSE r.customer_email END,
      customer_phone = CASE WHEN $2::text = 'erase' AND $3::boolean THEN NULL ELSE r.customer_phone END,
      customer_id = CASE WHEN $2::text = 'erase' AND $3::boolean THEN NULL ELSE r.customer_id END,
      request_details = CASE WHEN $2::text = 'erase' AND $3::boolean THEN NULL ELSE r.request_details END,
      documents_provided = CASE WHEN $2::text = 'erase' AND $3::boolean THEN NULL ELSE r.documents_provided END
  WHERE r.id = $1::uuid
)
INSERT INTO public.security_audit_logs (event_type, resource_type, resource_id, action, success, additional_context)
VALUES ('data_subject_request', 'data_subject_requests', $1::text, $2::text, $3::boolean, $5::text::jsonb)
