-- Purpose: a user by id or address. Parameters: $1 text. Columns: id.
-- Run by: the owner.
SELECT p.id FROM public.profiles AS p WHERE p.id::text = lower($1) OR lower(p.email) = lower($1) ORDER BY p.id LIMIT 2
