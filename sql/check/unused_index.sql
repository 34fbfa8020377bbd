-- Purpose: indexes that no query used although their table is asked often. Right
-- after a restart of the statistics nothing can be said, so a table must have
-- been read a thousand times.
-- Parameters: @schemas. Read only.
SELECT 'info' AS severity,
       format('index %I.%I', s.schemaname, s.indexrelname) AS object,
       format('%s.%s', s.schemaname, s.relname) AS relation,
       'no query uses it, and each write pays for it' AS fault,
       format('0 of %s reads of the table; %s', t.seq_scan + t.idx_scan, pg_size_pretty(pg_relation_size(s.indexrelid))) AS evidence,
       format('DROP INDEX CONCURRENTLY %I.%I; -- when the statistics cover a usual week', s.schemaname, s.indexrelname) AS remedy
FROM pg_catalog.pg_stat_user_indexes AS s
JOIN pg_catalog.pg_stat_user_tables AS t ON t.relid = s.relid
JOIN pg_catalog.pg_index AS i ON i.indexrelid = s.indexrelid
WHERE s.schemaname = ANY (@schemas::text[] || 'romashka'::text) AND s.idx_scan = 0 AND t.seq_scan + t.idx_scan >= 1000
  AND t.n_live_tup >= 1000 -- below, PostgreSQL scans the table whatever there is
  AND NOT i.indisunique
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.contype = 'f' AND k.conrelid = i.indrelid AND k.conkey[1] = i.indkey[0])
