-- Remedies that are safe to apply and can be taken back leave a row: what was done,
-- as it was before and is after, and the statements that undo it. Which checks are
-- remedied by themselves is named in romashka.automatic_remedies: none, until the
-- tenant names one. Both are in the trail.
CREATE TABLE IF NOT EXISTS romashka.remediations (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE romashka.remediations
  ADD COLUMN IF NOT EXISTS check_name text NOT NULL,
  ADD COLUMN IF NOT EXISTS statements text[] NOT NULL,
  ADD COLUMN IF NOT EXISTS undo text[] NOT NULL,
  ADD COLUMN IF NOT EXISTS before jsonb NOT NULL,
  ADD COLUMN IF NOT EXISTS after jsonb NOT NULL,
  ADD COLUMN IF NOT EXISTS passed boolean NOT NULL,
  ADD COLUMN IF NOT EXISTS automatic boolean NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS who text NOT NULL DEFAULT session_user,
  ADD COLUMN IF NOT EXISTS applied_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS undone_at timestamptz;
COMMENT ON TABLE romashka.remediations IS 'Remedies of compliance checks that were applied';
COMMENT ON COLUMN romashka.remediations.before IS 'What the check saw before; after: what it saw in the same transaction afterwards';
CREATE TABLE IF NOT EXISTS romashka.automatic_remedies (check_name text PRIMARY KEY);
ALTER TABLE romashka.automatic_remedies
  ADD COLUMN IF NOT EXISTS who text NOT NULL DEFAULT session_user,
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now();
COMMENT ON TABLE romashka.automatic_remedies IS 'Checks whose safe remedies the daily run applies';

REVOKE ALL ON romashka.remediations, romashka.automatic_remedies FROM PUBLIC;
ALTER TABLE romashka.remediations ENABLE ROW LEVEL SECURITY;
ALTER TABLE romashka.automatic_remedies ENABLE ROW LEVEL SECURITY;
DO $grant$
DECLARE
  project CONSTANT regrole := (SELECT c.relowner::regrole FROM pg_catalog.pg_class AS c WHERE c.oid = 'public.profiles'::regclass);
BEGIN
  EXECUTE format('GRANT SELECT, INSERT, UPDATE ON romashka.remediations TO %s', project);
  EXECUTE format('GRANT SELECT, INSERT, DELETE ON romashka.automatic_remedies TO %s', project);
END
$grant$;
DROP POLICY IF EXISTS "Only the owner" ON romashka.remediations;
CREATE POLICY "Only the owner" ON romashka.remediations FOR ALL TO authenticated USING (false);
DROP POLICY IF EXISTS "Only the owner" ON romashka.automatic_remedies;
CREATE POLICY "Only the owner" ON romashka.automatic_remedies FOR ALL TO authenticated USING (false);
DROP TRIGGER IF EXISTS romashka_trail ON romashka.remediations;
CREATE TRIGGER romashka_trail AFTER INSERT OR UPDATE OR DELETE ON romashka.remediations
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('remediation');
DROP TRIGGER IF EXISTS romashka_trail ON romashka.automatic_remedies;
CREATE TRIGGER romashka_trail AFTER INSERT OR UPDATE OR DELETE ON romashka.automatic_remedies
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('automatic_remedy');
