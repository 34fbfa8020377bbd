-- The sum of a compliance report could be put into romashka.reports beside a report
-- that was altered: each row is a line of the trail now, and the trail is sealed.
DROP TRIGGER IF EXISTS romashka_trail ON romashka.reports;
CREATE TRIGGER romashka_trail AFTER INSERT OR UPDATE OR DELETE ON romashka.reports
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('report', 'form', 'sha256');
CREATE INDEX IF NOT EXISTS idx_reports_sha256 ON romashka.reports (sha256);
