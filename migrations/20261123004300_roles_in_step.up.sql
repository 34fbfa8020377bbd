-- user_roles followed profiles.role only when it was first filled: a user who
-- signed up later had no role on the page, and one who was an admin once was one
-- there for ever. The rights of a role are decided by profiles.role alone; the
-- page shows user_roles, and must not show more than that gives.
--
-- A trigger keeps the two in step: the assignment of the role that a profile
-- had goes, whoever made it, and that of the new one comes. Other assignments
-- are an admin's. It runs with its owner's rights, since nobody may assign a
-- role to himself; romashka_guard_profile_role has judged the new role before.
CREATE OR REPLACE FUNCTION romashka.keep_user_role_in_step()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.role IS NOT DISTINCT FROM OLD.role THEN
      RETURN NULL; -- written, not changed
    END IF;
    DELETE FROM public.user_roles AS u USING public.roles AS r
    WHERE u.user_id = NEW.id AND u.role_id = r.id AND r.name = OLD.role;
  END IF;
  INSERT INTO public.user_roles (user_id, role_id)
  SELECT NEW.id, r.id FROM public.roles AS r WHERE r.name = NEW.role
  ON CONFLICT (user_id, role_id) DO NOTHING;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.keep_user_role_in_step() FROM PUBLIC;

DROP TRIGGER IF EXISTS romashka_keep_user_role_in_step ON public.profiles;
CREATE TRIGGER romashka_keep_user_role_in_step
  AFTER INSERT OR UPDATE OF role ON public.profiles
  FOR EACH ROW EXECUTE FUNCTION romashka.keep_user_role_in_step();

-- Users who signed up in the meantime.
INSERT INTO public.user_roles (user_id, role_id)
SELECT p.id, r.id FROM public.profiles AS p JOIN public.roles AS r ON r.name = p.role
ON CONFLICT (user_id, role_id) DO NOTHING;
