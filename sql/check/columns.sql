-- Purpose: each column of the project's tables and views, with all that decides
-- whether strangers or users read it, and the relation it refers to. Personal
-- data and secrets are looked for in it.
-- Parameters: @internal, @schemas, @api_roles, @anon. Read only.
-- Columns: schema, relation, kind, name, type, textual (text, jsonb and their
-- kin, arrays included), rls, partition (those that are served without row level security, which their
-- parent may have), served, readers (API roles that may select the
-- column), rights (API roles that have any right on the relation), anon_policy (a policy by which requests without a user read each row;
-- '' = none), own_rights (a view that reads with its owner's rights), target
-- (relation to which a key refers that ends with the column; '' = none), rule (the fate of
-- the row when that one is deleted: a, r, c, n, d), key (name of that
-- constraint), definition (its text), nullable (with all columns of the key), primary_key, estimate (rows), pages.
WITH always AS (
  SELECT p.polrelid, min(p.polname) AS polname
  FROM pg_catalog.pg_policy AS p
  CROSS JOIN LATERAL (SELECT lower(COALESCE(pg_get_expr(p.polqual, p.polrelid), 'true')) AS expression) AS e
  WHERE p.polpermissive AND p.polcmd IN ('r', '*')
    AND (p.polroles = '{0}' OR EXISTS (SELECT FROM unnest(p.polroles) AS r WHERE r <> 0 AND pg_has_role(@anon::text, r, 'USAGE')))
    AND (regexp_replace(e.expression, '[\s()]', '', 'g') ~ '^(true|1=1|auth\.role=''anon''::text|auth\.roleisnotnull)$'
         OR e.expression !~ '\mand\M' AND regexp_replace(e.expression, '[\s()]', '', 'g') ~ '(^|or)(true|1=1)(or|$)')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy AS x WHERE x.polrelid = p.polrelid AND NOT x.polpermissive AND x.polcmd IN ('r', '*')
                      AND (x.polroles = '{0}' OR EXISTS (SELECT FROM unnest(x.polroles) AS r WHERE r <> 0 AND pg_has_role(@anon::text, r, 'USAGE'))))
  GROUP BY p.polrelid
)
SELECT n.nspname::text AS schema, c.relname::text AS relation, c.relkind::text AS kind, a.attname::text AS name,
       format_type(a.atttypid, NULL) AS type,
       COALESCE(e.oid, t.oid) IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype, 'json'::regtype, 'jsonb'::regtype, 'bytea'::regtype)
         OR COALESCE(e.typname, t.typname) = 'citext' AS textual,
       c.relrowsecurity AS rls, c.relispartition AS partition,
       n.nspname = ANY (@schemas::text[]) AS served,
       CASE WHEN n.nspname = ANY (@schemas::text[]) THEN
         ARRAY(SELECT role FROM unnest(@api_roles::text[]) AS role
               WHERE has_schema_privilege(role, n.oid, 'USAGE') AND has_column_privilege(role, c.oid, a.attnum, 'SELECT')) ELSE '{}' END AS readers,
       CASE WHEN n.nspname = ANY (@schemas::text[]) THEN
         ARRAY(SELECT role FROM unnest(@api_roles::text[]) AS role
               WHERE has_schema_privilege(role, n.oid, 'USAGE') AND (has_any_column_privilege(role, c.oid, 'SELECT, INSERT, UPDATE')
                 OR has_table_privilege(role, c.oid, 'DELETE, TRUNCATE, REFERENCES, TRIGGER'))) ELSE '{}' END AS rights,
       COALESCE(always.polname::text, '') AS anon_policy,
       c.relkind IN ('m', 'f') OR c.relkind = 'v' AND NOT EXISTS (
         SELECT FROM pg_options_to_table(c.reloptions) AS o
         WHERE o.option_name = 'security_invoker' AND lower(COALESCE(o.option_value, 'on')) IN ('on', 'true', 'yes', '1', 't', 'y')) AS own_rights,
       COALESCE(k.target, '') AS target, COALESCE(k.rule, '') AS rule, COALESCE(k.name, '') AS key, COALESCE(k.definition, '') AS definition, COALESCE(k.nullable, NOT a.attnotnull) AS nullable,
       EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum) AS primary_key,
       c.reltuples::bigint AS estimate, c.relpages::bigint AS pages
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A'
LEFT JOIN always ON always.polrelid = c.oid
LEFT JOIN LATERAL (
  SELECT x.conname::text AS name, x.confdeltype::text AS rule, format('%s.%s', fn.nspname, f.relname) AS target, pg_get_constraintdef(x.oid) AS definition,
         NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS b WHERE b.attrelid = x.conrelid AND b.attnum = ANY (x.conkey) AND b.attnotnull) AS nullable
  FROM pg_catalog.pg_constraint AS x
  JOIN pg_catalog.pg_class AS f ON f.oid = x.confrelid
  JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.relnamespace
  WHERE x.contype = 'f' AND x.conrelid = c.oid AND x.conkey[array_upper(x.conkey, 1)] = a.attnum AND x.conparentid = 0
  ORDER BY x.confdeltype IN ('a', 'r') DESC, x.conname LIMIT 1
) AS k ON true
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
  AND (NOT c.relispartition OR NOT c.relrowsecurity AND n.nspname = ANY (@schemas::text[]) AND EXISTS (
    SELECT FROM unnest(@api_roles::text[]) AS role WHERE has_any_column_privilege(role, c.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(role, c.oid, 'DELETE, TRUNCATE')))
  AND n.nspname <> ALL (@internal::text[]) AND n.nspname !~ '^pg_(temp|toast_temp)_'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, c.relname, a.attnum
