-- function: public.get_shares()
-- Purpose: what leaves by itself: embedded charts, mailed pages, reports and exports
--   of the base, the newest first; those that have ended are left out.
-- Rows: kind (embed, mail, report, export), owner and whether that is the caller, what
--   it shows, whom it is for, since when and until when, the next and the last time,
--   and why the last one failed.
-- Who: one's own; everybody's for security:read and service_role. The body is bound
--   when the function is made, so that the caller needs no right to look names up in
--   schema romashka.
CREATE OR REPLACE FUNCTION public.get_shares()
RETURNS TABLE (id uuid, kind text, owner text, own boolean, page text, block text, query text, origins text[], recipients text[], schedule text,
               name text, created_at timestamptz, expires_at timestamptz, due_at timestamptz, done_at timestamptz, failure text)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT s.id, s.kind, s.owner, s.own, s.page, s.block, s.query, s.origins, s.recipients, s.schedule,
         s.name, s.created_at, s.expires_at, s.due_at, s.done_at, s.failure
  FROM romashka.shares_for() AS s;
END;

REVOKE ALL ON FUNCTION public.get_shares() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_shares() TO authenticated, service_role;
COMMENT ON FUNCTION public.get_shares() IS 'Embedded charts, mailed pages, reports and exports that are in force';
