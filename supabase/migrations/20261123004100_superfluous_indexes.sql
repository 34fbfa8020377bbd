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

EXECUTE $text$
-- Purpose: the migrator's books. Several statements, run as one batch.
-- Run by: internal/migrator, before the first migration; harmless again.
-- Schema romashka is not exposed, and nobody but its owner may look into it.
CREATE SCHEMA IF NOT EXISTS romashka;
REVOKE ALL ON SCHEMA romashka FROM PUBLIC;

CREATE TABLE IF NOT EXISTS romashka.schema_migrations (
  version    bigint PRIMARY KEY,
  title      text NOT NULL,
  checksum   text NOT NULL, -- SHA-256 of the up file
  applied_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS romashka.functions (
  name       text PRIMARY KEY, -- of the file
  signature  text NOT NULL,    -- public.f(integer)
  checksum   text NOT NULL,    -- of the file and of the columns it depends on
  applied_at timestamptz NOT NULL
);
ALTER TABLE romashka.functions
  ADD COLUMN IF NOT EXISTS definition text; -- what stood afterwards, as functions.sql sums it up; NULL: not known

CREATE TABLE IF NOT EXISTS romashka.later_indexes (
  name      text PRIMARY KEY,
  version   bigint NOT NULL, -- of the migration that wants it
  statement text NOT NULL    -- CREATE INDEX CONCURRENTLY ...
);
$text$;
INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261123004100, 'superfluous_indexes', 'b74b1babf2b5a60a1498ee63c7103240e131d146043e8ca2782efe03041c15b2', now());
END
$romashka$;
