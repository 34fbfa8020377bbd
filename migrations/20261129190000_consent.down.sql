-- Tables that were marked lose their mark with it.
DO $$
DECLARE
  marked record;
BEGIN
  FOR marked IN
    SELECT DISTINCT p.polrelid::regclass AS relation, p.polname FROM pg_catalog.pg_policy AS p
    JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid
    WHERE p.polname LIKE 'Consent to %' AND d.refobjid = to_regprocedure('romashka.has_consent(uuid, text)')
  LOOP
    EXECUTE format('DROP POLICY %I ON %s', marked.polname, marked.relation);
  END LOOP;
END
$$;
DROP FUNCTION IF EXISTS romashka.release_consent(regclass, text);
DROP FUNCTION IF EXISTS romashka.require_consent(regclass, name, text);
DROP FUNCTION IF EXISTS romashka.has_consent(uuid, text);
