-- Purpose: functions that answer with a made-up number where there is no data.
-- Parameters: @schemas. Read only.
SELECT 'warning' AS severity,
       format('function %s', p.oid::regprocedure) AS object,
       format('%s.%s', n.nspname, p.proname) AS relation,
       'shows invented numbers where there is no data' AS fault,
       'defaults for empty aggregates: ' || string_agg(m.parts[1], ', ') AS evidence,
       format('SELECT pg_get_functiondef(%L::regprocedure); -- leave the default out, so that it gives NULL where there is no data', p.oid::regprocedure) AS remedy
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
CROSS JOIN LATERAL regexp_matches(p.prosrc, 'coalesce\s*\(\s*(?:avg|sum|min|max|percentile_\w+)\s*\((?:[^;()]|\((?:[^;()]|\((?:[^;()]|\([^;()]*\))*\))*\))*\)(?:\s*(?:within\s+group|filter)\s*\((?:[^;()]|\((?:[^;()]|\([^;()]*\))*\))*\))*(?:\s*::\s*\w+)?\s*,\s*(0*(?:[1-9]\d*(?:\.\d+)?|\.\d*[1-9]\d*|0\.\d*[1-9]\d*))\s*\)', 'gi') AS m (parts)
WHERE n.nspname = ANY (@schemas::text[] || 'romashka'::text) AND p.prokind = 'f'
GROUP BY p.oid, n.nspname, p.proname
