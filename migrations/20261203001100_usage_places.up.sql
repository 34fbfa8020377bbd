-- get_api_usage added up every client of every hour, though it shows the twenty largest:
-- 500 ms of 24 hours with 5,000 clients an hour. By an index it looks at those alone that
-- can be among them. Sums are kept for three days, so that they answer up to 72 hours.
CREATE INDEX IF NOT EXISTS log_usage_largest ON romashka.log_usage (hour, kind, requests DESC) INCLUDE (name);
COMMENT ON TABLE romashka.log_usage IS 'Requests of the API log by hour and endpoint, client and status, for three days';
-- The hour from which on all are counted; the job kpi counts all anew where there is none.
ALTER TABLE romashka.log_state ADD COLUMN IF NOT EXISTS since timestamptz;
