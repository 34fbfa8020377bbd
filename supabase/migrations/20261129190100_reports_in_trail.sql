-- Written by `make generate` from migrations/20261129190100_reports_in_trail.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129190100) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- The sum of a compliance report could be put into romashka.reports beside a report
-- that was altered: each row is a line of the trail now, and the trail is sealed.
DROP TRIGGER IF EXISTS romashka_trail ON romashka.reports;
CREATE TRIGGER romashka_trail AFTER INSERT OR UPDATE OR DELETE ON romashka.reports
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('report', 'form', 'sha256');
CREATE INDEX IF NOT EXISTS idx_reports_sha256 ON romashka.reports (sha256);
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129190100, 'reports_in_trail', 'fd5228f3c1ac71c52117c636e4b13655d333c60cd6fcb2a7f794dd1c64ec50cc', now());
END
$romashka$;
