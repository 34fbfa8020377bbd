DROP TRIGGER IF EXISTS romashka_end_shares ON public.security_sessions;
DROP FUNCTION IF EXISTS romashka.end_shares_of();
DO $base$
BEGIN
  IF to_regclass('public.scheduled_reports') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS romashka_own_report ON public.scheduled_reports;
    DROP TRIGGER IF EXISTS romashka_share_report ON public.scheduled_reports;
  END IF;
  IF to_regclass('public.export_jobs') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS romashka_own_report ON public.export_jobs;
    DROP TRIGGER IF EXISTS romashka_share_report ON public.export_jobs;
    DROP POLICY IF EXISTS "Exports are of whoever asks for them" ON public.export_jobs;
  END IF;
END
$base$;
DROP FUNCTION IF EXISTS romashka.own_report();
DROP FUNCTION IF EXISTS romashka.share_report();
-- These are bound to the ones below, see functions/.
DROP FUNCTION IF EXISTS public.create_share(text, text, text, text, text[], text[], text, integer, text);
DROP FUNCTION IF EXISTS public.get_shares();
DROP FUNCTION IF EXISTS public.revoke_share(uuid);
DROP FUNCTION IF EXISTS romashka.share_claims(uuid);
DROP FUNCTION IF EXISTS romashka.end_share(uuid);
DROP FUNCTION IF EXISTS romashka.shares_for();
DROP FUNCTION IF EXISTS romashka.share_name(text, uuid);
DROP FUNCTION IF EXISTS romashka.make_share(text, text, text, text, text[], text[], text, integer, text);
DROP FUNCTION IF EXISTS romashka.share_fault(text, text, text, text, text[], text[], text, integer);
ALTER TABLE romashka.messages DROP COLUMN IF EXISTS html;
DROP TABLE IF EXISTS romashka.share_files;
DROP TABLE IF EXISTS romashka.shares;
DROP FUNCTION IF EXISTS romashka.verify_share();
