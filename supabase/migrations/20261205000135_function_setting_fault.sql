-- Written by `make generate` from functions/setting_fault.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:fdef8355fbfb9ad1561a63a06468da08022f9de4c98852310b21796da679e8fa' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.setting_fault(text, jsonb)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'setting_fault' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'setting_fault' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.setting_fault(text, jsonb)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.setting_fault(text, jsonb)
-- Purpose: the fault in the form of a setting of ROMASHKA.
-- Parameters: a key of system_settings, and its value.
-- Rows: one text for whoever sets it; NULL when nothing is wrong, or when the key
--   is not one of ours. A field that is not spoken of here is left alone.
--
-- Forms:
--   time_zone      "Europe/Prague"
--   business_hours {"monday": {"start": "09:00", "end": "17:00"}, ...}; several
--                  spans as an array; a day that is not there is closed
--   holidays       "CZ", or {"country": "CZ", "dates": [...]}, or the dates alone;
--                  a date is "2026-12-24" (closed) or {"date": ..., "share": 0.5};
--                  "campaigns": [{"name": "sale", "from": "2026-11-27", "to":
--                  "2026-11-30", "factor": 1.4}]: contacts are that many times the
--                  usual; without factor, earlier ones of the name say how many
--   staffing       {"service_level": "0.8/20s" or 0.8, "answer_seconds": 20,
--                  "max_occupancy", "shrinkage", "concurrency": 1 to 5,
--                  "aht_seconds", "patience_seconds", "ai_share", "wage" (an
--                  hour), "level": "p50" or "p80", "channels": {"email":
--                  {"aht_seconds", "patience_seconds", "concurrency", "deferred"}}}
--   two_factor_required_roles  ["admin", ...]
--   two_factor_ask_again       ["roles", "exports", "erasure"], or some of them
--   detection, roi, kpi_targets            objects; detection.responses an array,
--                  see internal/security/respond/responses.md; kpi_targets.alerts
--                  an array of rules, see alert_fault
--   notifications  {"recipients": [{"channel": "mail", "to", "floor": "high"}, ...],
--                  "floor": "medium", "group_minutes": 5, "once_minutes": 60,
--                  "quiet_hours": {"from": "22:00", "to": "07:00", "except":
--                  "critical"}}, or the recipients alone
--   evidence                               an object or an array
-- Who: the owner, by way of the trigger on system_settings; it is not exposed.
CREATE OR REPLACE FUNCTION romashka.setting_fault(key text, value jsonb)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
  days  CONSTANT text[] := '{monday,tuesday,wednesday,thursday,friday,saturday,sunday}';
  -- The rules of internal/security/detect; a test holds the two together.
  rules CONSTANT text[] := '{auth.bruteforce.ip,auth.spray.distributed,auth.success_after_fail,session.new_device,session.impossible_travel,session.token_replay,session.concurrent,mfa.bruteforce,mfa.removed,api.enumeration,api.attack_tool_or_payload,api.abuse,api.forbidden_probe,data.exfiltration,account.dormant_login,server.error_spike}';
  clock CONSTANT text := '^(([01]\d|2[0-3]):[0-5]\d|24:00)$';
  kind  CONSTANT text := pg_catalog.jsonb_typeof(value);
  item  record;
  span  jsonb;
  day   date;
BEGIN
  CASE key
  WHEN 'time_zone' THEN
    IF kind <> 'string' OR NOT EXISTS (SELECT FROM pg_catalog.pg_timezone_names AS z WHERE z.name = value #>> '{}') THEN
      RETURN 'want the name of a time zone, as "Europe/Prague"';
    END IF;

  WHEN 'business_hours' THEN
    IF kind <> 'object' OR value = '{}' THEN
      RETURN 'want an object of days, as {"monday": {"start": "09:00", "end": "17:00"}}';
    END IF;
    FOR item IN SELECT e.key, e.value FROM pg_catalog.jsonb_each(value) AS e LOOP
      IF item.key <> ALL (days) THEN
        RETURN pg_catalog.format('%s is no day; want monday to sunday', item.key);
      END IF;
      CONTINUE WHEN item.value IN ('null', 'false'); -- closed
      FOR span IN
        SELECT s FROM pg_catalog.jsonb_array_elements(CASE pg_catalog.jsonb_typeof(item.value)
          WHEN 'array' THEN item.value ELSE pg_catalog.jsonb_build_array(item.value) END) AS s
      LOOP
        IF pg_catalog.jsonb_typeof(span) <> 'object'
           OR COALESCE(span ->> 'start' !~ clock OR span ->> 'end' !~ clock OR span ->> 'start' >= span ->> 'end', true) THEN
          RETURN pg_catalog.format('%s: want start before end, from 00:00 to 24:00, as {"start": "09:00", "end": "17:00"}', item.key);
        END IF;
      END LOOP;
    END LOOP;

  WHEN 'holidays' THEN
    IF kind = 'string' OR value ? 'country' THEN
      IF COALESCE(value ->> 'country', value #>> '{}') !~ '^[A-Z]{2}$' THEN
        RETURN 'want a country by its two letters, as "CZ"';
      END IF;
    ELSIF kind NOT IN ('array', 'object') THEN
      RETURN 'want a country, dates, or {"country": "CZ", "dates": [...]}';
    END IF;
    span := CASE kind WHEN 'array' THEN value WHEN 'object' THEN COALESCE(value -> 'dates', '[]') ELSE '[]' END;
    IF pg_catalog.jsonb_typeof(span) <> 'array' THEN
      RETURN 'dates: want an array';
    END IF;
    FOR item IN SELECT COALESCE(d ->> 'date', d #>> '{}') AS date, d -> 'share' AS share FROM pg_catalog.jsonb_array_elements(span) AS d LOOP
      BEGIN
        IF item.date !~ '^\d{4}-\d\d-\d\d$' THEN
          RAISE invalid_datetime_format;
        END IF;
        day := item.date::date;
      EXCEPTION WHEN data_exception THEN
        RETURN pg_catalog.format('%s is no date; want "2026-12-24" or {"date": "2026-12-24", "share": 0.5}', pg_catalog.left(item.date, 60));
      END;
      IF item.share IS NOT NULL AND NOT romashka.is_number(item.share, 0, 1) THEN
        RETURN pg_catalog.format('%s: share must be a number from 0 to 1', item.date);
      END IF;
    END LOOP;
    RETURN romashka.campaign_fault(CASE kind WHEN 'object' THEN value -> 'campaigns' END);

  WHEN 'staffing' THEN
    IF kind <> 'object' THEN
      RETURN 'want an object, as {"service_level": "0.8/20s", "shrinkage": 0.3}';
    END IF;
    RETURN romashka.staffing_fault(value);

  WHEN 'two_factor_required_roles' THEN
    IF kind <> 'array' OR value @? '$[*] ? (@.type() != "string")' THEN
      RETURN 'want an array of roles, as ["admin"]';
    END IF;

  WHEN 'two_factor_ask_again' THEN
    IF kind <> 'array' OR NOT value <@ '["roles", "exports", "erasure", "factors"]' THEN
      RETURN 'want an array of "roles", "exports" and "erasure"';
    END IF;

  WHEN 'detection', 'roi', 'kpi_targets' THEN
    IF kind <> 'object' THEN
      RETURN 'want an object';
    END IF;
    IF key = 'kpi_targets' THEN
      IF pg_catalog.jsonb_typeof(value -> 'first_weekday') <> 'null' AND pg_catalog.lower(value ->> 'first_weekday') <> ALL (days) THEN
        RETURN 'first_weekday: want a day, monday to sunday';
      END IF;
      IF pg_catalog.jsonb_typeof(value -> 'alerts') NOT IN ('array', 'null') THEN
        RETURN 'alerts: want an array';
      END IF;
      IF pg_catalog.jsonb_typeof(value -> 'alerts') = 'array' THEN
        IF pg_catalog.jsonb_array_length(value -> 'alerts') > 50 THEN
          RETURN 'alerts: want 50 rules at most';
        END IF;
        RETURN (SELECT 'alerts: ' || f.fault FROM pg_catalog.jsonb_array_elements(value -> 'alerts') AS r (rule)
          CROSS JOIN LATERAL (SELECT romashka.alert_fault(r.rule) AS fault) AS f WHERE f.fault IS NOT NULL LIMIT 1);
      END IF;
    END IF;
    IF key = 'detection' THEN
      FOR item IN
        SELECT 'thresholds' AS part, t AS name FROM pg_catalog.jsonb_object_keys(CASE pg_catalog.jsonb_typeof(value -> 'thresholds') WHEN 'object' THEN value -> 'thresholds' ELSE '{}' END) AS t
        UNION ALL
        SELECT p.part, e ->> 'rule' FROM (VALUES ('responses'), ('allow')) AS p (part),
          pg_catalog.jsonb_array_elements(CASE pg_catalog.jsonb_typeof(value -> p.part) WHEN 'array' THEN value -> p.part ELSE '[]' END) AS e
        WHERE pg_catalog.jsonb_typeof(e -> 'rule') = 'string' AND (p.part = 'responses' OR e ->> 'rule' <> '')
      LOOP
        IF item.name <> ALL (rules) THEN
          RETURN pg_catalog.format('%s: there is no rule "%s"; want one of %s', item.part, pg_catalog.left(item.name, 60), pg_catalog.array_to_string(rules, ', '));
        END IF;
      END LOOP;
    END IF;
    IF key = 'detection' AND value -> 'responses' <> 'null' THEN
      IF pg_catalog.jsonb_typeof(value -> 'responses') <> 'array' THEN
        RETURN 'responses: want an array';
      END IF;
      FOR span IN SELECT r FROM pg_catalog.jsonb_array_elements(value -> 'responses') AS r LOOP
        IF pg_catalog.jsonb_typeof(span) <> 'object' OR span ->> 'severity' NOT IN ('low', 'medium', 'high', 'critical')
           OR span @? '$.rule ? (@.type() != "string")' OR span @? '$.keyvalue() ? (@.key == "notify" || @.key == "end_sessions" || @.key == "dry_run").value ? (@.type() != "boolean")'
           OR COALESCE(span ->> 'block_minutes', '0') !~ '^\d{1,6}$' OR COALESCE(span ->> 'block_minutes', '0')::integer > 525600
           OR pg_catalog.jsonb_typeof(COALESCE(span -> 'block_minutes', '0')) <> 'number' THEN
          RETURN 'responses: want {"rule": "auth.bruteforce.ip", "severity": "high", "notify": true, "end_sessions": true, "block_minutes": 60, "dry_run": true}, each of which may be left out';
        END IF;
      END LOOP;
    END IF;

  WHEN 'notifications' THEN
    RETURN romashka.wrong_notifications(value);

  WHEN 'evidence' THEN
    IF kind NOT IN ('object', 'array') THEN
      RETURN 'want an object or an array';
    END IF;
  ELSE
  END CASE;
  RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION romashka.setting_fault(text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION romashka.setting_fault(text, jsonb) IS 'What is wrong with the form of a setting; NULL when nothing is';
$text$;
made := to_regprocedure('romashka.setting_fault(text, jsonb)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'setting_fault', 'romashka.setting_fault(text, jsonb)', wanted, now(), s.definition
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
