DO $grants$
DECLARE
  name text;
BEGIN
  FOR name IN
    SELECT relation FROM romashka.base_additions
    WHERE what = 'grant' AND to_regclass(format('public.%I', relation)) IS NOT NULL
  LOOP
    EXECUTE format('REVOKE SELECT, INSERT, UPDATE, DELETE ON public.%I FROM anon, authenticated, service_role', name);
  END LOOP;
END
$grants$;
DROP TABLE IF EXISTS romashka.base_additions;
