-- A compliance report is the whole state of a project in a file, and nobody saw in
-- the trail who had one written. An export over the API and one for a data subject
-- are lines of it.
--
-- Mend: each report is a line, with its form and its sum.
DROP TRIGGER IF EXISTS romashka_trail ON romashka.reports;
CREATE TRIGGER romashka_trail AFTER INSERT ON romashka.reports
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('export', 'form', 'sha256', 'who');
