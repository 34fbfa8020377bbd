-- Written by `make generate` from migrations/20261123004400_sealed_tables.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123004400) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- These two tables hold values that no API role may see. They have row level
-- security and no policy, which PostgreSQL takes for "nobody" and Supabase's
-- linter for "forgotten" (rls_enabled_no_policy). Now a policy states the
-- intention.
DROP POLICY IF EXISTS "Only the owner" ON romashka.two_factor_secrets;
CREATE POLICY "Only the owner" ON romashka.two_factor_secrets FOR ALL TO authenticated USING (false);
DROP POLICY IF EXISTS "Only the owner" ON romashka.api_key_hashes;
CREATE POLICY "Only the owner" ON romashka.api_key_hashes FOR ALL TO authenticated USING (false);
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123004400, 'sealed_tables', '10421f28ad7ee6373fb5978e0aa240da1554f959349901eb21f03d4684711052', now());
END
$romashka$;
