-- Written by `make generate` from migrations/20261129160000_reports_in_the_trail.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129160000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- A compliance report is the whole state of a project in a file, and nobody saw in
-- the trail who had one written. An export over the API and one for a data subject
-- are lines of it.
--
-- Mend: each report is a line, with its form and its sum.
DROP TRIGGER IF EXISTS romashka_trail ON romashka.reports;
CREATE TRIGGER romashka_trail AFTER INSERT ON romashka.reports
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('export', 'form', 'sha256', 'who');
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129160000, 'reports_in_the_trail', 'e5dc8539070906bdba16319f59acc3b87f92c6328a8cfd6471b2aa3a1dbfcd09', now());
END
$romashka$;
