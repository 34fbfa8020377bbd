DROP TRIGGER IF EXISTS romashka_guard_retention ON public.data_retention_policies;
DROP FUNCTION IF EXISTS romashka.guard_retention();
