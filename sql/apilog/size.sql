-- The bytes that the API security log takes, with its indexes, of all its
-- partitions. Files keep their size after rows were deleted, and have room, so
-- that the rows that are left count, by their width, if that is less.
-- Returns one bigint.
-- Run by: the role of romashka-db-background-uri.
SELECT coalesce(sum(least(
         pg_total_relation_size(part.relid),
         CASE WHEN s.n_live_tup > 0 THEN s.n_live_tup * (w.bytes + 28 + 40 * i.indexes) END
       )), 0)::bigint
FROM (
  SELECT 'public.api_security_logs'::regclass AS relid
  UNION
  SELECT relid FROM pg_partition_tree('public.api_security_logs')
) AS part
LEFT JOIN pg_stat_all_tables AS s ON s.relid = part.relid
CROSS JOIN LATERAL (
  SELECT sum(p.avg_width)::bigint AS bytes
  FROM pg_stats AS p WHERE p.schemaname = s.schemaname AND p.tablename = s.relname
) AS w
CROSS JOIN LATERAL (SELECT count(*) AS indexes FROM pg_index WHERE indrelid = part.relid) AS i
