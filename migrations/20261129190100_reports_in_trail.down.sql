DROP TRIGGER IF EXISTS romashka_trail ON romashka.reports;
DROP INDEX IF EXISTS romashka.idx_reports_sha256;
