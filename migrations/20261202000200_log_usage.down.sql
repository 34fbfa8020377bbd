ALTER TABLE romashka.log_state DROP COLUMN IF EXISTS usage;
DROP TABLE IF EXISTS romashka.log_usage;
DROP TRIGGER IF EXISTS romashka_log_judged ON public.api_security_logs;
CREATE TRIGGER romashka_log_judged AFTER UPDATE OF suspicious_activity, "timestamp" ON public.api_security_logs
  FOR EACH ROW WHEN (GREATEST(OLD."timestamp", NEW."timestamp") > now() - interval '3 days'
    AND (OLD.suspicious_activity IS DISTINCT FROM NEW.suspicious_activity OR OLD."timestamp" IS DISTINCT FROM NEW."timestamp"))
  EXECUTE FUNCTION romashka.note_log_change();
