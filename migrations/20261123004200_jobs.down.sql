-- What a job did stays; when it did it is known only here, and not missed.
DROP FUNCTION IF EXISTS romashka.run_due_jobs();
DROP TABLE IF EXISTS romashka.jobs;
