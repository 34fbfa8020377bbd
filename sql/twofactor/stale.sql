-- Purpose: factors whose secret is under another key than the current, for rotation.
-- Parameters: $1 text current key, $2 uuid after which factor, $3 int how many. Columns: factor_id, user_id, secret, key_id.
-- Run by: the owner, in the transaction that encrypts them anew.
SELECT factor_id, user_id, secret, key_id FROM romashka.factors
WHERE secret IS NOT NULL AND key_id <> $1 AND factor_id > $2 ORDER BY factor_id LIMIT $3 FOR UPDATE
