-- A report said how things stand, and not what changed since the one before: each
-- now leaves a row with its sum, so that a copy can be held against it, and the
-- status of each check.
CREATE TABLE IF NOT EXISTS romashka.reports (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE romashka.reports
  ADD COLUMN IF NOT EXISTS form text NOT NULL,
  ADD COLUMN IF NOT EXISTS sha256 text NOT NULL,
  ADD COLUMN IF NOT EXISTS statuses jsonb NOT NULL,
  ADD COLUMN IF NOT EXISTS who text NOT NULL DEFAULT session_user,
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now();
COMMENT ON TABLE romashka.reports IS 'Compliance reports that were written: form, sum and the status of each check';
REVOKE ALL ON romashka.reports FROM PUBLIC;
ALTER TABLE romashka.reports ENABLE ROW LEVEL SECURITY;
DO $grant$
BEGIN
  EXECUTE format('GRANT SELECT, INSERT ON romashka.reports TO %s',
    (SELECT c.relowner::regrole FROM pg_catalog.pg_class AS c WHERE c.oid = 'public.profiles'::regclass));
END
$grant$;
DROP POLICY IF EXISTS "Only the owner" ON romashka.reports;
CREATE POLICY "Only the owner" ON romashka.reports FOR ALL TO authenticated USING (false);
