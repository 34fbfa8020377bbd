-- Written by `make generate` from migrations/20261129190100_reports_in_trail.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129190100) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- A compliance report is the whole state of a project in a file, and nobody saw in
-- the trail who had one written; and the sum of one could be put into
-- romashka.reports beside a report that was altered.
--
-- Mend: each row is a line of the trail, which is sealed.
DROP TRIGGER IF EXISTS romashka_trail ON romashka.reports;
CREATE TRIGGER romashka_trail AFTER INSERT OR UPDATE OR DELETE ON romashka.reports
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('export', 'form', 'sha256', 'who');
CREATE INDEX IF NOT EXISTS idx_reports_sha256 ON romashka.reports (sha256);
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129190100, 'reports_in_trail', '3f0b654cae7175bea4489abb624c122d1d121befb8fe540925845bc5797f92dd', now());
END
$romashka$;
