-- Compliance runs raise alerts, and every act of the security services leaves a
-- line in security_audit_logs. Neither table exists in the deployed database,
-- so both writes are lost today.
--
-- The audit log is append-only for everybody who comes through the API, the
-- service role included; the database sets author and time. It has no foreign
-- key to profiles: the record of an act must outlive its author's account. In
-- both tables ip_address is text, because the client sends "unknown" when it
-- does not know, and that must not cost the line.
CREATE TABLE IF NOT EXISTS public.security_alerts (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE public.security_alerts
  ADD COLUMN IF NOT EXISTS alert_type text NOT NULL,
  ADD COLUMN IF NOT EXISTS severity text NOT NULL DEFAULT 'medium',
  ADD COLUMN IF NOT EXISTS message text NOT NULL,
  ADD COLUMN IF NOT EXISTS details jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS user_id uuid,
  ADD COLUMN IF NOT EXISTS ip_address text,
  ADD COLUMN IF NOT EXISTS status text NOT NULL DEFAULT 'open',
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now();
SELECT romashka.ensure_constraint('public.security_alerts', 'security_alerts_severity_check',
  'CHECK (severity IN (''low'', ''medium'', ''high'', ''critical''))');
SELECT romashka.ensure_constraint('public.security_alerts', 'security_alerts_status_check',
  'CHECK (status IN (''open'', ''acknowledged'', ''investigating'', ''resolved'', ''false_positive''))');
SELECT romashka.ensure_constraint('public.security_alerts', 'security_alerts_user_id_fkey',
  'FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE SET NULL');
CREATE INDEX IF NOT EXISTS idx_security_alerts_user_id ON public.security_alerts (user_id);
CREATE INDEX IF NOT EXISTS idx_security_alerts_status ON public.security_alerts (status);
CREATE INDEX IF NOT EXISTS idx_security_alerts_created_at ON public.security_alerts (created_at);
DROP TRIGGER IF EXISTS romashka_touch_updated_at ON public.security_alerts;
CREATE TRIGGER romashka_touch_updated_at BEFORE UPDATE ON public.security_alerts
  FOR EACH ROW EXECUTE FUNCTION romashka.touch_updated_at();

CREATE TABLE IF NOT EXISTS public.security_audit_logs (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE public.security_audit_logs
  ADD COLUMN IF NOT EXISTS event_type text NOT NULL,
  ADD COLUMN IF NOT EXISTS user_id uuid DEFAULT auth.uid(),
  ADD COLUMN IF NOT EXISTS customer_id uuid,
  ADD COLUMN IF NOT EXISTS resource_type text,
  ADD COLUMN IF NOT EXISTS resource_id text,
  ADD COLUMN IF NOT EXISTS action text NOT NULL,
  ADD COLUMN IF NOT EXISTS old_values jsonb,
  ADD COLUMN IF NOT EXISTS new_values jsonb,
  ADD COLUMN IF NOT EXISTS ip_address text,
  ADD COLUMN IF NOT EXISTS user_agent text,
  ADD COLUMN IF NOT EXISTS session_id text,
  ADD COLUMN IF NOT EXISTS risk_score integer NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS geolocation jsonb,
  ADD COLUMN IF NOT EXISTS success boolean NOT NULL DEFAULT true,
  ADD COLUMN IF NOT EXISTS failure_reason text,
  ADD COLUMN IF NOT EXISTS additional_context jsonb,
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now();
SELECT romashka.ensure_constraint('public.security_audit_logs', 'security_audit_logs_risk_score_check',
  'CHECK (risk_score BETWEEN 0 AND 100)');
CREATE INDEX IF NOT EXISTS idx_security_audit_logs_user_id ON public.security_audit_logs (user_id, created_at);
CREATE INDEX IF NOT EXISTS idx_security_audit_logs_created_at ON public.security_audit_logs (created_at);

-- sign_audit_log: somebody who is signed in writes in his own name.
CREATE OR REPLACE FUNCTION romashka.sign_audit_log()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  NEW.user_id := COALESCE((SELECT auth.uid()), NEW.user_id);
  NEW.risk_score := COALESCE(NEW.risk_score, 0);
  NEW.success := COALESCE(NEW.success, true);
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.sign_audit_log() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_sign_audit_log ON public.security_audit_logs;
CREATE TRIGGER romashka_sign_audit_log BEFORE INSERT ON public.security_audit_logs
  FOR EACH ROW EXECUTE FUNCTION romashka.sign_audit_log();

ALTER TABLE public.security_alerts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.security_audit_logs ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.security_alerts, public.security_audit_logs FROM PUBLIC, anon, authenticated, service_role;
GRANT ALL ON public.security_alerts TO service_role;
GRANT SELECT ON public.security_alerts TO authenticated;
GRANT INSERT (id, alert_type, severity, message, details, user_id, ip_address, status) ON public.security_alerts TO authenticated;
GRANT UPDATE (severity, status, updated_at) ON public.security_alerts TO authenticated;
GRANT SELECT ON public.security_audit_logs TO authenticated, service_role;
GRANT INSERT (id, event_type, user_id, customer_id, resource_type, resource_id, action, old_values, new_values, ip_address,
              user_agent, session_id, risk_score, geolocation, success, failure_reason, additional_context)
  ON public.security_audit_logs TO authenticated, service_role;

DROP POLICY IF EXISTS "Admins see alerts" ON public.security_alerts;
CREATE POLICY "Admins see alerts" ON public.security_alerts
  FOR SELECT TO authenticated USING ((SELECT romashka.has_role('admin', 'security_admin', 'compliance_admin')));
DROP POLICY IF EXISTS "Users raise alerts about themselves, admins any" ON public.security_alerts;
CREATE POLICY "Users raise alerts about themselves, admins any" ON public.security_alerts
  FOR INSERT TO authenticated
  WITH CHECK (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'security_admin', 'compliance_admin')));
DROP POLICY IF EXISTS "Admins settle alerts" ON public.security_alerts;
CREATE POLICY "Admins settle alerts" ON public.security_alerts
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_role('admin', 'security_admin', 'compliance_admin')))
  WITH CHECK ((SELECT romashka.has_role('admin', 'security_admin', 'compliance_admin')));

DROP POLICY IF EXISTS "Users see own audit log, admins all" ON public.security_audit_logs;
CREATE POLICY "Users see own audit log, admins all" ON public.security_audit_logs
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'security_admin', 'compliance_admin')));
DROP POLICY IF EXISTS "Users append to the audit log" ON public.security_audit_logs;
CREATE POLICY "Users append to the audit log" ON public.security_audit_logs
  FOR INSERT TO authenticated WITH CHECK (user_id = (SELECT auth.uid()));
