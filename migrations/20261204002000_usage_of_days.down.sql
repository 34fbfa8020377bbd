DELETE FROM romashka.log_usage WHERE kind LIKE '% of day';
COMMENT ON TABLE romashka.log_usage IS 'Requests of the API log by hour and endpoint, client and status, for three days';
ALTER TABLE romashka.log_state DROP COLUMN IF EXISTS days_since;
ALTER TABLE romashka.log_state DROP COLUMN IF EXISTS days_until;
DROP TRIGGER IF EXISTS romashka_log_judged ON public.api_security_logs;
CREATE TRIGGER romashka_log_judged AFTER UPDATE OF suspicious_activity, "timestamp", endpoint, user_id, ip_address, response_code, response_time_ms, rate_limit_hit
  ON public.api_security_logs
  FOR EACH ROW WHEN (GREATEST(OLD."timestamp", NEW."timestamp") > now() - interval '3 days'
    AND (OLD.suspicious_activity IS DISTINCT FROM NEW.suspicious_activity
      OR OLD."timestamp" IS DISTINCT FROM NEW."timestamp"
      OR OLD.endpoint IS DISTINCT FROM NEW.endpoint
      OR OLD.user_id IS DISTINCT FROM NEW.user_id
      OR OLD.ip_address IS DISTINCT FROM NEW.ip_address
      OR OLD.response_code IS DISTINCT FROM NEW.response_code
      OR OLD.response_time_ms IS DISTINCT FROM NEW.response_time_ms
      OR OLD.rate_limit_hit IS DISTINCT FROM NEW.rate_limit_hit))
  EXECUTE FUNCTION romashka.note_log_change();
DROP TRIGGER IF EXISTS romashka_log_deleted ON public.api_security_logs;
CREATE TRIGGER romashka_log_deleted AFTER DELETE ON public.api_security_logs
  FOR EACH ROW WHEN (OLD."timestamp" > now() - interval '3 days') EXECUTE FUNCTION romashka.note_log_change();
