SELECT romashka.refuse_rows('public.encryption_keys');
SELECT romashka.refuse_rows('public.api_keys');
DO $check$
BEGIN
  IF EXISTS (SELECT FROM public.pii_detection_patterns WHERE updated_at <> created_at) THEN
    PERFORM romashka.refuse_rows('public.pii_detection_patterns');
  END IF;
END
$check$;
DROP TABLE IF EXISTS public.encryption_keys;
DROP TABLE IF EXISTS public.pii_detection_patterns;
DROP TABLE IF EXISTS public.api_keys;
DROP TABLE IF EXISTS romashka.api_key_hashes;
DROP FUNCTION IF EXISTS romashka.keep_api_key_hash();
