DROP POLICY IF EXISTS "Users see own sessions, admins all" ON public.security_sessions;
DROP POLICY IF EXISTS "Users open sessions in their own name" ON public.security_sessions;
DROP POLICY IF EXISTS "Users end own sessions" ON public.security_sessions;

DROP POLICY IF EXISTS "Users can view own security sessions" ON public.security_sessions;
CREATE POLICY "Users can view own security sessions" ON public.security_sessions
    FOR SELECT USING (auth.uid() = user_id);

DROP POLICY IF EXISTS "Users can manage own security sessions" ON public.security_sessions;
CREATE POLICY "Users can manage own security sessions" ON public.security_sessions
    FOR ALL USING (auth.uid() = user_id);
