-- function: romashka.audit_cut_due()
-- Purpose: the checkpoint behind which retention is to cut the trail: the last one
--   that is signed and older than data_retention_policies lets us keep lines
--   (category security_audit_logs, with auto_delete), and never than its floor.
-- Rows: seq and hash; none where nothing is to be cut.
-- Who: the owner, and a login that may run jobs (allow_jobs), with the owner's rights.
CREATE OR REPLACE FUNCTION romashka.audit_cut_due()
RETURNS TABLE (seq bigint, hash bytea) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY
  SELECT c.seq, c.hash
  FROM public.data_retention_policies AS p, romashka.audit_checkpoints AS c
  WHERE p.data_category = 'security_audit_logs' AND p.auto_delete AND c.cut_at IS NULL AND c.signature IS NOT NULL
    AND c.made_at < pg_catalog.now() - pg_catalog.make_interval(days => LEAST(GREATEST(p.retention_period, romashka.retention_floor(p.data_category)), 36500))
    AND EXISTS (SELECT FROM romashka.audit_chain AS l WHERE l.seq = c.seq AND l.hash = c.hash)
  ORDER BY c.seq DESC LIMIT 1;
END
$$;

REVOKE ALL ON FUNCTION romashka.audit_cut_due() FROM PUBLIC;
COMMENT ON FUNCTION romashka.audit_cut_due() IS 'The checkpoint behind which retention is to cut the trail';
