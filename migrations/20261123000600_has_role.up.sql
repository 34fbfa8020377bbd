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
