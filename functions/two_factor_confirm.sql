-- function: public.two_factor_confirm(uuid, text)
-- Purpose: a right code makes a new factor count.
--   The sidecar answers it before the database is asked, since the database has no
--   key and sends nothing: this text describes it, and refuses where no sidecar is.
-- Who: signed-in users.
CREATE OR REPLACE FUNCTION public.two_factor_confirm(factor_id uuid, code text)
RETURNS json LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  RAISE SQLSTATE 'PGRST' USING
    MESSAGE = '{"code":"ROM445","message":"Second factors are not set up here.","details":null,"hint":"The ROMASHKA sidecar answers this call, with romashka-db-background-uri (ROMASHKA_DB_BACKGROUND_URI) set: send it there."}',
    DETAIL = '{"status":501,"headers":{}}';
END
$$;

REVOKE ALL ON FUNCTION public.two_factor_confirm(uuid, text) FROM PUBLIC, anon, service_role;
GRANT EXECUTE ON FUNCTION public.two_factor_confirm(uuid, text) TO authenticated;
COMMENT ON FUNCTION public.two_factor_confirm(uuid, text) IS 'Confirms a new second factor with a code. Gives enabled and ten backup codes, which are shown this once.';
