-- function: public.revoke_share(uuid)
-- Purpose: ends a share at once; of an export its file goes, of a report it is no
--   longer active.
-- Result: whether it was in force. 404 for one that the caller may not end.
-- Who: its user, security:write and service_role. The body is bound when the function
--   is made, so that the caller needs no right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.revoke_share(id uuid)
RETURNS boolean LANGUAGE sql VOLATILE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.end_share(revoke_share.id);
END;

REVOKE ALL ON FUNCTION public.revoke_share(uuid) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.revoke_share(uuid) TO authenticated, service_role;
COMMENT ON FUNCTION public.revoke_share(uuid) IS 'Ends an embedded chart, a mailed page, a report or an export';
