-- Written by `make generate` from functions/campaign_fault.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:a45f5c1fae911d429a519700457d4364ddb0de242a460b567fcf22fa45b7bf92' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.campaign_fault(jsonb)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'campaign_fault' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'campaign_fault' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.campaign_fault(jsonb)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
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
$text$;
made := to_regprocedure('romashka.campaign_fault(jsonb)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'campaign_fault', 'romashka.campaign_fault(jsonb)', wanted, now(), s.definition
FROM (SELECT 'function' AS kind, '' AS relation, p.oid::regprocedure::text AS name,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(' ',
         pg_catalog.pg_get_function_result(p.oid), l.lanname, p.provolatile, p.proisstrict, p.prosecdef, p.proparallel,
         p.proconfig::text, pg_catalog.pg_get_function_arguments(p.oid), p.prosrc), 'UTF8')), 'hex') AS definition
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname IN ('public', 'romashka') AND p.prokind = 'f' AND (made::oid IS NULL OR p.oid = made::oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid::regprocedure::text) AS s
ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END
$romashka$;
