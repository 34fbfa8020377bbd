-- Written by `make generate` from migrations/20261123004100_superfluous_indexes.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123004100) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Found in the seed: idx_security_sessions_token repeats the index of the
-- unique key on session_token. Since predictive_analytics has a unique key on
-- type and date, idx_predictive_analytics_type repeats its first column. Each
-- costs a write for every row and serves no query better.
--
-- Mend: drop them. An older security_sessions may lack the unique key, and
-- then keeps its index: the app finds sessions by their token.
DO $drop$
BEGIN
  IF EXISTS (
    SELECT FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = 'public.security_sessions'::regclass AND i.indisunique AND i.indnkeyatts = 1 AND a.attname = 'session_token'
  ) THEN
    DROP INDEX IF EXISTS public.idx_security_sessions_token;
  END IF;
END
$drop$;
DROP INDEX IF EXISTS public.idx_predictive_analytics_type;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123004100, 'superfluous_indexes', 'b74b1babf2b5a60a1498ee63c7103240e131d146043e8ca2782efe03041c15b2', now());
END
$romashka$;
