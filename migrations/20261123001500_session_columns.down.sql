-- Values that the two names share stay in the seed's; the rest has no other
-- place.
DO $check$
BEGIN
  IF EXISTS (SELECT FROM public.security_sessions
             WHERE geolocation IS NOT NULL OR device_info IS NOT NULL OR expires_at IS NOT NULL) THEN
    PERFORM romashka.refuse_rows('public.security_sessions');
  END IF;
END
$check$;
DROP TRIGGER IF EXISTS romashka_keep_session_in_step ON public.security_sessions;
DROP FUNCTION IF EXISTS romashka.keep_session_in_step();
ALTER TABLE public.security_sessions
  DROP COLUMN IF EXISTS geolocation,
  DROP COLUMN IF EXISTS device_info,
  DROP COLUMN IF EXISTS expires_at,
  DROP COLUMN IF EXISTS invalidated_at,
  DROP COLUMN IF EXISTS invalidation_reason;
