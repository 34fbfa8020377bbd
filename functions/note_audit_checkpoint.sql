-- function: romashka.note_audit_checkpoint(bigint, bytea, timestamp with time zone, bytea, bytea)
-- Purpose: writes down a state of the chain that the sidecar has signed. Of a day
--   the last one stays.
-- Parameters: seq and hash of the chain's end; when; public key and signature, or NULL.
-- Who: the owner, and a login that may run jobs (allow_jobs), with the owner's rights.
CREATE OR REPLACE FUNCTION romashka.note_audit_checkpoint(seq bigint, hash bytea, made_at timestamptz, public_key bytea, signature bytea)
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
  INSERT INTO romashka.audit_checkpoints (seq, hash, made_at, public_key, signature) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING;
  DELETE FROM romashka.audit_checkpoints AS c
  WHERE c.seq < $1 AND c.cut_at IS NULL AND pg_catalog.date_trunc('day', c.made_at, 'UTC') = pg_catalog.date_trunc('day', $3, 'UTC');
$$;

REVOKE ALL ON FUNCTION romashka.note_audit_checkpoint(bigint, bytea, timestamp with time zone, bytea, bytea) FROM PUBLIC;
COMMENT ON FUNCTION romashka.note_audit_checkpoint(bigint, bytea, timestamp with time zone, bytea, bytea) IS 'Writes down a signed state of the chain over the trail';
