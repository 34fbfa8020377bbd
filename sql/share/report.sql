-- Purpose: what a row of scheduled_reports asks for.
-- Parameters: $1 uuid. Columns: name, type, format, filters.
-- Run by: the role of romashka-db-background-uri.
SELECT r.name::text, r.report_type::text AS type, COALESCE(r.format, '')::text AS format, COALESCE(r.filters, '{}')::text AS filters
FROM public.scheduled_reports AS r WHERE r.id = $1 AND r.is_active IS NOT FALSE
