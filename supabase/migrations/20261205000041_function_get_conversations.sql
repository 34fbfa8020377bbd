-- Written by `make generate` from functions/get_conversations.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:0acc0b728fa54abb853ec8f674f2dec038c1857da4cd86311270afe6fc2a8721' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.get_conversations(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text, text, text, integer, integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'get_conversations' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'get_conversations' AND p.oid IS DISTINCT FROM to_regprocedure('public.get_conversations(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text, text, text, integer, integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.get_conversations(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text, text, text, integer, integer)
-- Purpose: the conversations that a figure counts; how many there are equals the
--   figure, or of a share its numerator, of a mean or percentile its denominator. Of
--   contacts it gives each customer's first conversation of the range; of messages and
--   events the conversations that have some.
-- Parameters: range, zone and filters as everywhere (internal/analytics/kpi/
--   definitions.md, "Ranges"); figure, by its name; topic, an intent; tag;
--   handoff_reason; max_rows and skip_rows, for pages, newest first.
-- Rows: one for each conversation. counted is its part of the figure; waits are
--   seconds; waiting_since is of an open one whose customer waits.
-- Who: signed-in users, with the caller's rights.
CREATE OR REPLACE FUNCTION public.get_conversations(
  from_date timestamptz DEFAULT NULL, to_date timestamptz DEFAULT NULL, zone text DEFAULT NULL, figure text DEFAULT 'conversations',
  channel text DEFAULT NULL, team text DEFAULT NULL, agent text DEFAULT NULL, priority text DEFAULT NULL, language text DEFAULT NULL,
  topic text DEFAULT NULL, tag text DEFAULT NULL, handoff_reason text DEFAULT NULL, max_rows integer DEFAULT NULL, skip_rows integer DEFAULT 0)
RETURNS TABLE (conversation_id uuid, started_at timestamptz, status text, customer_id uuid, channel_type text, department text, agent_id text,
  conversation_priority text, conversation_language text, intent text, tags text[], reason text, counted numeric, first_response_seconds numeric,
  resolution_seconds numeric, handling_seconds numeric, waiting_since timestamptz, rating numeric, customer_messages integer, ai_answers integer,
  agent_messages integer)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' SET enable_seqscan = 'off' AS $$
DECLARE
  zone_now CONSTANT text := romashka.kpi_zone(zone);
  edges    CONSTANT timestamptz[] := romashka.kpi_edges(from_date, to_date, zone_now, NULL);
  filters  CONSTANT text[] := ARRAY[channel, team, agent, priority, language, topic, tag, handoff_reason]::text[];
  asked    CONSTANT text[] := romashka.kpi_chosen(ARRAY[COALESCE(figure, 'conversations')], NULL);
  what     record;
  counts   text; -- an expression over a fact
  changed  uuid[];
  kept     boolean; -- facts are read
  most     CONSTANT bigint := max_rows::bigint + COALESCE(skip_rows, 0);
  marks    text;    -- the column of romashka.kpi_cells that is above 0 where rows are counted
  hours    timestamptz[];
  source   text;
  chosen   CONSTANT text := $q$f.started_at >= $2 AND f.started_at < $3
        AND ($1[1] IS NULL OR f.channel = $1[1]) AND ($1[2] IS NULL OR f.team = $1[2]) AND ($1[3] IS NULL OR f.agent = $1[3])
        AND ($1[4] IS NULL OR f.priority = $1[4]) AND ($1[5] IS NULL OR f.language = $1[5]) AND ($1[6] IS NULL OR f.topic = $1[6])
        AND ($1[7] IS NULL OR $1[7] = ANY (f.tags))
        AND ($1[8] IS NULL OR f.handoffs = 1 AND COALESCE(f.handoff_reason, 'not stated') = $1[8])$q$;
  unchanged CONSTANT text := '($4 IS NULL OR f.conversation_id <> ALL ($4))';
  first    text := ''; -- of a page of contacts: no kept conversation of the customer is earlier
  others   text; -- rows beside those kept
  parts    text := ''; -- that both rest on
BEGIN
  IF romashka.unchanged('get_conversations', pg_catalog.jsonb_build_array(from_date, to_date, figure, channel, team, agent, priority, language, topic, tag, handoff_reason, max_rows, skip_rows), zone_now) THEN
    RETURN;
  END IF;
  SELECT * INTO what FROM romashka.kpi_catalogue() AS c WHERE c.figure = asked[1];
  IF max_rows < 0 OR skip_rows < 0 THEN
    RAISE EXCEPTION 'max_rows and skip_rows must not be below 0' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  counts := CASE
    WHEN what.numerator = 'missed' THEN
      '(f.late = 1 OR f.unanswered = 1 AND (f.open = 0 OR f.asked_at <= pg_catalog.now() - interval ''3 hours''))::integer'
    WHEN what.kind IN ('count', 'sum', 'rate', 'rating_rate') THEN 'f.' || pg_catalog.quote_ident(what.numerator)
    WHEN what.kind = 'mean' THEN 'f.' || pg_catalog.quote_ident(what.denominator)
    WHEN what.kind IN ('p50', 'p90') THEN '(f.' || pg_catalog.quote_ident(pg_catalog.replace(what.numerator, '_response', '') || '_wait') || ' IS NOT NULL)::integer'
    WHEN what.kind = 'contacts' THEN '1'
    ELSE '0' END;
  SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) INTO changed FROM romashka.kpi_changes AS c;
  kept := pg_catalog.array_position(changed, NULL) IS NULL AND EXISTS (SELECT FROM romashka.kpi_state WHERE ready);
  IF kept AND most <= 1000 AND pg_catalog.cardinality(pg_catalog.array_remove(filters, NULL)) <= 1 THEN
    marks := CASE WHEN what.numerator = 'missed' THEN 'late'
                  WHEN what.kind IN ('count', 'rate', 'rating_rate') THEN what.numerator WHEN what.kind = 'mean' THEN what.denominator
                  WHEN what.numerator = 'response' THEN 'answered' WHEN what.numerator = 'resolution' THEN 'resolutions_timed'
                  WHEN what.kind IN ('p50', 'p90') THEN what.numerator || 's' END;
  END IF;
  -- A page of a figure that seldom occurs is looked for in the hours that have it alone.
  IF EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = 'romashka.kpi_facts'::regclass AND a.attname = marks
             AND a.atttypid = 'smallint'::regtype) THEN
    EXECUTE pg_catalog.format($q$
      SELECT COALESCE(pg_catalog.array_agg(h.bucket), '{}')
      FROM (
        SELECT c.bucket, sum(CASE WHEN c.bucket >= $3 AND c.bucket + interval '1 hour' <= $4 THEN c.%1$I ELSE 0 END) OVER (ORDER BY c.bucket DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS newer
        FROM romashka.kpi_cells AS c
        WHERE c.grain = 'h' AND c.level = $1 AND c.value = $2 AND c.bucket > $3 - interval '1 hour' AND c.bucket < $4 AND c.%1$I + %2$s > 0
      ) AS h
      WHERE COALESCE(h.newer, 0) < $5
      $q$, marks, CASE what.numerator WHEN 'missed' THEN 'c.unanswered' ELSE '0' END)
    INTO hours
    USING COALESCE((SELECT n.level FROM unnest('{channel,team,agent,priority,language,topic,tag,reason}'::text[], filters) AS n (level, value) WHERE n.value IS NOT NULL), 'all'),
          COALESCE((SELECT f.value FROM unnest(filters) AS f (value) WHERE f.value IS NOT NULL), ''), edges[1], edges[2],
          most + COALESCE(pg_catalog.cardinality(changed), 0);
    source := '(SELECT u.at, u.at + interval ''1 hour'' AS until FROM unnest($7) AS u (at) OFFSET 0) AS h -- a sum in the condition would keep it from the index
      CROSS JOIN LATERAL (SELECT * FROM romashka.kpi_facts AS f WHERE f.started_at >= h.at AND f.started_at < h.until AND %s OFFSET 0) AS f';
  ELSE
    source := CASE WHEN kept THEN 'romashka.kpi_facts' ELSE 'romashka.kpi_read_facts(NULL, $2, $3)' END || ' AS f WHERE %s';
  END IF;
  others := pg_catalog.format('SELECT f.* FROM romashka.kpi_read_facts($4, $2, $3) AS f WHERE $4 IS NOT NULL AND %s AND %s > 0', chosen, counts);
  IF what.kind = 'contacts' AND kept AND filters[6:8] = '{NULL,NULL,NULL}'
     AND EXISTS (SELECT FROM romashka.kpi_state AS s WHERE CASE filters[1:5] WHEN '{NULL,NULL,NULL,NULL,NULL}' THEN s.previous ELSE s.previous_by_filter END) THEN
    -- A customer of whom something has changed is looked at anew, with all of his conversations.
    parts := 'fresh AS MATERIALIZED (' || others || '), people AS MATERIALIZED (
      SELECT o.customer FROM romashka.kpi_facts AS o WHERE o.conversation_id = ANY ($4) UNION SELECT n.customer FROM fresh AS n), ';
    SELECT 'romashka.kpi_previous AS p -- OFFSET keeps facts from being read first where few rows are thought to meet the filters
      CROSS JOIN LATERAL (SELECT * FROM romashka.kpi_facts AS i WHERE i.conversation_id = p.conversation_id OFFSET 0) AS f
      WHERE p.started_at >= $2 AND p.started_at < $3 AND f.customer NOT IN (SELECT o.customer FROM people AS o)'
      || CASE count(*)
           WHEN 0 THEN ' AND p.previous_at < $2'
           WHEN 1 THEN pg_catalog.format(' AND p.%1$I = $1[%2$s] AND p.previous_%1$s < $2', min(n.name), min(n.place))
           ELSE pg_catalog.string_agg(pg_catalog.format(' AND p.%1$I = $1[%2$s]', n.name, n.place), '' ORDER BY n.place)
             || ' AND p.previous_same < $2 AND ('
             || pg_catalog.string_agg(pg_catalog.format('p.previous_%s < $2 OR ', n.name), '' ORDER BY n.place)
             || 'NOT EXISTS (SELECT FROM romashka.kpi_facts AS e WHERE e.customer = p.customer AND e.started_at >= $2 AND (e.started_at, e.conversation_id) < (p.started_at, p.conversation_id)'
             || pg_catalog.string_agg(pg_catalog.format(' AND e.%1$I = $1[%2$s]', n.name, n.place), '' ORDER BY n.place) || ' OFFSET 0))'
         END
    INTO source FROM unnest('{channel,team,agent,priority,language}'::text[], filters[1:5]) WITH ORDINALITY AS n (name, value, place) WHERE n.value IS NOT NULL;
    others := pg_catalog.format('SELECT f.* FROM people AS o JOIN romashka.kpi_facts AS f ON f.customer = o.customer WHERE %s AND %s UNION ALL SELECT * FROM fresh', chosen, unchanged);
  ELSIF what.kind = 'contacts' AND kept AND most <= 1000 THEN -- OFFSET keeps it a look at the one customer
    first := ' AND NOT EXISTS (SELECT FROM romashka.kpi_facts AS e WHERE e.customer = f.customer AND (e.started_at, e.conversation_id) < (f.started_at, f.conversation_id) AND '
      || pg_catalog.replace(chosen || ' AND ' || unchanged, 'f.', 'e.') || ' OFFSET 0)';
    others := others || first;
  END IF;
  RETURN QUERY EXECUTE pg_catalog.format($q$
    WITH %7$skept AS (
      SELECT f.* FROM %1$s %4$s
    ), found AS (
      SELECT * FROM kept
      UNION ALL
      %2$s
    )
    SELECT f.conversation_id, f.started_at, f.status, NULLIF(f.customer, f.conversation_id), f.channel, f.team, f.agent, f.priority, f.language, f.topic, f.tags,
           f.handoff_reason, pg_catalog.trim_scale((%3$s)::numeric / %5$s), f.response_wait / 1000.0, f.resolution_wait / 1000.0, f.handling_ms / 1000.0,
           f.waiting_since, pg_catalog.trim_scale(NULLIF(f.rating_sum, 0) / 100.0), f.customer_messages, f.ai_answers, f.agent_messages
    FROM %6$s AS f
    ORDER BY f.started_at DESC, f.conversation_id LIMIT $5 OFFSET $6
    $q$, pg_catalog.format(source, chosen || ' AND ' || counts || ' > 0 AND ' || unchanged || first), others, counts,
    CASE WHEN what.kind = 'contacts' AND first || parts = '' THEN '' ELSE pg_catalog.format('ORDER BY %1$s.started_at DESC, %1$s.conversation_id', CASE parts WHEN '' THEN 'f' ELSE 'p' END) || ' LIMIT $8 + COALESCE(pg_catalog.cardinality($4), 0)' END,
    CASE WHEN what.kind IN ('mean', 'p50', 'p90') THEN 1 ELSE what.scale END,
    CASE WHEN what.kind = 'contacts' THEN '(SELECT DISTINCT ON (d.customer) d.* FROM found AS d ORDER BY d.customer, d.started_at, d.conversation_id)' ELSE 'found' END, parts)
  USING filters, edges[1], edges[2], CASE WHEN kept THEN changed END, max_rows, skip_rows, hours, most;
END
$$;

REVOKE ALL ON FUNCTION public.get_conversations(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text, text, text, integer, integer) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.get_conversations(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text, text, text, integer, integer) TO authenticated, service_role;
COMMENT ON FUNCTION public.get_conversations(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text, text, text, integer, integer) IS 'The conversations that a figure counts';
$text$;
made := to_regprocedure('public.get_conversations(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text, text, text, integer, integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'get_conversations', 'public.get_conversations(timestamp with time zone, timestamp with time zone, text, text, text, text, text, text, text, text, text, text, integer, integer)', wanted, now(), s.definition
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
