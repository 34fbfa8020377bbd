-- Purpose: writes an incident. One that is there, of the same rule and principal
--   and overlapping in time, is found again: it keeps its key and its status, and
--   becomes no less grave. If nothing is new nothing is written.
-- Parameters: $1 rule, $2 incident_type, $3 severity, $4 user, $5 address, $6 title,
--   $7 description, $8 detected_at, $9 metadata (dedup_key, principal, first_seen, last_seen, count, ...).
-- Columns: id, whether it is new; none where nothing was written.
-- Run by: the login of background work, one at a time (an advisory lock is held).
WITH given AS (
  SELECT ($9::jsonb ->> 'first_seen')::timestamptz AS first_seen, ($9::jsonb ->> 'last_seen')::timestamptz AS last_seen
), old AS (
  SELECT i.id, i.severity, i.user_id, i.ip_address, i.detected_at, i.metadata
  FROM public.security_incidents AS i, given
  WHERE i.metadata ? 'dedup_key' AND i.detection_method = $1 AND i.metadata ->> 'principal' = $9::jsonb ->> 'principal'
    AND given.first_seen < (i.metadata ->> 'last_seen')::timestamptz + interval '30 minutes'
    AND (i.metadata ->> 'first_seen')::timestamptz < given.last_seen + interval '30 minutes'
  ORDER BY i.detected_at LIMIT 1 FOR UPDATE OF i
), merged AS (
  SELECT old.id, CASE WHEN graver THEN $3 ELSE old.severity END AS severity, LEAST(old.detected_at, $8::timestamptz) AS detected_at,
         COALESCE(old.user_id, (SELECT p.id FROM public.profiles AS p WHERE p.id = $4::uuid)) AS user_id, COALESCE(old.ip_address, $5::inet) AS ip_address,
         old.metadata || CASE WHEN graver THEN $9::jsonb - 'dedup_key' ELSE '{}' END || jsonb_strip_nulls(jsonb_build_object(
           'first_seen', CASE WHEN given.first_seen < (old.metadata ->> 'first_seen')::timestamptz THEN $9::jsonb -> 'first_seen' ELSE old.metadata -> 'first_seen' END,
           'last_seen', CASE WHEN given.last_seen > (old.metadata ->> 'last_seen')::timestamptz THEN $9::jsonb -> 'last_seen' ELSE old.metadata -> 'last_seen' END,
           'count', GREATEST((old.metadata ->> 'count')::bigint, ($9::jsonb ->> 'count')::bigint),
           'group_id', COALESCE(NULLIF(old.metadata -> 'group_id', 'null'), $9::jsonb -> 'group_id'))) AS metadata
  FROM old, given, LATERAL (SELECT array_position('{low,medium,high,critical}', $3) > array_position('{low,medium,high,critical}', old.severity) AS graver) AS g
), again AS (
  UPDATE public.security_incidents AS i
  SET severity = merged.severity, detected_at = merged.detected_at, user_id = merged.user_id, ip_address = merged.ip_address, metadata = merged.metadata,
      description = CASE WHEN merged.severity <> i.severity THEN $7 ELSE i.description END
  FROM merged
  WHERE i.id = merged.id
    AND (i.severity, i.detected_at, i.user_id, i.ip_address, i.metadata) IS DISTINCT FROM
        (merged.severity, merged.detected_at, merged.user_id, merged.ip_address, merged.metadata)
  RETURNING i.id
), fresh AS (
  INSERT INTO public.security_incidents (incident_type, severity, user_id, ip_address, title, description, detection_method, detected_at, metadata)
  SELECT $2, $3, (SELECT p.id FROM public.profiles AS p WHERE p.id = $4::uuid), $5::inet, $6, $7, $1, $8, $9::jsonb
  WHERE NOT EXISTS (SELECT FROM old)
  RETURNING id
)
SELECT id::text, false FROM again UNION ALL SELECT id::text, true FROM fresh
