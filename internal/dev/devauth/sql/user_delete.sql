-- Purpose: a user and all that hangs on him is no more. Parameters: $1 id.
DELETE FROM auth.users WHERE id = $1::uuid
