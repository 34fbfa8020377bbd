ALTER TABLE romashka.log_state DROP COLUMN IF EXISTS since;
COMMENT ON TABLE romashka.log_usage IS 'Requests of the API log by hour and endpoint, client and status, for two days';
DROP INDEX IF EXISTS romashka.log_usage_largest;
