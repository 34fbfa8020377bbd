DROP TRIGGER IF EXISTS romashka_trail ON public.security_sessions;
DROP TRIGGER IF EXISTS romashka_trail ON public.api_security_logs;
DROP TRIGGER IF EXISTS romashka_trail_of_judgements ON public.api_security_logs;
DROP TRIGGER IF EXISTS romashka_trail ON public.security_incidents;
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.security_incidents;
DROP TRIGGER IF EXISTS romashka_trail ON public.compliance_results;
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.compliance_results;
DROP TRIGGER IF EXISTS romashka_trail ON public.compliance_checks;
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.compliance_checks;
DROP TRIGGER IF EXISTS romashka_trail ON public.data_retention_policies;
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.data_retention_policies;
DROP TRIGGER IF EXISTS romashka_trail ON public.roles;
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.roles;
DROP TRIGGER IF EXISTS romashka_trail ON public.user_roles;
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.user_roles;
DROP TRIGGER IF EXISTS romashka_trail ON public.security_alerts;
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.security_alerts;
DROP TRIGGER IF EXISTS romashka_trail ON public.data_subject_requests;
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.data_subject_requests;
DROP TRIGGER IF EXISTS romashka_trail ON public.data_consent;
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.data_consent;
DROP TRIGGER IF EXISTS romashka_trail ON public.encryption_keys;
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.encryption_keys;
DROP TRIGGER IF EXISTS romashka_trail ON public.profiles;
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.profiles;
DROP FUNCTION IF EXISTS romashka.append_to_trail();

-- The source of a row goes with the column; the rows stay.
ALTER TABLE public.security_audit_logs DROP COLUMN IF EXISTS source;
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
