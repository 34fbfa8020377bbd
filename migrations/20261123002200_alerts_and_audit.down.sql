SELECT romashka.refuse_rows('public.security_audit_logs');
SELECT romashka.refuse_rows('public.security_alerts');
DROP TABLE IF EXISTS public.security_audit_logs;
DROP TABLE IF EXISTS public.security_alerts;
DROP FUNCTION IF EXISTS romashka.sign_audit_log();
