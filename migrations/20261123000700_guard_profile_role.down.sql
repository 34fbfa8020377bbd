DROP TRIGGER IF EXISTS romashka_guard_profile_role ON public.profiles;
DROP FUNCTION IF EXISTS romashka.guard_profile_role();
