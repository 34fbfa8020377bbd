-- function: romashka.hold_job(bigint)
-- Purpose: reports whether a run still has its job, and if so, keeps it from being
--   taken over until the transaction ends. Last in a transaction it makes sure
--   that nothing is written by one who is the owner no more.
-- Parameters: the run.
-- Who: the owner, and logins of the sidecar's own, see allow_jobs.
CREATE OR REPLACE FUNCTION romashka.hold_job(held bigint)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  -- KEY SHARE: the lease may be renewed meanwhile, and not be given away.
  PERFORM FROM romashka.jobs AS j WHERE j.run = held AND j.lease_until IS NOT NULL FOR KEY SHARE SKIP LOCKED;
  RETURN FOUND;
END
$$;

REVOKE ALL ON FUNCTION romashka.hold_job(bigint) FROM PUBLIC;
COMMENT ON FUNCTION romashka.hold_job(bigint) IS 'Reports whether a run still has its job, and keeps it so until the transaction ends';
