-- function: public.two_factor_reset(uuid, text)
-- Purpose: an admin takes from another user all factors.
--   The sidecar answers it before the database is asked, since the database has no
--   key and sends nothing: this text describes it, and refuses where no sidecar is.
-- Who: signed-in users.
CREATE OR REPLACE FUNCTION public.two_factor_reset(user_id uuid, reason text)
RETURNS json LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  RAISE SQLSTATE 'PGRST' USING
    MESSAGE = '{"code":"ROM445","message":"Second factors are not set up here.","details":null,"hint":"The ROMASHKA sidecar answers this call, with romashka-db-background-uri (ROMASHKA_DB_BACKGROUND_URI) set: send it there."}',
    DETAIL = '{"status":501,"headers":{}}';
END
$$;

REVOKE ALL ON FUNCTION public.two_factor_reset(uuid, text) FROM PUBLIC, anon, service_role;
GRANT EXECUTE ON FUNCTION public.two_factor_reset(uuid, text) TO authenticated;
COMMENT ON FUNCTION public.two_factor_reset(uuid, text) IS 'Removes all second factors of another user, with a reason; for admins who have just shown their own.';
