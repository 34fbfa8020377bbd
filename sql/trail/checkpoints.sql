-- The checkpoints, from the last at which retention has cut on.
-- Returns seq, hash, when, public key, signature, cut when, signature of the cut.
-- Run by: the login of the command line.
SELECT seq, hash, made_at, public_key, signature, cut_at, cut_signature FROM romashka.audit_checkpoints ORDER BY seq
