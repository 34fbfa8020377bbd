-- function: public.two_factor_verify(uuid, text)
-- Purpose: a right code marks the session of the token.
--   The sidecar answers it before the database is asked, since the database has no
--   key and sends nothing: this text describes it, and refuses where no sidecar is.
-- Who: signed-in users.
CREATE OR REPLACE FUNCTION public.two_factor_verify(factor_id uuid, code text)
RETURNS json LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
BEGIN
  RAISE SQLSTATE 'PGRST' USING
    MESSAGE = '{"code":"ROM445","message":"Second factors are not set up here.","details":null,"hint":"The ROMASHKA sidecar answers this call, with romashka-db-background-uri (ROMASHKA_DB_BACKGROUND_URI) set: send it there."}',
    DETAIL = '{"status":501,"headers":{}}';
END
$$;

REVOKE ALL ON FUNCTION public.two_factor_verify(uuid, text) FROM PUBLIC, anon, service_role;
GRANT EXECUTE ON FUNCTION public.two_factor_verify(uuid, text) TO authenticated;
COMMENT ON FUNCTION public.two_factor_verify(uuid, text) IS 'Marks this session as verified by a code of the factor or a backup code. Gives verified_until.';
