DROP TRIGGER IF EXISTS romashka_log_judged ON public.api_security_logs;
DROP TRIGGER IF EXISTS romashka_log_deleted ON public.api_security_logs;
DROP TRIGGER IF EXISTS romashka_log_emptied ON public.api_security_logs;
DROP FUNCTION IF EXISTS romashka.note_log_change();
DROP TABLE IF EXISTS romashka.log_state;
DROP TABLE IF EXISTS romashka.log_changes;
DROP TABLE IF EXISTS romashka.log_slots;
