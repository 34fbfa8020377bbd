-- Written by `make generate` from migrations/20261129200000_own_permissions.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129200000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Pages had to guess from profiles.role which buttons to show: nobody could ask which
-- permissions he has.
CREATE OR REPLACE FUNCTION romashka.own_permissions()
RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT ARRAY(SELECT c.permission FROM romashka.permissions AS c WHERE romashka.has_permission(c.permission) ORDER BY c.permission)
$$;
REVOKE ALL ON FUNCTION romashka.own_permissions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.own_permissions() TO authenticated, service_role;
COMMENT ON FUNCTION romashka.own_permissions() IS 'The permissions of romashka.permissions that the caller has at this moment';
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129200000, 'own_permissions', '16581626dd4a67621c5f1dfb4177da8f4f67a9a30700772e5e61885692ab5cf3', now());
END
$romashka$;
