-- This one is bound to it, see functions/.
DROP FUNCTION IF EXISTS public.get_compliance_declarations();
DROP FUNCTION IF EXISTS romashka.declared_for_admin();
