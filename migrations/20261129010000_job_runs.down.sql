-- Only jobs that the older function knows stay. run_due_jobs() in its newer form
-- needs the columns that go here: `migrate up` of either release makes its own
-- again.
DROP FUNCTION IF EXISTS romashka.run_due_jobs();
DROP FUNCTION IF EXISTS romashka.run_claimed_job(bigint);
DROP FUNCTION IF EXISTS romashka.claim_job(text, interval, text[], text);
DROP FUNCTION IF EXISTS romashka.renew_jobs(bigint[], interval);
DROP FUNCTION IF EXISTS romashka.hold_job(bigint);
DROP FUNCTION IF EXISTS romashka.finish_job(bigint, text, text, boolean, boolean);
DROP FUNCTION IF EXISTS romashka.register_jobs(text[], interval[], interval[]);
DROP FUNCTION IF EXISTS romashka.allow_jobs(regrole);
DROP FUNCTION IF EXISTS romashka.job_daily_metrics(timestamptz);
DROP FUNCTION IF EXISTS romashka.job_retention(timestamptz);
DROP TABLE IF EXISTS romashka.job_runs;
DROP FUNCTION IF EXISTS romashka.forget_job_runs();

DELETE FROM romashka.jobs WHERE name NOT IN ('daily_metrics', 'retention');
DROP POLICY IF EXISTS "Who runs jobs reads the timetable" ON romashka.jobs;
DROP POLICY IF EXISTS "Only the owner" ON romashka.jobs;
CREATE POLICY "Only the owner" ON romashka.jobs FOR ALL TO authenticated USING (false);
ALTER TABLE romashka.jobs
  DROP CONSTRAINT IF EXISTS jobs_timeout_check, DROP CONSTRAINT IF EXISTS jobs_every_check,
  DROP COLUMN IF EXISTS function, DROP COLUMN IF EXISTS timeout, DROP COLUMN IF EXISTS failures, DROP COLUMN IF EXISTS run,
  DROP COLUMN IF EXISTS owner, DROP COLUMN IF EXISTS started_at, DROP COLUMN IF EXISTS lease_until;
UPDATE romashka.jobs SET every = '1 minute' WHERE every < '1 minute';
SELECT romashka.ensure_constraint('romashka.jobs', 'jobs_every_check', 'CHECK (every >= interval ''1 minute'')');
COMMENT ON TABLE romashka.jobs IS 'What romashka.run_due_jobs() does, and how often; next_run infinity turns a job off';
