-- Tells which of some ids are those of profiles: user_id refers to them.
-- Parameter: uuid[].
-- Run by: the role of romashka-db-background-uri.
SELECT id FROM public.profiles WHERE id = ANY($1)
