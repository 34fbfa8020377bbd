-- Writes down a state of the chain.
-- Input: $1 seq, $2 hash, $3 when, $4 public key or NULL, $5 signature or NULL.
-- Run by: the login of background work, in the transaction that has sealed.
SELECT romashka.note_audit_checkpoint($1, $2, $3, $4, $5)
