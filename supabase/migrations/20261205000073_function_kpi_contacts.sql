-- Written by `make generate` from functions/kpi_contacts.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:b60ab960b02bfd4c9fd42f3b23d277c609b4e51904dd4a6b3afd7e86232b5252' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{romashka.kpi_facts}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.kpi_contacts(timestamp with time zone[], text, text[], integer, romashka.kpi_facts[])') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'kpi_contacts' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'kpi_contacts' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.kpi_contacts(timestamp with time zone[], text, text[], integer, romashka.kpi_facts[])')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.kpi_contacts(timestamp with time zone[], text, text[], integer, romashka.kpi_facts[])
-- depends: romashka.kpi_facts
-- Purpose: how many different customers started a conversation between edges.
--   Customers cannot be added up over hours, so they are counted: all of them, or
--   those that fall into one of so many parts, which a hash decides.
-- Parameters: edges, by_level and filters as those of romashka.kpi_sums; parts: 1 to count
--   all, or a power of two from 16 on; fresh, see romashka.kpi_waiting.
-- Rows: slot, key, customers counted.
-- Who: the functions of this schema, with the caller's rights; see kpi_sums.
CREATE OR REPLACE FUNCTION romashka.kpi_contacts(edges timestamptz[], by_level text, filters text[], parts integer, fresh romashka.kpi_facts[] DEFAULT NULL)
RETURNS TABLE (slot integer, key text, customers bigint)
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' SET jit = 'off' SET enable_seqscan = 'off' AS $$
DECLARE
  last     CONSTANT timestamptz := edges[pg_catalog.cardinality(edges)];
  changed  CONSTANT uuid[] := (SELECT pg_catalog.array_agg(DISTINCT c.conversation_id) FROM romashka.kpi_changes AS c);
  kept     CONSTANT boolean := pg_catalog.array_position(changed, NULL) IS NULL AND EXISTS (SELECT FROM romashka.kpi_state WHERE ready);
  touched  uuid[] := '{}'; -- customers whose facts may be old
  named    CONSTANT text[] := '{channel,team,agent,priority,language,topic}';
  shown    CONSTANT text := CASE WHEN by_level = 'all' THEN '''''::text' WHEN by_level = ANY (named) THEN 'f.' || by_level
                                 WHEN by_level = 'reason' THEN 'COALESCE(f.handoff_reason, ''not stated'')' ELSE 't.tag' END;
  source   CONSTANT text := CASE WHEN by_level <> ALL (named || '{all,reason}'::text[]) THEN '%s AS f CROSS JOIN LATERAL unnest(f.tags) AS t (tag)' ELSE '%s AS f' END;
  -- Indexes have every 16th and every 64th part.
  chosen   CONSTANT text := 'f.started_at >= $1[1] AND f.started_at < $2'
    || CASE WHEN parts >= 64 THEN ' AND (pg_catalog.uuid_hash(f.customer) & 63) = 0' WHEN parts > 1 THEN ' AND f.customer_sample = 0' ELSE '' END
    || CASE WHEN parts NOT IN (1, 16, 64) THEN pg_catalog.format(' AND (pg_catalog.uuid_hash(f.customer) & %s) = 0', parts - 1) ELSE '' END
    || CASE WHEN by_level = 'reason' THEN ' AND f.handoffs = 1' ELSE '' END
    || COALESCE((SELECT pg_catalog.string_agg(pg_catalog.format(' AND f.%s = $3[%s]', named[g.i], g.i), '' ORDER BY g.i)
                 FROM pg_catalog.generate_series(1, 6) AS g (i) WHERE filters[g.i] IS NOT NULL), '');
  found    text := pg_catalog.format('SELECT DISTINCT %s AS slot, %s AS key, f.customer FROM %s WHERE %s',
                            CASE pg_catalog.cardinality(edges) WHEN 2 THEN '1' ELSE 'pg_catalog.width_bucket(f.started_at, $1)' END, shown, source, chosen);
BEGIN
  IF NOT kept THEN
    found := pg_catalog.format(found, 'romashka.kpi_facts_now($1[1], $2, false)');
  ELSIF changed IS NULL THEN
    found := pg_catalog.format(found, 'romashka.kpi_facts');
  ELSE
    SELECT COALESCE(pg_catalog.array_agg(t.customer), '{}') INTO touched FROM (
      SELECT f.customer FROM romashka.kpi_facts AS f WHERE f.conversation_id = ANY (changed)
      UNION SELECT r.customer FROM romashka.kpi_fresh(changed, edges[1], last, fresh) AS r) AS t;
    found := pg_catalog.format(found, 'romashka.kpi_facts') || ' AND f.customer <> ALL ($5) UNION ALL '
      || pg_catalog.format(found, '(SELECT * FROM romashka.kpi_facts AS o WHERE o.customer = ANY ($5) AND o.conversation_id <> ALL ($4)
           UNION ALL SELECT * FROM romashka.kpi_fresh($4, $1[1], $2, $6))');
  END IF;
  RETURN QUERY EXECUTE pg_catalog.format('SELECT w.slot, w.key, count(*) FROM (%s) AS w GROUP BY w.slot, w.key', found)
    USING edges, last, filters, changed, touched, fresh;
END
$$;

REVOKE ALL ON FUNCTION romashka.kpi_contacts(timestamptz[], text, text[], integer, romashka.kpi_facts[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.kpi_contacts(timestamptz[], text, text[], integer, romashka.kpi_facts[]) TO authenticated, service_role;
COMMENT ON FUNCTION romashka.kpi_contacts(timestamptz[], text, text[], integer, romashka.kpi_facts[]) IS 'How many different customers started a conversation';
$text$;
made := to_regprocedure('romashka.kpi_contacts(timestamp with time zone[], text, text[], integer, romashka.kpi_facts[])');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'kpi_contacts', 'romashka.kpi_contacts(timestamp with time zone[], text, text[], integer, romashka.kpi_facts[])', wanted, now(), s.definition
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
