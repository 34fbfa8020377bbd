-- Purpose: note that a session was refreshed. Parameters: $1 its id.
UPDATE auth.sessions SET refreshed_at = now() AT TIME ZONE 'UTC', updated_at = now() WHERE id = $1::uuid
