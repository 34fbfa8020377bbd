-- function: romashka.campaign_fault(jsonb)
-- Purpose: the fault in the form of holidays.campaigns, see setting_fault.
-- Rows: one text for whoever sets it; NULL when nothing is wrong.
-- Who: the owner, by way of setting_fault.
CREATE OR REPLACE FUNCTION romashka.campaign_fault(campaigns jsonb)
RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = '' AS $$
DECLARE
  item jsonb;
  days integer;
BEGIN
  IF campaigns IS NULL OR campaigns = 'null' THEN
    RETURN NULL;
  ELSIF pg_catalog.jsonb_typeof(campaigns) <> 'array' OR pg_catalog.jsonb_array_length(campaigns) > 100 THEN
    RETURN 'campaigns: want an array of 100 at most';
  END IF;
  FOR item IN SELECT c FROM pg_catalog.jsonb_array_elements(campaigns) AS c LOOP
    IF COALESCE(pg_catalog.jsonb_typeof(item) <> 'object' OR pg_catalog.jsonb_typeof(item -> 'name') <> 'string' OR item ->> 'name' = ''
                OR item ->> 'from' !~ '^\d{4}-\d\d-\d\d$' OR item ->> 'to' !~ '^\d{4}-\d\d-\d\d$', true) THEN
      RETURN 'campaigns: want {"name": "sale", "from": "2026-11-27", "to": "2026-11-30", "factor": 1.4}';
    END IF;
    days := (item ->> 'to')::date - (item ->> 'from')::date;
    IF days NOT BETWEEN 0 AND 365 THEN
      RETURN pg_catalog.format('campaign %s: want from 1 to 366 days, with "to" as the last', pg_catalog.left(item ->> 'name', 60));
    ELSIF item -> 'factor' <> 'null' AND (NOT romashka.is_number(item -> 'factor', 0, 10) OR item -> 'factor' = '0') THEN
      RETURN pg_catalog.format('campaign %s: factor must be a number above 0, and 10 at most', pg_catalog.left(item ->> 'name', 60));
    END IF;
  END LOOP;
  RETURN NULL;
EXCEPTION WHEN data_exception THEN
  RETURN 'campaigns: from and to must be dates, as "2026-11-27"';
END
$$;

REVOKE ALL ON FUNCTION romashka.campaign_fault(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION romashka.campaign_fault(jsonb) IS 'What is wrong with the form of campaigns; NULL when nothing is';
