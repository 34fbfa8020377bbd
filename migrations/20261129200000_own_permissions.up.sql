-- Pages had to guess from profiles.role which buttons to show: nobody could ask which
-- permissions he has.
CREATE OR REPLACE FUNCTION romashka.own_permissions()
RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT ARRAY(SELECT c.permission FROM romashka.permissions AS c WHERE romashka.has_permission(c.permission) ORDER BY c.permission)
$$;
REVOKE ALL ON FUNCTION romashka.own_permissions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.own_permissions() TO authenticated, service_role;
COMMENT ON FUNCTION romashka.own_permissions() IS 'The permissions of romashka.permissions that the caller has at this moment';
