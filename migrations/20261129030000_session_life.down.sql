DROP FUNCTION IF EXISTS public.end_other_sessions(); -- it is bound to the next
DROP FUNCTION IF EXISTS romashka.sign_out_others();
DROP POLICY IF EXISTS "Users end own sessions, admins any" ON public.security_sessions;
DROP POLICY IF EXISTS "Users end own sessions" ON public.security_sessions;
CREATE POLICY "Users end own sessions" ON public.security_sessions
  FOR UPDATE TO authenticated
  USING (user_id = (SELECT auth.uid()) AND is_active)
  WITH CHECK (user_id = (SELECT auth.uid()));
DROP TRIGGER IF EXISTS romashka_time_session ON public.security_sessions;
DROP TRIGGER IF EXISTS romashka_trail_of_ends ON public.security_sessions;
DROP TRIGGER IF EXISTS romashka_follow_session_end ON public.security_sessions;
DROP FUNCTION IF EXISTS romashka.sign_out(uuid, uuid, text, timestamptz);
DROP FUNCTION IF EXISTS romashka.session_over(uuid, text);
DROP FUNCTION IF EXISTS romashka.time_session();
DROP FUNCTION IF EXISTS romashka.follow_session_end();
DROP FUNCTION IF EXISTS romashka.mark_session_ended(uuid);
DROP TABLE IF EXISTS romashka.sessions;
