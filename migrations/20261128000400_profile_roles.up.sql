-- Found under attack: a user may not make himself "admin", but "Admin", " admin"
-- and "superadmin" were taken: no policy of ours trusts them, and everybody who
-- compares without case, or reads a list, does.
--
-- Mend: a role of the API gives only roles that are known: those of public.roles,
-- those of the seed and the base, and the column's own default. Rows that hold
-- another keep it. "agent", "user" and the default are anybody's to take, as the
-- base allows; every other role, those that an admin adds to public.roles too, is
-- an admin's or the service role's to give: user_roles follows profiles, so that
-- whoever could take one would have its permissions.
CREATE OR REPLACE FUNCTION romashka.guard_profile_role()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  usual text;
BEGIN
  -- current_user is the role of the request, because this function is no
  -- definer; for the same reason it cannot call romashka.has_role by name, and
  -- asks under the row level security of profiles, which shows one's own row.
  IF current_user = session_user AND COALESCE(pg_catalog.current_setting('request.jwt.claims', true), '') = ''
     OR NEW.role IS NULL
     OR TG_OP = 'UPDATE' AND NEW.role IS NOT DISTINCT FROM OLD.role
     OR pg_catalog.pg_has_role(current_user, (SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid = TG_RELID), 'MEMBER') THEN
    RETURN NEW;
  END IF;
  SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) INTO usual
  FROM pg_catalog.pg_attrdef AS d JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
  WHERE d.adrelid = TG_RELID AND a.attname = 'role';
  IF NEW.role IN ('agent', 'user')
     OR NEW.role NOT IN ('admin', 'security_admin', 'compliance_admin') AND pg_catalog.split_part(usual, '::', 1) = pg_catalog.quote_literal(NEW.role) THEN
    RETURN NEW;
  END IF;
  IF NEW.role NOT IN ('admin', 'security_admin', 'compliance_admin')
     AND NOT (pg_catalog.has_table_privilege('public.roles', 'SELECT') AND EXISTS (SELECT FROM public.roles AS r WHERE r.name = NEW.role)) THEN
    RAISE EXCEPTION 'no role has the name %', pg_catalog.quote_literal(NEW.role)
      USING ERRCODE = 'check_violation', HINT = 'Roles of profiles are those of public.roles, letter by letter; an admin may add one.';
  END IF;
  IF current_user <> 'service_role'
     AND NOT EXISTS (SELECT FROM public.profiles AS p WHERE p.id = (SELECT auth.uid()) AND p.role = 'admin') THEN
    RAISE EXCEPTION 'only an admin may give the role %', NEW.role
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.guard_profile_role() FROM PUBLIC;
