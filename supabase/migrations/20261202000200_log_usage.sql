-- Written by `make generate` from migrations/20261202000200_log_usage.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261202000200) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- get_api_usage read every request of its hours: 750 ms of 333,000 a day. The job kpi
-- counts them by hour now, with log_slots and by the same snapshot, for two days.
CREATE TABLE IF NOT EXISTS romashka.log_usage (
  hour     timestamptz NOT NULL,
  kind     text NOT NULL,      -- endpoint, client, status
  name     text NOT NULL,      -- '=' and the value; empty where there is none
  requests bigint NOT NULL,
  errors   bigint NOT NULL,
  failures bigint NOT NULL,
  limited  bigint NOT NULL,
  took     integer[] NOT NULL, -- milliseconds that requests took, ascending
  counts   integer[] NOT NULL, -- of each of took
  PRIMARY KEY (hour, kind, name)
);
COMMENT ON TABLE romashka.log_usage IS 'Requests of the API log by hour and endpoint, client and status, for two days';
REVOKE ALL ON romashka.log_usage FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.log_usage TO authenticated, service_role;
ALTER TABLE romashka.log_usage ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "Who sees every request" ON romashka.log_usage;
CREATE POLICY "Who sees every request" ON romashka.log_usage FOR SELECT TO authenticated
  USING ((SELECT romashka.has_permission('security:read')) AND (SELECT romashka.second_factor_passed()));

-- Whether log_usage is filled; the next count counts all anew.
ALTER TABLE romashka.log_state ADD COLUMN IF NOT EXISTS usage boolean NOT NULL DEFAULT false;

-- Whatever is counted is noted when it changes: a user's requests lose him when he goes.
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
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261202000200, 'log_usage', '5ea30ff4258016f9ac6202b8b0d50a6125c0de930b4f5447846846f1094fd382', now());
END
$romashka$;
