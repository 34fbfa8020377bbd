CREATE OR REPLACE FUNCTION romashka.guard_profile_role()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  -- current_user is the role of the request, because this function is no
  -- definer; for the same reason it cannot call romashka.has_role by name, and
  -- asks under the row level security of profiles, which shows one's own row.
  IF current_user NOT IN ('anon', 'authenticated')
     OR NEW.role IS NULL
     OR NEW.role NOT IN ('admin', 'security_admin', 'compliance_admin') THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.role IS NOT DISTINCT FROM OLD.role THEN
    RETURN NEW;
  END IF;
  IF NOT EXISTS (SELECT FROM public.profiles AS p WHERE p.id = (SELECT auth.uid()) AND p.role = 'admin') THEN
    RAISE EXCEPTION 'only an admin may give the role %', NEW.role
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.guard_profile_role() FROM PUBLIC;
