-- Written by `make generate` from migrations/20261123004200_jobs.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123004200) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Two things must happen again and again, and nothing made them happen: the
-- figures of daily_analytics and daily_metrics are to be counted, and rows that
-- data_retention_policies no longer lets us keep are to go. The table says how
-- often, and romashka.run_due_jobs() does the jobs that are due. Nothing calls
-- that by itself: an admin chooses the caller, the sidecar (romashka-jobs) or
-- pg_cron.
CREATE TABLE IF NOT EXISTS romashka.jobs (name text PRIMARY KEY);
ALTER TABLE romashka.jobs
  ADD COLUMN IF NOT EXISTS every interval NOT NULL,
  ADD COLUMN IF NOT EXISTS next_run timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS last_run timestamptz,
  ADD COLUMN IF NOT EXISTS last_result text,
  ADD COLUMN IF NOT EXISTS last_failure text;
SELECT romashka.ensure_constraint('romashka.jobs', 'jobs_every_check', 'CHECK (every >= interval ''1 minute'')');
COMMENT ON TABLE romashka.jobs IS 'What romashka.run_due_jobs() does, and how often; next_run infinity turns a job off';
COMMENT ON COLUMN romashka.jobs.last_run IS 'of the last run that did not fail';
COMMENT ON COLUMN romashka.jobs.last_failure IS 'NULL after a run that did not fail';

INSERT INTO romashka.jobs (name, every) VALUES
  ('daily_metrics', '1 hour'),
  ('retention',     '6 hours')
ON CONFLICT (name) DO NOTHING;

ALTER TABLE romashka.jobs ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "Only the owner" ON romashka.jobs;
CREATE POLICY "Only the owner" ON romashka.jobs FOR ALL TO authenticated USING (false);
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123004200, 'jobs', '115cbfd61d024ae88c71bf3c3f620fc1ba39cedd0eeff92299433f451d475048', now());
END
$romashka$;
