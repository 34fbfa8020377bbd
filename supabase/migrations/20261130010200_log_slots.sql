-- Written by `make generate` from migrations/20261130010200_log_slots.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261130010200) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- get_security_metrics counted every request of the last 24 hours each time it was
-- asked: 330,000 rows of a log of ten million. Now requests are counted once, by slots
-- of five minutes, for two days. Which rows are in the sums is known by a snapshot of
-- PostgreSQL (api_security_logs.arrived), so reading adds those that came since, and
-- no answer is old; slots in which a row was judged or deleted since are read from
-- the log, until the job kpi has counted them anew.
CREATE TABLE IF NOT EXISTS romashka.log_slots (
  slot       timestamptz PRIMARY KEY,
  requests   bigint NOT NULL,
  suspicious bigint NOT NULL
);
COMMENT ON TABLE romashka.log_slots IS 'Requests of the API log by slots of five minutes, for two days';
CREATE TABLE IF NOT EXISTS romashka.log_changes (
  id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slot timestamptz NOT NULL
);
COMMENT ON TABLE romashka.log_changes IS 'Slots of the API log in which rows were judged or deleted since they were counted';
CREATE TABLE IF NOT EXISTS romashka.log_state (
  one  boolean PRIMARY KEY DEFAULT true CHECK (one),
  seen pg_snapshot NOT NULL
);
COMMENT ON TABLE romashka.log_state IS 'Which rows of the API log are counted in romashka.log_slots';

REVOKE ALL ON romashka.log_slots, romashka.log_changes, romashka.log_state FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.log_slots, romashka.log_changes, romashka.log_state TO authenticated, service_role;
ALTER TABLE romashka.log_slots ENABLE ROW LEVEL SECURITY;
ALTER TABLE romashka.log_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE romashka.log_state ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "Who sees every request" ON romashka.log_slots;
CREATE POLICY "Who sees every request" ON romashka.log_slots FOR SELECT TO authenticated
  USING ((SELECT romashka.has_permission('security:read')) AND (SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Who sees every request" ON romashka.log_changes;
CREATE POLICY "Who sees every request" ON romashka.log_changes FOR SELECT TO authenticated
  USING ((SELECT romashka.has_permission('security:read')) AND (SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Who sees every request" ON romashka.log_state;
CREATE POLICY "Who sees every request" ON romashka.log_state FOR SELECT TO authenticated
  USING ((SELECT romashka.has_permission('security:read')) AND (SELECT romashka.second_factor_passed()));

-- A row is judged seldom, and retention deletes what is older than the slots.
CREATE OR REPLACE FUNCTION romashka.note_log_change()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    DELETE FROM romashka.log_state;
    RETURN NULL;
  END IF;
  INSERT INTO romashka.log_changes (slot)
  SELECT DISTINCT pg_catalog.date_bin('5 minutes', t.at, timestamptz '2000-01-01 00:00+00')
  FROM (VALUES (OLD."timestamp"), (CASE TG_OP WHEN 'UPDATE' THEN NEW."timestamp" END)) AS t (at)
  WHERE t.at IS NOT NULL;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.note_log_change() FROM PUBLIC;
COMMENT ON FUNCTION romashka.note_log_change() IS 'Notes in which slots of the API log something was changed';
DROP TRIGGER IF EXISTS romashka_log_judged ON public.api_security_logs;
CREATE TRIGGER romashka_log_judged AFTER UPDATE OF suspicious_activity, "timestamp" ON public.api_security_logs
  FOR EACH ROW WHEN (GREATEST(OLD."timestamp", NEW."timestamp") > now() - interval '3 days'
    AND (OLD.suspicious_activity IS DISTINCT FROM NEW.suspicious_activity OR OLD."timestamp" IS DISTINCT FROM NEW."timestamp"))
  EXECUTE FUNCTION romashka.note_log_change();
DROP TRIGGER IF EXISTS romashka_log_deleted ON public.api_security_logs;
CREATE TRIGGER romashka_log_deleted AFTER DELETE ON public.api_security_logs
  FOR EACH ROW WHEN (OLD."timestamp" > now() - interval '3 days') EXECUTE FUNCTION romashka.note_log_change();
DROP TRIGGER IF EXISTS romashka_log_emptied ON public.api_security_logs;
CREATE TRIGGER romashka_log_emptied AFTER TRUNCATE ON public.api_security_logs
  FOR EACH STATEMENT EXECUTE FUNCTION romashka.note_log_change();
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261130010200, 'log_slots', '458f5afcb4971f8e7035bd3d26030dfaa9f501698dbaf49308c76d71d2ab20d1', now());
END
$romashka$;
