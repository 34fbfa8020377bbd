-- Purpose: the role of each user, and since when he is one.
-- Parameters: none.
-- Columns: id, role, created_at.
-- Run by: the login of background work.
SELECT id::text, COALESCE(role, ''), created_at FROM public.profiles
