-- Purpose: the secret of a factor under another key. Parameters: $1 uuid factor, $2 bytea secret, $3 text key.
-- Run by: the owner.
UPDATE romashka.factors SET secret = $2, key_id = $3 WHERE factor_id = $1
