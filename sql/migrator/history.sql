-- Purpose: the migrator's history. Several statements, run as one batch.
-- Run by: internal/database/migrator, before the first migration; harmless again.
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
  ADD COLUMN IF NOT EXISTS definition text; -- the function's definition afterwards, as functions.sql sums it up; NULL: not known

CREATE TABLE IF NOT EXISTS romashka.later_indexes (
  name      text PRIMARY KEY,
  version   bigint NOT NULL, -- of the migration that wants it
  statement text NOT NULL    -- CREATE INDEX CONCURRENTLY ...
);

CREATE TABLE IF NOT EXISTS romashka.repairs (
  name       text PRIMARY KEY, -- of the files in sql/repair
  applied_at timestamptz NOT NULL,
  saved      text NOT NULL     -- the function that it has replaced, as it was
);
CREATE TABLE IF NOT EXISTS romashka.repaired_rows (
  id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  repair text NOT NULL,
  row    jsonb NOT NULL -- that a repair has taken out
);
