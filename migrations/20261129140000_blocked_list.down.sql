-- This one is bound to it, see functions/.
DROP FUNCTION IF EXISTS public.get_blocked_addresses();
DROP FUNCTION IF EXISTS romashka.blocked_for_admin();
