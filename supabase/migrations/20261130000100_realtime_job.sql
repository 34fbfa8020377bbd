-- Written by `make generate` from migrations/20261130000100_realtime_job.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261130000100) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Broadcasts from SQL stayed in realtime.messages for ever where no server of
-- Supabase's drops its partitions: in dev, and beside a Realtime of the sidecar's.
INSERT INTO romashka.jobs (name, every, function) VALUES ('realtime', '1 hour', 'job_realtime') ON CONFLICT (name) DO NOTHING;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261130000100, 'realtime_job', '19c91d535532b751dea4396cfb05de1bcd2cd19a4f85abb6a66b22a563988914', now());
END
$romashka$;
