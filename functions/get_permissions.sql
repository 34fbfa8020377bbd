-- function: public.get_permissions()
-- Purpose: the permissions that the caller has at this moment, by profiles.role and by
--   roles that have not expired, for pages to show his rights; policies decide.
-- Gives: names of romashka.permissions in order, as a JSON array; [] for who has none.
-- Who: signed-in users; a server key has none of its own. The body is bound when the
--   function is made, so that the caller needs no right to look names up in schema
--   romashka.
CREATE OR REPLACE FUNCTION public.get_permissions()
RETURNS text[] LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.own_permissions();
END;
REVOKE ALL ON FUNCTION public.get_permissions() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_permissions() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_permissions() IS 'The permissions that the caller has at this moment';
