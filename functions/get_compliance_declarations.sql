-- function: public.get_compliance_declarations()
-- Purpose: the declarations of people on matters that no database can show, and the
--   findings that they accept.
-- Rows: kind evidence (name: backup, contract, ...) or waiver (name: the check, object:
--   the part of it, * for all), the statement, by whom, valid_until (the last day,
--   NULL: without end; a past one counts no more). Waivers that were ended are left out.
-- Who: admin, compliance_admin and service_role; others get no row. The body is bound
--   when the function is made, so that the caller needs no right to look names up in
--   schema romashka.
CREATE OR REPLACE FUNCTION public.get_compliance_declarations()
RETURNS TABLE (kind text, name text, object text, said text, owner text, valid_until date, created_at timestamptz)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT d.kind, d.name, d.object, d.said, d.owner, d.valid_until, d.created_at FROM romashka.declared_for_admin() AS d;
END;

REVOKE ALL ON FUNCTION public.get_compliance_declarations() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_compliance_declarations() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_compliance_declarations() IS 'Declared evidence and accepted findings';
