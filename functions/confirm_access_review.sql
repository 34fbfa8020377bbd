-- function: public.confirm_access_review(text)
-- Purpose: notes in the trail that the caller has reviewed who has access; the check
--   access_review_recent asks for one in 90 days.
-- Parameters: note, may be NULL; its first 2,000 letters are kept.
-- Result: when.
-- Who: as get_access_review.
CREATE OR REPLACE FUNCTION public.confirm_access_review(note text DEFAULT NULL)
RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.confirm_review(confirm_access_review.note);
END;
REVOKE ALL ON FUNCTION public.confirm_access_review(text) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.confirm_access_review(text) TO authenticated, service_role;
COMMENT ON FUNCTION public.confirm_access_review(text) IS 'Notes that the caller has reviewed who has access';
