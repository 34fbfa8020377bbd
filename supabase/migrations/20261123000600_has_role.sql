-- Written by `make generate` from migrations/20261123000600_has_role.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123000600) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Found in the seed: policies ask profiles for the caller's role with a plain
-- sub-select. That query runs under the row level security of profiles itself
-- (recursion, once an admin policy stands there), and once per row.
--
-- Mend: romashka.has_role asks as its owner, with a fixed search_path, from a
-- schema that is not exposed; policies call it as (SELECT romashka.has_role(...)),
-- which PostgreSQL evaluates once per statement.
CREATE OR REPLACE FUNCTION romashka.has_role(VARIADIC wanted text[])
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = '' AS $$
  SELECT EXISTS (
    SELECT FROM public.profiles AS p
    WHERE p.id = (SELECT auth.uid()) AND p.role = ANY (wanted)
  )
$$;
COMMENT ON FUNCTION romashka.has_role(text[]) IS 'Whether the caller''s profile has one of these roles';
REVOKE ALL ON FUNCTION romashka.has_role(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.has_role(text[]) TO authenticated, service_role;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123000600, 'has_role', 'edec1243740f58f3ef180573ebdd2513f70142c5234380f8079c9b258af0e45e', now());
END
$romashka$;
