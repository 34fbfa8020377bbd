DROP POLICY IF EXISTS "Users see own API logs, admins all" ON public.api_security_logs;
DROP POLICY IF EXISTS "Admins see compliance results" ON public.compliance_results;

DROP POLICY IF EXISTS "Users can view own API logs" ON public.api_security_logs;
CREATE POLICY "Users can view own API logs" ON public.api_security_logs
    FOR SELECT USING (auth.uid() = user_id);

DROP POLICY IF EXISTS "Admin can view all compliance results" ON public.compliance_results;
CREATE POLICY "Admin can view all compliance results" ON public.compliance_results
    FOR SELECT USING (auth.uid() IN (
        SELECT id FROM public.profiles WHERE role IN ('admin', 'compliance_admin')
    ));
