-- Retention of a large API log was a DELETE of millions of rows a day, which leaves its
-- table as large and reads its indexes for each row. `romashka migrate partition
-- api_security_logs` makes it a table of partitions, one a day; from then on retention
-- drops days, and this job makes those to come. On a log of one table it does nothing.
INSERT INTO romashka.jobs (name, every, function) VALUES ('partitions', '1 hour', 'job_partitions') ON CONFLICT (name) DO NOTHING;
