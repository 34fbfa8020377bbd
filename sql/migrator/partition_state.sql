-- Purpose: how the API log stands on its way to a table of partitions, or back.
-- Parameters: none. Read only.
-- Columns: partitioned; row_count, about; bytes, with indexes; begun, the day of the
--   constraint romashka_past, NULL = none; validated; indexed: the unique index of the new
--   key is there and valid; ahead, rows dated after tomorrow or without a time, 10,001 at most;
--   undoing: the table that takes the place of partitions is there; copied: with all rows.
-- Run by: the owner of the project's tables.
WITH part AS (
  SELECT pg_catalog.to_regclass('public.api_security_logs')::oid AS relid
  UNION SELECT t.relid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass('public.api_security_logs')) AS t
)
SELECT c.relkind = 'p' AS partitioned,
       (SELECT COALESCE(sum(GREATEST(p.reltuples::bigint, pg_catalog.pg_stat_get_live_tuples(p.oid), 0)), 0)::bigint FROM part JOIN pg_catalog.pg_class AS p ON p.oid = part.relid AND p.relkind <> 'p') AS row_count,
       (SELECT COALESCE(sum(pg_catalog.pg_total_relation_size(part.relid)), 0)::bigint FROM part) AS bytes,
       pg_catalog.substring(pg_catalog.pg_get_constraintdef(k.oid), '''([^'']+)''')::timestamptz AS begun,
       COALESCE(k.convalidated, false) AS validated,
       COALESCE((SELECT i.indisvalid FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND i.indexrelid = pg_catalog.to_regclass('public.api_security_logs_past_pkey')), false) AS indexed,
       (SELECT count(*) FROM (
          (SELECT FROM public.api_security_logs AS l WHERE l."timestamp" >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '2 days' LIMIT 10001)
          UNION ALL (SELECT FROM public.api_security_logs AS l WHERE l."timestamp" IS NULL LIMIT 10001)) AS l)::bigint AS ahead,
       pg_catalog.to_regclass('romashka.api_security_logs_whole') IS NOT NULL AS undoing,
       COALESCE((SELECT i.indisvalid FROM pg_catalog.pg_index AS i WHERE i.indexrelid = pg_catalog.to_regclass('romashka.api_security_logs_whole_pkey')), false) AS copied
FROM pg_catalog.pg_class AS c
LEFT JOIN pg_catalog.pg_constraint AS k ON k.conrelid = c.oid AND k.conname = 'romashka_past'
WHERE c.oid = pg_catalog.to_regclass('public.api_security_logs')
