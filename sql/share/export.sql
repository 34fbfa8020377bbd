-- Purpose: takes a row of export_jobs to work at it.
-- Parameters: $1 uuid. Columns: name, type, format, filters.
-- Run by: the role of romashka-db-background-uri.
UPDATE public.export_jobs AS e SET status = 'processing' WHERE e.id = $1 AND e.status IN ('pending', 'processing')
RETURNING e.name::text, e.type::text, e.format::text, COALESCE(e.filters, '{}')::text AS filters
