-- Purpose: when a report of this sum was written by this database, and whether the
-- trail has its line.
-- Parameters: $1 SHA-256 of the whole file, in hexadecimal. Read only.
-- Columns: created_at, who, trail. No row: it wrote none.
SELECT r.created_at, r.who,
       EXISTS (SELECT FROM public.security_audit_logs AS l
               WHERE l.event_type = 'export' AND l.source = 'database' AND l.resource_id = r.id::text AND l.new_values ->> 'sha256' = r.sha256) AS trail
FROM romashka.reports AS r
WHERE r.sha256 = $1
ORDER BY r.created_at LIMIT 1
