-- function: romashka.register_jobs(text[], interval[], interval[])
-- Purpose: brings the sidecar's own jobs into the timetable. A row that is there
--   stays as it is: an admin may have set it.
-- Parameters: names; how often each is due; how long a run may take.
-- Who: the owner, and logins of the sidecar's own, see allow_jobs.
CREATE OR REPLACE FUNCTION romashka.register_jobs(names text[], every interval[], timeouts interval[])
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
  INSERT INTO romashka.jobs (name, every, timeout)
  SELECT n.name, n.every, n.timeout FROM ROWS FROM (
    pg_catalog.unnest(names), pg_catalog.unnest(every), pg_catalog.unnest(timeouts)) AS n (name, every, timeout)
  ON CONFLICT (name) DO NOTHING
$$;

REVOKE ALL ON FUNCTION romashka.register_jobs(text[], interval[], interval[]) FROM PUBLIC;
COMMENT ON FUNCTION romashka.register_jobs(text[], interval[], interval[]) IS 'Brings the sidecar''s own jobs into the timetable';
