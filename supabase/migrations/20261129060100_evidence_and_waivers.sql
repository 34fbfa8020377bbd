-- Written by `make generate` from migrations/20261129060100_evidence_and_waivers.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129060100) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Two things that no database can show are said by people: how backups are made
-- or which contracts there are (romashka.evidence), and which findings are
-- accepted, why, by whom and until when (romashka.waivers). Both are in the trail.
-- A waiver is ended, not deleted.
CREATE TABLE IF NOT EXISTS romashka.evidence (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE romashka.evidence
  ADD COLUMN IF NOT EXISTS kind text NOT NULL,
  ADD COLUMN IF NOT EXISTS text text NOT NULL,
  ADD COLUMN IF NOT EXISTS valid_until date,
  ADD COLUMN IF NOT EXISTS who text NOT NULL DEFAULT current_user,
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now();
COMMENT ON TABLE romashka.evidence IS 'What people declare because no database can show it';
COMMENT ON COLUMN romashka.evidence.kind IS 'backup, contract, training, policy, ...';
COMMENT ON COLUMN romashka.evidence.valid_until IS 'Last day; NULL: without end';

CREATE TABLE IF NOT EXISTS romashka.waivers (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE romashka.waivers
  ADD COLUMN IF NOT EXISTS check_name text NOT NULL,
  ADD COLUMN IF NOT EXISTS object text NOT NULL,
  ADD COLUMN IF NOT EXISTS reason text NOT NULL,
  ADD COLUMN IF NOT EXISTS owner text NOT NULL,
  ADD COLUMN IF NOT EXISTS valid_until date NOT NULL,
  ADD COLUMN IF NOT EXISTS ended_at timestamptz,
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now();
SELECT romashka.ensure_constraint('romashka.waivers', 'waivers_reason_check', 'CHECK (length(trim(reason)) > 0 AND length(trim(owner)) > 0)');
COMMENT ON TABLE romashka.waivers IS 'Findings of compliance checks that are accepted for a time';
COMMENT ON COLUMN romashka.waivers.object IS 'As the details of a result name it; * for all that a check finds';
COMMENT ON COLUMN romashka.waivers.valid_until IS 'Last day; afterwards the finding counts again';

REVOKE ALL ON romashka.evidence, romashka.waivers FROM PUBLIC;
ALTER TABLE romashka.evidence ENABLE ROW LEVEL SECURITY;
ALTER TABLE romashka.waivers ENABLE ROW LEVEL SECURITY;
-- The project's owner declares and waives, whoever migrates.
DO $grant$
DECLARE
  project CONSTANT regrole := (SELECT c.relowner::regrole FROM pg_catalog.pg_class AS c WHERE c.oid = 'public.profiles'::regclass);
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA romashka TO %s', project);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE ON romashka.evidence, romashka.waivers TO %s', project);
END
$grant$;
DROP POLICY IF EXISTS "Only the owner" ON romashka.evidence;
CREATE POLICY "Only the owner" ON romashka.evidence FOR ALL TO authenticated USING (false);
DROP POLICY IF EXISTS "Only the owner" ON romashka.waivers;
CREATE POLICY "Only the owner" ON romashka.waivers FOR ALL TO authenticated USING (false);

DROP TRIGGER IF EXISTS romashka_trail ON romashka.evidence;
CREATE TRIGGER romashka_trail AFTER INSERT OR UPDATE OR DELETE ON romashka.evidence
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('evidence');
DROP TRIGGER IF EXISTS romashka_trail ON romashka.waivers;
CREATE TRIGGER romashka_trail AFTER INSERT OR UPDATE OR DELETE ON romashka.waivers
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('waiver');
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129060100, 'evidence_and_waivers', '838c94400def93bc7debe4d1f5c15318e95b6cd60c0817ffe927f352df9d13d6', now());
END
$romashka$;
