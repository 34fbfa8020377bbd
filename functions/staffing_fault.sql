-- function: romashka.staffing_fault(jsonb)
-- Purpose: the fault in the form of the setting staffing, or with that of
--   one of its channels; see setting_fault.
-- Parameters: an object.
-- Rows: one text, NULL when nothing is wrong.
-- Who: the owner, by way of setting_fault; it is not exposed.
CREATE OR REPLACE FUNCTION romashka.staffing_fault(value jsonb)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
  rule  record;
  fault text;
BEGIN
  IF value ? 'service_level' AND NOT COALESCE(
       value ->> 'service_level' ~ '^0?\.\d*[1-9]\d*(/\d+(\.\d+)?(ms|s|m|h))?$'
       AND (pg_catalog.jsonb_typeof(value -> 'service_level') = 'string' OR romashka.is_number(value -> 'service_level', 0, 1)), false) THEN
    RETURN 'service_level: want a share above 0 and below 1 and a time, as "0.8/20s"';
  END IF;
  FOR rule IN
    SELECT r.* FROM (VALUES
      ('answer_seconds',   0::numeric, 31622400, 'a number of seconds, a year at most'),
      ('aht_seconds',      0.001,      31622400, 'a number of seconds above 0, a year at most'),
      ('patience_seconds', 0.001,      31622400, 'a number of seconds above 0, a year at most'),
      ('max_occupancy',    0.001,      1,        'a number above 0, at most 1'),
      ('shrinkage',        0,          0.999,    'a number from 0 to below 1'),
      ('ai_share',         0,          1,        'a number from 0 to 1'),
      ('concurrency',      1,          5,        'a whole number from 1 to 5'),
      ('wage',             0,          1000000000, 'a number, 0 or more')
    ) AS r (name, least_value, most_value, wanted)
    WHERE value ? r.name AND value -> r.name <> 'null'
  LOOP
    IF NOT romashka.is_number(value -> rule.name, rule.least_value, rule.most_value)
       OR rule.name = 'concurrency' AND (value -> 'concurrency')::numeric % 1 <> 0 THEN
      RETURN rule.name || ': want ' || rule.wanted;
    END IF;
  END LOOP;
  IF value ? 'level' AND COALESCE(value ->> 'level' NOT IN ('p50', 'p80'), true) THEN
    RETURN 'level: want "p50" or "p80"';
  END IF;
  IF value ? 'deferred' AND pg_catalog.jsonb_typeof(value -> 'deferred') <> 'boolean' THEN
    RETURN 'deferred: want true or false';
  END IF;
  IF value ? 'channels' THEN
    IF pg_catalog.jsonb_typeof(value -> 'channels') <> 'object' THEN
      RETURN 'channels: want an object of channels, as {"email": {"aht_seconds": 600, "deferred": true}}';
    END IF;
    FOR rule IN SELECT e.key, e.value FROM pg_catalog.jsonb_each(value -> 'channels') AS e LOOP
      fault := CASE WHEN pg_catalog.jsonb_typeof(rule.value) <> 'object' OR rule.value ? 'channels' THEN 'want an object without channels'
                    ELSE romashka.staffing_fault(rule.value) END;
      IF fault IS NOT NULL THEN
        RETURN 'channels: ' || rule.key || ': ' || fault;
      END IF;
    END LOOP;
  END IF;
  RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION romashka.staffing_fault(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION romashka.staffing_fault(jsonb) IS 'What is wrong with the form of the setting staffing; NULL when nothing is';
