DROP TABLE IF EXISTS romashka.detection;
DROP INDEX IF EXISTS public.idx_security_sessions_created_at;
ALTER TABLE public.security_sessions DROP COLUMN IF EXISTS arrived;
ALTER TABLE public.api_security_logs DROP COLUMN IF EXISTS arrived;
