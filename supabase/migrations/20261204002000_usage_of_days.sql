-- Written by `make generate` from migrations/20261204002000_usage_of_days.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261204002000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- get_api_usage of 73 to 744 hours read every request: more than 8 s of a log of ten million.
-- Days of UTC that are over are counted too, for 31 days, into the same table: its kinds are
-- 'endpoint of day', 'client of day' and 'status of day' there, and hour is the day's beginning.
COMMENT ON TABLE romashka.log_usage IS 'Requests of the API log by hour and endpoint, client and status, for three days, and by day, for 31';
-- The days that are kept: from the first on, up to the second. None until the job kpi has run.
ALTER TABLE romashka.log_state ADD COLUMN IF NOT EXISTS days_since timestamptz;
ALTER TABLE romashka.log_state ADD COLUMN IF NOT EXISTS days_until timestamptz;

-- What changes in those days is noted, too.
DROP TRIGGER IF EXISTS romashka_log_judged ON public.api_security_logs;
CREATE TRIGGER romashka_log_judged AFTER UPDATE OF suspicious_activity, "timestamp", endpoint, user_id, ip_address, response_code, response_time_ms, rate_limit_hit
  ON public.api_security_logs
  FOR EACH ROW WHEN (GREATEST(OLD."timestamp", NEW."timestamp") > now() - interval '33 days'
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
  FOR EACH ROW WHEN (OLD."timestamp" > now() - interval '33 days') EXECUTE FUNCTION romashka.note_log_change();
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261204002000, 'usage_of_days', 'e93e9ca7534943649ccc1e6ecc55c37482c02fe09d7c18ff08a6e6cb650f337b', now());
END
$romashka$;
