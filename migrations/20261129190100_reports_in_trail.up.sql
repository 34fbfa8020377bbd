-- A compliance report is the whole state of a project in a file, and nobody saw in
-- the trail who had one written; and the sum of one could be put into
-- romashka.reports beside a report that was altered.
--
-- Mend: each row is a line of the trail, which is sealed.
DROP TRIGGER IF EXISTS romashka_trail ON romashka.reports;
CREATE TRIGGER romashka_trail AFTER INSERT OR UPDATE OR DELETE ON romashka.reports
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('export', 'form', 'sha256', 'who');
CREATE INDEX IF NOT EXISTS idx_reports_sha256 ON romashka.reports (sha256);
