-- Purpose: columns that a policy compares with the caller's id and that lead no
-- index: each request scans the table.
-- Parameters: @schemas. Read only.
WITH compared AS (
  SELECT p.schemaname, p.tablename, p.policyname, format('%I.%I', p.schemaname, p.tablename)::regclass AS relation,
         COALESCE(m.parts[1], m.parts[2]) AS name
  FROM pg_catalog.pg_policies AS p
  CROSS JOIN LATERAL regexp_matches(p.qual,
    '(\w+) = \(?(?: SELECT )?auth\.uid\(\)|auth\.uid\(\)(?: AS uid\))? = (\w+)(?!\.|\()', 'g') AS m (parts)
  WHERE p.schemaname = ANY (@schemas::text[])
)
SELECT 'warning' AS severity,
       format('column %I.%I.%I', d.schemaname, d.tablename, d.name) AS object,
       format('%s.%s', d.schemaname, d.tablename) AS relation,
       'a policy compares it with the caller, and no index begins with it' AS fault,
       'policies ' || string_agg(DISTINCT format('%I', d.policyname), ', ') AS evidence,
       format('CREATE INDEX CONCURRENTLY ON %I.%I (%I);', d.schemaname, d.tablename, d.name) AS remedy
FROM compared AS d
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.relation AND a.attname = d.name
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = d.relation AND i.indisvalid AND i.indkey[0] = a.attnum)
GROUP BY d.schemaname, d.tablename, d.name
