-- The results of a job stay; when it ran is known only here, and not missed.
DROP FUNCTION IF EXISTS romashka.run_due_jobs();
DROP TABLE IF EXISTS romashka.jobs;
