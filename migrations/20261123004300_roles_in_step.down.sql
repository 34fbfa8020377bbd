DROP TRIGGER IF EXISTS romashka_keep_user_role_in_step ON public.profiles;
DROP FUNCTION IF EXISTS romashka.keep_user_role_in_step();
