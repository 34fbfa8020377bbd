-- Written by `make generate` from functions/kpi_catalogue.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:093770eef84243b5d478da076625a9fcb003731526f18927d71b6ab52506d486' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_catalogue()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_catalogue' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_catalogue' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_catalogue()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_catalogue()
-- Purpose: every figure: its numerator and denominator. internal/analytics/kpi/definitions.md
--   says the same in words; version is that of its text.
-- Rows: figure; kind: count, sum, rate (of conversations or answers), rating_rate,
--   mean, p50, p90; numerator and denominator, columns of romashka.kpi_cells, of p50
--   and p90 the metric of romashka.kpi_waits; scale, by which a mean or sum is
--   divided; unit; fewest, the fewest rows that give a value; needs, the setting without
--   which there is none; drill, the column that marks the rows it counts.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION romashka.kpi_catalogue()
RETURNS TABLE (place integer, figure text, kind text, numerator text, denominator text, scale numeric, unit text, fewest integer, needs text)
LANGUAGE plpgsql IMMUTABLE SECURITY INVOKER SET search_path = '' AS $$ -- of plpgsql a session keeps the plan, of SQL each call makes it anew
BEGIN
  RETURN QUERY SELECT pg_catalog.row_number() OVER ()::integer, c.*
  FROM (VALUES
    ('conversations',             'count', 'conversations',       NULL,                 1::numeric, 'conversations', 0, NULL),
    ('contacts',                  'contacts', NULL,               NULL,                 1,       'customers',     0,    NULL),
    ('open',                      'count', 'open',                NULL,                 1,       'conversations', 0,    NULL),
    ('resolved',                  'count', 'resolved',            NULL,                 1,       'conversations', 0,    NULL),
    ('resolution_events',         'sum',   'resolutions',         NULL,                 1,       'events',        0,    NULL),
    ('ai_resolved',               'count', 'ai_resolved',         NULL,                 1,       'conversations', 0,    NULL),
    ('human_resolved',            'count', 'human_resolved',      NULL,                 1,       'conversations', 0,    NULL),
    ('unanswered_resolved',       'count', 'unanswered_resolved', NULL,                 1,       'conversations', 0,    NULL),
    ('abandoned',                 'count', 'abandoned',           NULL,                 1,       'conversations', 0,    NULL),
    ('reopened',                  'count', 'reopened',            NULL,                 1,       'conversations', 0,    NULL),
    ('missed',                    'count', 'missed',              NULL,                 1,       'conversations', 0,    NULL),
    ('ai_involved',               'count', 'ai_involved',         NULL,                 1,       'conversations', 0,    NULL),
    ('human_involved',            'count', 'human_involved',      NULL,                 1,       'conversations', 0,    NULL),
    ('handoffs',                  'count', 'handoffs',            NULL,                 1,       'conversations', 0,    NULL),
    ('resolution_rate',           'rate',  'resolved',            'conversations',      1,       'share',         5,    NULL),
    ('abandonment_rate',          'rate',  'abandoned',           'conversations',      1,       'share',         5,    NULL),
    ('reopen_rate',               'rate',  'reopened',            'ever_resolved',      1,       'share',         5,    NULL),
    ('missed_rate',               'rate',  'missed',              'asked',              1,       'share',         5,    NULL),
    ('ai_involvement_rate',       'rate',  'ai_involved',         'conversations',      1,       'share',         5,    NULL),
    ('ai_resolution_rate',        'rate',  'ai_resolved',         'ai_involved',        1,       'share',         5,    NULL),
    ('ai_held_resolution_rate',   'rate',  'ai_held',             'ai_involved',        1,       'share',         5,    NULL),
    ('automation_rate',           'rate',  'ai_resolved',         'conversations',      1,       'share',         5,    NULL),
    ('containment_rate',          'rate',  'ai_contained',        'ai_ended',           1,       'share',         5,    NULL),
    ('handoff_rate',              'rate',  'handoffs',            'ai_involved',        1,       'share',         5,    NULL),
    ('first_contact_resolution_rate', 'rate', 'first_contact',    'resolved',           1,       'share',         5,    NULL),
    ('first_response_mean',       'mean',  'response_ms',         'answered',           1000,    'seconds',       5,    NULL),
    ('first_response_median',     'p50',   'response',            NULL,                 1000,    'seconds',       5,    NULL),
    ('first_response_p90',        'p90',   'response',            NULL,                 1000,    'seconds',       20,   NULL),
    ('ai_first_response_median',  'p50',   'ai_response',         NULL,                 1000,    'seconds',       5,    NULL),
    ('ai_first_response_p90',     'p90',   'ai_response',         NULL,                 1000,    'seconds',       20,   NULL),
    ('human_first_response_median', 'p50', 'human_response',      NULL,                 1000,    'seconds',       5,    NULL),
    ('human_first_response_p90',  'p90',   'human_response',      NULL,                 1000,    'seconds',       20,   NULL),
    ('business_first_response_median', 'p50', 'business_response', NULL,                1000,    'seconds',       5,    'business_hours'),
    ('business_first_response_p90', 'p90', 'business_response',   NULL,                 1000,    'seconds',       20,   'business_hours'),
    ('next_response_mean',        'mean',  'next_response_ms',    'next_responses',     1000,    'seconds',       5,    NULL),
    ('resolution_time_mean',      'mean',  'resolution_ms',       'resolutions_timed',  1000,    'seconds',       5,    NULL),
    ('resolution_time_median',    'p50',   'resolution',          NULL,                 1000,    'seconds',       5,    NULL),
    ('resolution_time_p90',       'p90',   'resolution',          NULL,                 1000,    'seconds',       20,   NULL),
    ('handling_time_mean',        'mean',  'handling_ms',         'human_involved',     1000,    'seconds',       5,    NULL),
    ('sla_first_response_rate',   'rate',  'response_met',        'response_due',       1,       'share',         5,    'kpi_targets'),
    ('sla_resolution_rate',       'rate',  'resolution_met',      'resolution_due',     1,       'share',         5,    'kpi_targets'),
    ('csat',                      'rating_rate', 'ratings_good',  'ratings',            1,       'share',         5,    NULL),
    ('csat_mean',                 'mean',  'rating_sum',          'ratings',            100,     'rating',        5,    NULL),
    ('ai_csat',                   'rating_rate', 'ai_ratings_good', 'ai_ratings',       1,       'share',         5,    NULL),
    ('human_csat',                'rating_rate', 'human_ratings_good', 'human_ratings', 1,       'share',         5,    NULL),
    ('customer_messages',         'sum',   'customer_messages',   NULL,                 1,       'messages',      0,    NULL),
    ('ai_answers',                'sum',   'ai_answers',          NULL,                 1,       'messages',      0,    NULL),
    ('agent_messages',            'sum',   'agent_messages',      NULL,                 1,       'messages',      0,    NULL),
    ('ai_accuracy',               'rate',  'ai_confirmed',        'ai_judged',          1,       'share',         5,    NULL),
    ('ai_confidence_mean',        'mean',  'ai_score_sum',        'ai_scored',          100,     'share',         5,    NULL),
    ('ai_brier_score',            'mean',  'ai_brier_sum',        'ai_scored',          10000,   'score',         30,   NULL),
    ('ai_unsure_answers',         'sum',   'ai_unsure',           NULL,                 1,       'messages',      0,    NULL),
    ('ai_unsure_rate',            'rate',  'ai_unsure',           'ai_answers',         1,       'share',         5,    NULL),
    ('leads',                     'count', 'leads',               NULL,                 1,       'conversations', 0,    NULL),
    ('conversions',               'count', 'conversions',         NULL,                 1,       'conversations', 0,    NULL),
    ('conversion_rate',           'rate',  'conversions',         'conversations',      1,       'share',         5,    NULL),
    ('revenue',                   'sum',   'revenue_cents',       NULL,                 100,     'money',         0,    NULL),
    ('online_time',               'none',  NULL,                  NULL,                 1,       'seconds',       0,    'presence'),
    ('occupancy',                 'none',  NULL,                  NULL,                 1,       'share',         0,    'presence')
  ) AS c (figure, kind, numerator, denominator, scale, unit, fewest, needs);
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_catalogue() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_catalogue() TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_catalogue() IS 'Every figure, and what it divides by what';
$text$;
made := to_regprocedure('romashka.kpi_catalogue()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_catalogue', 'romashka.kpi_catalogue()', wanted, now(), s.definition
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
