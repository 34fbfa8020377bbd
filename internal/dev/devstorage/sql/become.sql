-- Purpose: act as the caller until the transaction ends. Parameters: $1 role,
-- $2 claims, $3 operation.
SELECT set_config('search_path', 'storage, public, extensions', true), set_config('request.jwt.claims', $2::text, true),
       set_config('storage.operation', $3::text, true), set_config('role', $1::text, true)
