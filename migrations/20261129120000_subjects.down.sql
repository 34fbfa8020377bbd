DROP TRIGGER IF EXISTS romashka_0_forget_values ON public.security_audit_logs;
DROP FUNCTION IF EXISTS romashka.forget_values();
DROP TABLE IF EXISTS romashka.subject_rules;
DROP TRIGGER IF EXISTS romashka_set_due_at ON public.data_subject_requests;
DROP FUNCTION IF EXISTS romashka.set_due_at();
ALTER TABLE public.data_subject_requests DROP COLUMN IF EXISTS regulation, DROP COLUMN IF EXISTS due_at;
