-- Purpose: what keeps the API log from becoming a table of partitions, or one table again:
--   things of the project's own that the new table cannot have, or that would stay with the old.
-- Parameters: none. Read only.
-- Columns: object, fault, remedy.
-- Run by: the owner of the project's tables.
WITH log AS (
  SELECT c.* FROM pg_catalog.pg_class AS c WHERE c.oid = 'public.api_security_logs'::regclass AND c.relkind IN ('r', 'p')
), part AS (
  SELECT c.oid, c.relkind, c.reltype FROM log JOIN pg_catalog.pg_inherits AS i ON i.inhparent = log.oid JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid WHERE c.relispartition
)
SELECT 'table public.api_security_logs' AS object, format('belongs to %s, of whom %s is no member', pg_catalog.pg_get_userbyid(log.relowner), current_user) AS fault,
       'run it as the owner' AS remedy
FROM log WHERE NOT pg_catalog.pg_has_role(log.relowner, 'USAGE')
UNION ALL
SELECT 'column timestamp', 'is not of type timestamptz', 'ALTER TABLE public.api_security_logs ALTER COLUMN "timestamp" TYPE timestamptz; -- it is written anew'
FROM log WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = log.oid AND a.attname = 'timestamp' AND a.atttypid = 'timestamptz'::regtype AND NOT a.attisdropped)
UNION ALL
SELECT 'column timestamp', 'has no index, so that rows dated ahead are found slowly', 'CREATE INDEX CONCURRENTLY idx_api_security_logs_timestamp ON public.api_security_logs ("timestamp");'
FROM log WHERE log.relkind = 'r' AND NOT EXISTS (
  SELECT FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
  WHERE i.indrelid = log.oid AND i.indisvalid AND i.indpred IS NULL AND a.attname = 'timestamp')
UNION ALL
SELECT format('foreign key %s of %s', k.conname, k.conrelid::regclass), 'refers to the log, whose key has another form in a table of partitions',
       format('ALTER TABLE %s DROP CONSTRAINT %I;', k.conrelid::regclass, k.conname)
FROM log JOIN pg_catalog.pg_constraint AS k ON k.confrelid = log.oid AND k.contype = 'f'
UNION ALL
SELECT format('index %s', i.indexrelid::regclass), 'is unique without the column timestamp, or an exclusion constraint: a partitioned table has no such index', format('DROP INDEX %s; -- or its constraint', i.indexrelid::regclass)
FROM log JOIN pg_catalog.pg_index AS i ON i.indrelid = log.oid AND i.indisvalid AND NOT i.indisprimary AND log.relkind = 'r'
WHERE (i.indisunique OR i.indisexclusion)
  AND (SELECT pg_catalog.array_agg(a.attname::text ORDER BY a.attname) FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = log.oid AND a.attnum = ANY (i.indkey)) <> '{id}'
  AND (i.indisexclusion OR NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = log.oid AND a.attname = 'timestamp' AND a.attnum = ANY (i.indkey)))
UNION ALL
SELECT format('trigger %s', t.tgname), 'reads the rows of its statement in a table of their own, or waits for the end of the transaction', format('DROP TRIGGER %I ON public.api_security_logs; -- and make it FOR EACH STATEMENT', t.tgname)
FROM log JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = log.oid AND NOT t.tgisinternal
WHERE log.relkind = 'r' AND (t.tgoldtable IS NOT NULL OR t.tgnewtable IS NOT NULL) AND t.tgtype & 1 = 1
UNION ALL
SELECT format('column %s', a.attname), 'counts by itself (identity), which partitions would do each for itself', format('ALTER TABLE public.api_security_logs ALTER COLUMN %I DROP IDENTITY;', a.attname)
FROM log JOIN pg_catalog.pg_attribute AS a ON a.attrelid = log.oid AND a.attidentity <> '' AND NOT a.attisdropped
UNION ALL
SELECT format('table %s', i.inhrelid::regclass), 'inherits from the log', format('ALTER TABLE %s NO INHERIT public.api_security_logs;', i.inhrelid::regclass)
FROM log JOIN pg_catalog.pg_inherits AS i ON i.inhparent = log.oid WHERE log.relkind = 'r'
UNION ALL
SELECT format('table %s', i.inhparent::regclass), 'is inherited by the log', format('ALTER TABLE public.api_security_logs NO INHERIT %s;', i.inhparent::regclass)
FROM log JOIN pg_catalog.pg_inherits AS i ON i.inhrelid = log.oid
UNION ALL
SELECT format('publication %s', p.pubname),
       CASE WHEN pg_catalog.pg_has_role(p.pubowner, 'USAGE') THEN 'publishes some rows or columns of the log alone' ELSE format('has the log, and belongs to %s', pg_catalog.pg_get_userbyid(p.pubowner)) END,
       format('ALTER PUBLICATION %I DROP TABLE public.api_security_logs; -- and add it again afterwards', p.pubname)
FROM log JOIN pg_catalog.pg_publication_rel AS r ON r.prrelid = log.oid JOIN pg_catalog.pg_publication AS p ON p.oid = r.prpubid
WHERE NOT pg_catalog.pg_has_role(p.pubowner, 'USAGE') OR to_jsonb(r) ->> 'prqual' IS NOT NULL OR to_jsonb(r) ->> 'prattrs' IS NOT NULL
UNION ALL
SELECT format('rule %s', w.rulename), 'rewrites statements on the log', format('DROP RULE %I ON public.api_security_logs;', w.rulename)
FROM log JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = log.oid
UNION ALL
SELECT format('partition %s', p.oid::regclass), 'is no table itself', format('ALTER TABLE public.api_security_logs DETACH PARTITION %s; -- and give its rows to another', p.oid::regclass)
FROM part AS p WHERE p.relkind <> 'r'
UNION ALL
SELECT format('constraint %s', k.conname), 'was not checked', format('ALTER TABLE public.api_security_logs VALIDATE CONSTRAINT %I;', k.conname)
FROM log JOIN pg_catalog.pg_constraint AS k ON k.conrelid = log.oid AND NOT k.convalidated AND log.relkind = 'p'
UNION ALL
SELECT format('publication %s', p.pubname), format('has the partition %s itself', part.oid::regclass), format('ALTER PUBLICATION %I DROP TABLE %s; -- and add the log', p.pubname, part.oid::regclass)
FROM part JOIN pg_catalog.pg_publication_rel AS r ON r.prrelid = part.oid JOIN pg_catalog.pg_publication AS p ON p.oid = r.prpubid
UNION ALL
SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, 0), 'is bound to the table itself, or to its row type, and would stay with the old one', 'drop it, and make it again afterwards'
FROM (SELECT log.oid, log.reltype, true AS log FROM log UNION ALL SELECT part.oid, part.reltype, false FROM part) AS t
JOIN pg_catalog.pg_type AS y ON y.oid = t.reltype
JOIN pg_catalog.pg_depend AS d ON (d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (y.oid, y.typarray))
                              AND d.deptype IN ('n', 'a')
LEFT JOIN pg_catalog.pg_rewrite AS w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
LEFT JOIN pg_catalog.pg_class AS v ON v.oid = w.ev_class
LEFT JOIN pg_catalog.pg_policy AS p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid
WHERE d.classid = 'pg_proc'::regclass OR v.relkind = 'm' OR NOT t.log AND v.relkind = 'v' OR p.polrelid NOT IN (SELECT log.oid FROM log UNION ALL SELECT part.oid FROM part)
   OR d.refclassid = 'pg_type'::regclass AND d.classid = 'pg_class'::regclass AND d.objid <> t.oid
UNION ALL
SELECT format('view %s', c.oid::regclass), format('belongs to %s, of whom %s is no member', pg_catalog.pg_get_userbyid(c.relowner), current_user), 'drop it, and make it again afterwards'
FROM log
JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = log.oid AND d.classid = 'pg_rewrite'::regclass
JOIN pg_catalog.pg_rewrite AS w ON w.oid = d.objid JOIN pg_catalog.pg_class AS c ON c.oid = w.ev_class AND c.relkind = 'v'
WHERE NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')
GROUP BY c.oid, c.relowner
