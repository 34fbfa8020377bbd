-- Written by `make generate` from migrations/20261129060000_compliance_results.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129060000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Results of checks had no article, no word on whether a finding is accepted,
-- and did not say who had looked: a result that a page filed and one that was
-- measured in the database looked alike. Now a row says its origin. "romashka"
-- is kept only where a login in its own name, or the table's owner, says it: a
-- row that comes over the API is "client", whatever it says.
ALTER TABLE public.compliance_results
  ADD COLUMN IF NOT EXISTS article text,
  ADD COLUMN IF NOT EXISTS waived boolean NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS origin text NOT NULL DEFAULT 'client';
SELECT romashka.ensure_constraint('public.compliance_results', 'compliance_results_origin_check', 'CHECK (origin IN (''romashka'', ''client''))');
COMMENT ON COLUMN public.compliance_results.article IS 'For which it is technical evidence';
COMMENT ON COLUMN public.compliance_results.waived IS 'All that was found is accepted for a time, see romashka.waivers; status stays as it is';
COMMENT ON COLUMN public.compliance_results.origin IS 'Who looked: romashka (a statement over the database) or client (a page says so)';
CREATE INDEX IF NOT EXISTS idx_compliance_results_own ON public.compliance_results (check_name, compliance_type, checked_at DESC) WHERE origin = 'romashka';

CREATE OR REPLACE FUNCTION romashka.stamp_origin()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF current_user = session_user AND COALESCE(pg_catalog.current_setting('request.jwt.claims', true), '') = ''
     OR pg_catalog.pg_has_role(current_user, (SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid = TG_RELID), 'MEMBER') THEN
    RETURN NEW;
  END IF;
  NEW.origin := CASE TG_OP WHEN 'INSERT' THEN 'client' ELSE OLD.origin END;
  NEW.waived := CASE TG_OP WHEN 'INSERT' THEN false ELSE OLD.waived END;
  NEW.article := CASE TG_OP WHEN 'INSERT' THEN NULL ELSE OLD.article END;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.stamp_origin() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_stamp_origin ON public.compliance_results;
CREATE TRIGGER romashka_stamp_origin BEFORE INSERT OR UPDATE ON public.compliance_results
  FOR EACH ROW EXECUTE FUNCTION romashka.stamp_origin();
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129060000, 'compliance_results', '9ec691c0b7f52702023b200e91958c402de1d19629228e72ac5ae9f8e745876f', now());
END
$romashka$;
