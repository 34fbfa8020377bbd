-- function: public.create_share(text, text, text, text, text[], text[], text, integer, text)
-- Purpose: makes a share: a chart for other sites (kind embed), or a page that comes
--   by mail (kind mail). It is read as the caller, with his rights at the moment of
--   reading, until he revokes it, its date or the end of his account.
-- Parameters: page and block of the dashboard (block of embed alone), query as the
--   page's address has it; origins, 1 to 10 sites that may show the chart, as
--   https://intranet.example.com; recipients, 1 to 20 addresses, and schedule, weekly
--   (Mondays at 7 in the tenant's zone) or monthly (the 1st), of mail; days until it
--   ends, 1 to 366; language of numbers and dates.
-- Result: its id. 400 for what cannot be, 409 for more than 100.
-- Who: signed-in users with a profile, in a verified session where their role needs
--   one. The body is bound when the function is made, so that the caller needs no
--   right to look names up in schema romashka.
CREATE OR REPLACE FUNCTION public.create_share(kind text, page text, block text DEFAULT NULL, query text DEFAULT '', origins text[] DEFAULT '{}',
  recipients text[] DEFAULT '{}', schedule text DEFAULT NULL, days integer DEFAULT 30, language text DEFAULT '')
RETURNS uuid LANGUAGE sql VOLATILE SECURITY INVOKER SET search_path = ''
BEGIN ATOMIC
  SELECT romashka.make_share(create_share.kind, create_share.page, create_share.block, create_share.query, create_share.origins,
    create_share.recipients, create_share.schedule, create_share.days, create_share.language);
END;

REVOKE ALL ON FUNCTION public.create_share(text, text, text, text, text[], text[], text, integer, text) FROM PUBLIC, anon, service_role;
GRANT EXECUTE ON FUNCTION public.create_share(text, text, text, text, text[], text[], text, integer, text) TO authenticated;
COMMENT ON FUNCTION public.create_share(text, text, text, text, text[], text[], text, integer, text) IS 'Makes an embedded chart or a page by mail, read as the caller';
