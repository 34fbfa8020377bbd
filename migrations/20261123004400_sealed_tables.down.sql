DROP POLICY IF EXISTS "Only the owner" ON romashka.two_factor_secrets;
DROP POLICY IF EXISTS "Only the owner" ON romashka.api_key_hashes;
