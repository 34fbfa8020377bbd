ALTER TABLE romashka.journey_state DROP COLUMN IF EXISTS days;
DROP INDEX IF EXISTS romashka.journeys_sample_64;
DROP INDEX IF EXISTS romashka.journeys_sample;
DROP TABLE IF EXISTS romashka.journey_days;
