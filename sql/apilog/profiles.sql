-- Those of some ids that are profiles': user_id refers to them.
-- Parameter: uuid[].
-- Run by: the role of romashka-db-background-uri.
SELECT id FROM public.profiles WHERE id = ANY($1)
