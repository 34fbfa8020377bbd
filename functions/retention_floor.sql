-- function: romashka.retention_floor(text)
-- Purpose: days for which a category of data_retention_policies is kept at least,
--   whatever its row says.
-- Parameters: the category.
-- Rows: one number. The API log has the seed's 30 days and sessions its 90; evidence that
--   an audit asks for is kept for a year; other rows for a day.
-- Who: the owner, by way of cleanup_old_analytics_data() and the trigger on
--   data_retention_policies; it is not exposed.
CREATE OR REPLACE FUNCTION romashka.retention_floor(category text)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT CASE
    WHEN category = 'api_security_logs' THEN 30
    WHEN category IN ('session_data', 'security_alerts') THEN 90
    WHEN category IN ('security_incidents', 'compliance_results', 'security_audit_logs', 'audit_logs') THEN 365
    ELSE 1
  END
$$;

REVOKE ALL ON FUNCTION romashka.retention_floor(text) FROM PUBLIC;
COMMENT ON FUNCTION romashka.retention_floor(text) IS 'Days for which a category of data is kept at least';
