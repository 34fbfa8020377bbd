-- Written by `make generate` from migrations/20261203001100_usage_places.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261203001100) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- get_api_usage added up every client of every hour, though it shows the twenty largest:
-- 500 ms of 24 hours with 5,000 clients an hour. By an index it looks at those alone that
-- can be among them. Sums are kept for three days, so that they answer up to 72 hours.
CREATE INDEX IF NOT EXISTS log_usage_largest ON romashka.log_usage (hour, kind, requests DESC) INCLUDE (name);
COMMENT ON TABLE romashka.log_usage IS 'Requests of the API log by hour and endpoint, client and status, for three days';
-- The hour from which on all are counted; the job kpi counts all anew where there is none.
ALTER TABLE romashka.log_state ADD COLUMN IF NOT EXISTS since timestamptz;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261203001100, 'usage_places', '8fceaf995b89fe9bfefd73fc51fb93efb1f79d84e0c324bcad7df9ec624249c4', now());
END
$romashka$;
