-- function: romashka.allow_jobs(regrole)
-- Purpose: lets a login of the sidecar's own run jobs and read of them. Jobs in
--   SQL run with the owner's rights; those of the sidecar with the login's, which
--   needs besides what they read and write.
-- Parameters: the role.
-- Who: the owner alone.
CREATE OR REPLACE FUNCTION romashka.allow_jobs(login regrole)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA romashka TO %s', login);
  EXECUTE pg_catalog.format('GRANT SELECT ON romashka.jobs, romashka.job_runs TO %s', login);
  EXECUTE pg_catalog.format(
    'GRANT EXECUTE ON FUNCTION romashka.run_due_jobs(), romashka.run_claimed_job(bigint), romashka.claim_job(text, interval, text[], text),
       romashka.renew_jobs(bigint[], interval), romashka.hold_job(bigint), romashka.finish_job(bigint, text, text, boolean, boolean),
       romashka.register_jobs(text[], interval[], interval[]) TO %s', login);
END
$$;

REVOKE ALL ON FUNCTION romashka.allow_jobs(regrole) FROM PUBLIC;
COMMENT ON FUNCTION romashka.allow_jobs(regrole) IS 'Lets a login of the sidecar''s own run jobs';
