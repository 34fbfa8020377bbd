-- Written by `make generate` from functions/staffing_fault.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:3626471865f381791e6b265c25bf2fffc891c9cd2bd861183a6ae54889c04bfa' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.staffing_fault(jsonb)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'staffing_fault' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'staffing_fault' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.staffing_fault(jsonb)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
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
$text$;
made := to_regprocedure('romashka.staffing_fault(jsonb)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'staffing_fault', 'romashka.staffing_fault(jsonb)', wanted, now(), s.definition
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
