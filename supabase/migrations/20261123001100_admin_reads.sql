-- Written by `make generate` from migrations/20261123001100_admin_reads.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261123001100) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Found in the seed: admins see only their own API logs, and nobody the many
-- that have no user, so that "API security monitoring" shows nothing to those
-- it is for. The policy on compliance results has no role and asks per row.
--
-- Mend: admin and security_admin see all API logs; compliance results stay with
-- admin and compliance_admin. Writing both stays with the server.
DROP POLICY IF EXISTS "Users can view own API logs" ON public.api_security_logs;
DROP POLICY IF EXISTS "Users see own API logs, admins all" ON public.api_security_logs;
CREATE POLICY "Users see own API logs, admins all" ON public.api_security_logs
  FOR SELECT TO authenticated
  USING (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'security_admin')));

DROP POLICY IF EXISTS "Admin can view all compliance results" ON public.compliance_results;
DROP POLICY IF EXISTS "Admins see compliance results" ON public.compliance_results;
CREATE POLICY "Admins see compliance results" ON public.compliance_results
  FOR SELECT TO authenticated
  USING ((SELECT romashka.has_role('admin', 'compliance_admin')));
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
VALUES (20261123001100, 'admin_reads', 'e76a9a7bb2600f192afc90179238735eff4a7c2eddb933dd520a0284fa1b2d03', now());
END
$romashka$;
