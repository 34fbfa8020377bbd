-- These two tables hold what no API role may see. They have row level security
-- and no policy, which PostgreSQL takes for "nobody" and Supabase's linter for
-- "forgotten" (rls_enabled_no_policy). Now they say what is meant.
DROP POLICY IF EXISTS "Only the owner" ON romashka.two_factor_secrets;
CREATE POLICY "Only the owner" ON romashka.two_factor_secrets FOR ALL TO authenticated USING (false);
DROP POLICY IF EXISTS "Only the owner" ON romashka.api_key_hashes;
CREATE POLICY "Only the owner" ON romashka.api_key_hashes FOR ALL TO authenticated USING (false);
