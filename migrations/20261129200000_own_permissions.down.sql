-- This one is bound to it, see functions/.
DROP FUNCTION IF EXISTS public.get_permissions();
DROP FUNCTION IF EXISTS romashka.own_permissions();
