-- Written by `make generate` from functions/cleanup_old_analytics_data.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:48f0edf18846fff1969bcaa617a16520b7e32eb1ee4369854b0f4c0d08030936' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('public.cleanup_old_analytics_data(integer)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'cleanup_old_analytics_data' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'cleanup_old_analytics_data' AND p.oid IS DISTINCT FROM to_regprocedure('public.cleanup_old_analytics_data(integer)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: public.cleanup_old_analytics_data(integer)
-- Purpose: deletes rows that data_retention_policies no longer lets us keep.
-- Parameters: max_rows, at most so many rows of each table; NULL, the default,
--   means all. A caller that repeats a bounded call until it deletes nothing
--   holds no transaction for long. Either way each statement deletes at most
--   10,000 rows, and rows that somebody holds are left for the next time.
-- Rows: table_name, deleted_rows; one per category that has auto_delete.
-- Who: service_role and the owner. It runs with the owner's rights, so that all that
--   goes by retention is one line of the audit log and not one for each row.
-- The seed's function returned nothing, deleted sessions that were still
-- active, and could be called by anybody. A row goes by the times that the
-- database stamped, the youngest of them, and never before its category's floor.
-- A table of partitions is deleted from one by one; days of a partitioned API log that
-- are over altogether are dropped, last, because that keeps others out until the end.
CREATE OR REPLACE FUNCTION public.cleanup_old_analytics_data(max_rows integer DEFAULT NULL)
RETURNS TABLE (table_name text, deleted_rows bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  batch_size CONSTANT bigint := 10000;
  rule       record;
  part       regclass;
  batch      bigint;
  total      bigint;
  done       jsonb := '[]';
BEGIN
  FOR rule IN
    SELECT t.relation, t.condition, p.data_category,
           pg_catalog.now() - pg_catalog.make_interval(days => LEAST(GREATEST(p.retention_period, romashka.retention_floor(p.data_category)), 36500)) AS before
    FROM (VALUES
      (1, 'api_security_logs',    'api_security_logs',    '"timestamp" < $1'),
      (2, 'session_data',         'security_sessions',    'is_active = FALSE AND (ended_at < $1 OR ended_at IS NULL) AND GREATEST(ended_at, last_activity, created_at) < $1'),
      (3, 'sentiment_analysis',   'sentiment_analysis',   'analyzed_at < $1'),
      (4, 'advanced_metrics',     'advanced_metrics',     'created_at < $1'),
      (5, 'predictive_analytics', 'predictive_analytics', 'created_at < $1')
    ) AS t (position, category, relation, condition)
    JOIN public.data_retention_policies AS p ON p.data_category = t.category AND p.auto_delete
    ORDER BY t.position
  LOOP
    total := 0;
    FOR part IN
      SELECT t.relid FROM pg_catalog.pg_partition_tree(pg_catalog.format('public.%I', rule.relation)::regclass) AS t
      WHERE t.isleaf AND NOT EXISTS (SELECT FROM romashka.log_days() AS d WHERE d.relation = t.relid AND d.since IS NOT NULL)
      UNION ALL
      SELECT c.oid FROM pg_catalog.pg_class AS c WHERE c.oid = pg_catalog.format('public.%I', rule.relation)::regclass AND c.relkind = 'r'
    LOOP
      LOOP
        EXIT WHEN total >= max_rows;
        EXECUTE pg_catalog.format(
          'DELETE FROM ONLY %1$s WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM ONLY %1$s WHERE %2$s LIMIT $2 FOR UPDATE SKIP LOCKED))',
          part, rule.condition)
        USING rule.before, LEAST(batch_size, max_rows - total);
        GET DIAGNOSTICS batch = ROW_COUNT;
        total := total + batch;
        EXIT WHEN batch < batch_size;
      END LOOP;
    END LOOP;
    done := done || pg_catalog.jsonb_build_object('relation', rule.relation, 'rows', total, 'category', rule.data_category, 'before', rule.before);
  END LOOP;
  FOR rule IN SELECT d.relation, d.category, d.rows, d.before FROM pg_catalog.jsonb_to_recordset(done) AS d (relation text, rows bigint, category text, before timestamptz) LOOP
    table_name := rule.relation;
    deleted_rows := rule.rows;
    IF rule.relation = 'api_security_logs' THEN
      deleted_rows := deleted_rows + romashka.drop_log_days(rule.before);
    END IF;
    IF deleted_rows > 0 THEN
      INSERT INTO public.security_audit_logs (event_type, user_id, resource_type, action, new_values)
      VALUES ('retention', auth.uid(), rule.relation, 'delete',
              pg_catalog.jsonb_build_object('category', rule.category, 'rows', deleted_rows, 'older_than', rule.before));
    END IF;
    RETURN NEXT;
  END LOOP;
END
$$;

REVOKE ALL ON FUNCTION public.cleanup_old_analytics_data(integer) FROM PUBLIC, anon, authenticated;
GRANT EXECUTE ON FUNCTION public.cleanup_old_analytics_data(integer) TO service_role;
COMMENT ON FUNCTION public.cleanup_old_analytics_data(integer) IS 'Deletes what data_retention_policies no longer lets us keep; returns what it deleted';
$text$;
made := to_regprocedure('public.cleanup_old_analytics_data(integer)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'cleanup_old_analytics_data', 'public.cleanup_old_analytics_data(integer)', wanted, now(), s.definition
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
