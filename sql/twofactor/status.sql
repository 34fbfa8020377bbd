-- Purpose: the facts that a user may know of his factors; Supabase Auth's own are shown beside them.
-- Parameters: $1 uuid user, $2 uuid session or NULL. Run in a transaction that lock.sql began.
-- Columns: one JSON object.
-- Run by: the role of romashka-db-background-uri.
SELECT json_build_object(
  'factors', COALESCE((
    SELECT json_agg(f.line ORDER BY f.created_at, f.id) FROM (
      SELECT f.factor_id::text AS id, f.created_at, json_build_object('factor_id', f.factor_id, 'method', f.method, 'enabled', f.enabled,
        'destination', CASE f.method
          WHEN 'sms' THEN left(f.destination, 3) || repeat('*', length(f.destination) - 5) || right(f.destination, 2)
          WHEN 'email' THEN left(f.destination, 1) || '***' || substring(f.destination FROM '@.*$') END,
        'source', CASE WHEN f.from_table THEN 'table' ELSE 'romashka' END,
        'created_at', f.created_at, 'last_used', f.last_used) AS line
      FROM romashka.factors AS f WHERE f.user_id = $1
      UNION ALL
      SELECT m.id::text, m.created_at, json_build_object('factor_id', m.id, 'method', CASE m.factor_type::text WHEN 'phone' THEN 'sms' ELSE m.factor_type::text END,
        'enabled', m.status::text = 'verified', 'destination', NULL, 'source', 'supabase', 'created_at', m.created_at, 'last_used', NULL)
      FROM auth.mfa_factors AS m WHERE m.user_id = $1
    ) AS f), '[]'::json),
  'verified_until', (
    SELECT v.verified_until FROM romashka.verified_sessions AS v
    WHERE v.session_id = $2 AND v.user_id = $1 AND v.verified_until > now() AND romashka.session_verified()),
  'backup_codes_left', (SELECT count(*) FROM romashka.backup_codes AS b WHERE b.user_id = $1 AND b.used_at IS NULL),
  'required', romashka.second_factor_required())::text
