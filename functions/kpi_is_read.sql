-- function: romashka.kpi_is_read()
-- Purpose: whether changes are noted, and a job has read them in the last two hours
--   (it says so once an hour). Otherwise the kept figures may be out of date.
-- Who: signed-in users; it tells nothing of any row.
CREATE OR REPLACE FUNCTION romashka.kpi_is_read()
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM romashka.queues AS q WHERE q.name = 'kpi' AND q.noting AND q.filled AND q.read_at > pg_catalog.now() - interval '2 hours')
$$;

REVOKE ALL ON FUNCTION romashka.kpi_is_read() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_is_read() TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_is_read() IS 'Whether a job reads the changes of figures';
