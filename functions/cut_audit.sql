-- function: romashka.cut_audit(bigint, timestamp with time zone, bytea)
-- Purpose: deletes the lines of the trail up to a checkpoint, and tells so in the trail.
-- Parameters: seq of the checkpoint that audit_cut_due names; when; the sidecar's
--   signature of the cut, without which romashka audit verify takes it for tampering.
-- Rows: how many lines were deleted; 0 where nothing was to be.
-- Who: the owner, and a login that may run jobs (allow_jobs), with the owner's rights.
CREATE OR REPLACE FUNCTION romashka.cut_audit(upto bigint, at timestamptz, signature bytea)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  deleted bigint;
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('romashka.audit', 0));
  IF cut_audit.signature IS NULL OR NOT EXISTS (SELECT FROM romashka.audit_cut_due() AS d WHERE d.seq = upto) THEN
    RETURN 0;
  END IF;
  WITH gone AS (
    DELETE FROM romashka.audit_chain AS c WHERE c.seq <= upto RETURNING c.line_id
  )
  DELETE FROM public.security_audit_logs AS l USING gone WHERE l.id = gone.line_id;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  DELETE FROM romashka.audit_checkpoints AS c WHERE c.seq < upto;
  UPDATE romashka.audit_checkpoints AS c SET cut_at = cut_audit.at, cut_signature = cut_audit.signature WHERE c.seq = upto;
  INSERT INTO public.security_audit_logs (event_type, user_id, resource_type, action, new_values)
  VALUES ('retention', NULL, 'security_audit_logs', 'delete', pg_catalog.jsonb_build_object('category', 'security_audit_logs', 'rows', deleted, 'checkpoint', upto));
  RETURN deleted;
END
$$;

REVOKE ALL ON FUNCTION romashka.cut_audit(bigint, timestamp with time zone, bytea) FROM PUBLIC;
COMMENT ON FUNCTION romashka.cut_audit(bigint, timestamp with time zone, bytea) IS 'Deletes the lines of the trail up to a checkpoint';
