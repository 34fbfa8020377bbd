-- Written by `make generate` from migrations/20261201040000_log_partitions.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261201040000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Retention of a large API log was a DELETE of millions of rows a day, which leaves its
-- table as large and reads its indexes for each row. `romashka migrate partition
-- api_security_logs` makes it a table of partitions, one a day; from then on retention
-- drops days, and this job makes those to come. On a log of one table it does nothing.
INSERT INTO romashka.jobs (name, every, function) VALUES ('partitions', '1 hour', 'job_partitions') ON CONFLICT (name) DO NOTHING;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261201040000, 'log_partitions', '795030d2a164f80815ed6e78d8df315fdcda8138620b2b2651a14b506809442e', now());
END
$romashka$;
