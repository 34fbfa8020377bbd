DROP INDEX IF EXISTS public.idx_security_incidents_resolved_by;
DROP POLICY IF EXISTS "Users see own incidents, admins all" ON public.security_incidents;
DROP POLICY IF EXISTS "Admins resolve incidents" ON public.security_incidents;

DROP POLICY IF EXISTS "Users can view security incidents" ON public.security_incidents;
CREATE POLICY "Users can view security incidents" ON public.security_incidents
    FOR SELECT USING (auth.uid() = user_id OR auth.uid() IN (
        SELECT id FROM public.profiles WHERE role IN ('admin', 'security_admin')
    ));
