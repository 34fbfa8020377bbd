-- Purpose: tables that hold much more dead weight than rows, by the server's
-- statistics.
-- Parameters: @schemas. Read only.
SELECT 'warning' AS severity,
       format('table %I.%I', s.schemaname, s.relname) AS object,
       format('%s.%s', s.schemaname, s.relname) AS relation,
       'most of it is dead rows that nothing cleared away' AS fault,
       format('%s dead beside %s live rows in %s; last vacuum %s', s.n_dead_tup, s.n_live_tup, pg_size_pretty(pg_relation_size(s.relid)),
              COALESCE(greatest(s.last_vacuum, s.last_autovacuum)::text, 'never')) AS evidence,
       format('VACUUM (ANALYZE) %I.%I; -- and find the transaction or slot that holds autovacuum back', s.schemaname, s.relname) AS remedy
FROM pg_catalog.pg_stat_user_tables AS s
WHERE s.schemaname = ANY (@schemas::text[] || 'romashka'::text) AND s.n_dead_tup > 10000 AND s.n_dead_tup > s.n_live_tup
