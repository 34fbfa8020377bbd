-- Written by `make generate` from migrations/20261202000100_journey_days.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261202000100) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- get_journey counted every customer of its range, 88 ms of 90 days of a million
-- conversations, and found one in sixteen of them by reading all. Customers are added
-- up now by the day (of UTC) of their first contact, and indexes have the samples.
CREATE TABLE IF NOT EXISTS romashka.journey_days (
  day           timestamptz NOT NULL,
  channel       text NOT NULL,   -- of the first contact
  customers     bigint NOT NULL,
  considered    bigint NOT NULL, -- came to consideration or decision
  consideration bigint NOT NULL,
  decision      bigint NOT NULL,
  onboarding    bigint NOT NULL,
  support       bigint NOT NULL,
  retention     bigint NOT NULL,
  PRIMARY KEY (day, channel)
);
COMMENT ON TABLE romashka.journey_days IS 'Sums of journeys by the day and channel of the first contact';
ALTER TABLE romashka.journey_days ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.journey_days FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.journey_days TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees all conversations" ON romashka.journey_days;
CREATE POLICY "Who sees all conversations" ON romashka.journey_days
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));

CREATE INDEX IF NOT EXISTS journeys_sample ON romashka.journeys (discovery_at)
  INCLUDE (customer, sample, channel, consideration_at, decision_at, onboarding_at, support_at, retention_at) WHERE sample = 0;
CREATE INDEX IF NOT EXISTS journeys_sample_64 ON romashka.journeys (discovery_at)
  INCLUDE (customer, channel, consideration_at, decision_at, onboarding_at, support_at, retention_at) WHERE (uuid_hash(customer) & 63) = 0;

-- Whether journey_days is filled, which the job journey does; until then journeys answer.
ALTER TABLE romashka.journey_state ADD COLUMN IF NOT EXISTS days boolean NOT NULL DEFAULT false;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261202000100, 'journey_days', 'a6502ba8eca6a1674bcdcc79aadf0cb739690488ca2a49c719c76b20c6a39c41', now());
END
$romashka$;
