-- These two tables hold values that no API role may see. They have row level
-- security and no policy, which PostgreSQL takes for "nobody" and Supabase's
-- linter for "forgotten" (rls_enabled_no_policy). Now a policy states the
-- intention.
DROP POLICY IF EXISTS "Only the owner" ON romashka.two_factor_secrets;
CREATE POLICY "Only the owner" ON romashka.two_factor_secrets FOR ALL TO authenticated USING (false);
DROP POLICY IF EXISTS "Only the owner" ON romashka.api_key_hashes;
CREATE POLICY "Only the owner" ON romashka.api_key_hashes FOR ALL TO authenticated USING (false);
