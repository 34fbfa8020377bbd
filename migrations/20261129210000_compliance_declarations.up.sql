-- What people declare and which findings they accept could be read by the owner
-- alone: an administrator saw a finding waived, and nowhere why and until when.
--
-- Mend: declared_for_admin shows both to those who see results.
CREATE OR REPLACE FUNCTION romashka.declared_for_admin()
RETURNS TABLE (kind text, name text, object text, said text, owner text, valid_until date, created_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
BEGIN
  IF caller = 'anon' OR caller = 'authenticated' AND NOT (romashka.has_role('admin', 'compliance_admin') AND romashka.second_factor_passed()) THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT d.* FROM (
    SELECT 'evidence'::text, e.kind, NULL::text, e.text, e.who, e.valid_until, e.created_at FROM romashka.evidence AS e
    UNION ALL
    SELECT 'waiver', w.check_name, w.object, w.reason, w.owner, w.valid_until, w.created_at FROM romashka.waivers AS w WHERE w.ended_at IS NULL
  ) AS d (kind, name, object, said, owner, valid_until, created_at)
  ORDER BY d.kind, d.valid_until DESC NULLS FIRST, d.name LIMIT 1000;
END
$$;
REVOKE ALL ON FUNCTION romashka.declared_for_admin() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.declared_for_admin() TO authenticated, service_role;
COMMENT ON FUNCTION romashka.declared_for_admin() IS 'Declared evidence and accepted findings, for those who see results';
