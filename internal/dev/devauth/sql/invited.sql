-- Purpose: note that a user was invited. Parameters: $1 id.
UPDATE auth.users SET invited_at = now(), updated_at = now() WHERE id = $1::uuid
