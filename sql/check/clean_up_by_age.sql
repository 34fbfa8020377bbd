-- Purpose: clean-up functions that delete by age alone, with the periods in
-- their text: sessions that are still in use go too, and one statement takes all
-- rows at once. One that takes a limited number of rows at a time is left alone.
-- Parameters: @schemas. Read only.
SELECT CASE WHEN bool_or(m.parts[1] ~* 'session' AND m.parts[2] !~* '(is_active|ended_at|expires_at|not_after)') THEN 'error' ELSE 'warning' END AS severity,
       format('function %s', p.oid::regprocedure) AS object,
       format('%s.%s', n.nspname, p.proname) AS relation,
       CASE WHEN bool_or(m.parts[1] ~* 'session' AND m.parts[2] !~* '(is_active|ended_at|expires_at|not_after)')
            THEN 'deletes sessions that are still active, and all by age alone'
            ELSE 'deletes by age alone, with the period in its text' END AS fault,
       string_agg(format('%s%s', m.parts[1], regexp_replace(m.parts[2], '\s+', ' ', 'g')), '; ') AS evidence,
       format('SELECT pg_get_functiondef(%L::regprocedure); -- delete only ended sessions, by a period in a table, with LIMIT', p.oid::regprocedure) AS remedy
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
CROSS JOIN LATERAL regexp_matches(p.prosrc, 'delete\s+from\s+((?:\w+\.)?\w+)(\s+where[^;]*?interval\s*''[^'']*'')(?![^;]*\mlimit\M)', 'gi') AS m (parts)
WHERE n.nspname = ANY (@schemas::text[] || 'romashka'::text) AND p.prokind IN ('f', 'p')
GROUP BY p.oid, n.nspname, p.proname
