-- Purpose: tables made without a grant to any role of the API, as Supabase has
-- made them since 2026-05-30 where the migration states none: those that have
-- policies, which say that somebody is meant to come, and ROMASHKA's base
-- tables. The remedy gives a base table the grants that its policies count on, and another
-- one those that its policies name.
-- Parameters: @schemas, @base_relations. Read only.
WITH api (role) AS (
  SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolname IN ('anon', 'authenticated', 'service_role')
), ungranted AS (
  SELECT c.oid, n.nspname, c.relname, c.relkind, c.relrowsecurity, n.nspname = 'public' AND c.relname = ANY (@base_relations::text[]) AS base
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY (@schemas::text[]) AND c.relkind IN ('r', 'p', 'v')
    AND NOT EXISTS (SELECT FROM api WHERE has_any_column_privilege(role, c.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(role, c.oid, 'DELETE'))
), wish (oid, role, place, command) AS (
  SELECT DISTINCT u.oid, a.role, d.place, d.command
  FROM ungranted AS u
  JOIN pg_catalog.pg_policy AS p ON p.polrelid = u.oid
  JOIN api AS a ON 0::oid = ANY (p.polroles) OR a.role::regrole::oid = ANY (p.polroles)
  JOIN (VALUES (1, 'r', 'SELECT'), (2, 'a', 'INSERT'), (3, 'w', 'UPDATE'), (4, 'd', 'DELETE')) AS d (place, letter, command)
    ON p.polcmd = '*' OR p.polcmd::text = d.letter
  WHERE NOT u.base
), statement (oid, text) AS (
  SELECT w.oid, format('GRANT %s ON %I.%I TO %s;', w.commands, u.nspname, u.relname, string_agg(w.role, ', ' ORDER BY w.role))
  FROM (SELECT oid, role, string_agg(command, ', ' ORDER BY place) AS commands FROM wish WHERE role <> 'service_role' GROUP BY oid, role) AS w
  JOIN ungranted AS u ON u.oid = w.oid
  GROUP BY w.oid, w.commands, u.nspname, u.relname
  UNION ALL
  SELECT u.oid, format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO service_role;', u.nspname, u.relname)
  FROM ungranted AS u WHERE NOT u.base
  UNION ALL
  SELECT u.oid, CASE WHEN u.relkind = 'v' THEN format('GRANT SELECT ON %I.%I TO authenticated, service_role;', u.nspname, u.relname)
                     ELSE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I.%I TO anon, authenticated, service_role;', u.nspname, u.relname) END
  FROM ungranted AS u WHERE u.base
  UNION ALL -- serial columns; an identity asks for no grant
  SELECT u.oid, format('GRANT USAGE ON SEQUENCE %s TO %s;', p.objid::regclass, r.roles)
  FROM ungranted AS u
  JOIN pg_catalog.pg_depend AS p ON p.refclassid = 'pg_catalog.pg_class'::regclass AND p.refobjid = u.oid AND p.classid = 'pg_catalog.pg_class'::regclass AND p.deptype = 'a'
  JOIN pg_catalog.pg_class AS s ON s.oid = p.objid AND s.relkind = 'S'
  JOIN LATERAL (SELECT string_agg(role, ', ' ORDER BY role) AS roles FROM (
                  SELECT w.role FROM wish AS w WHERE w.oid = u.oid AND w.command = 'INSERT' UNION SELECT 'service_role') AS i) AS r ON true
  WHERE NOT u.base
)
SELECT CASE WHEN u.base THEN 'error' ELSE 'warning' END AS severity,
       format('table %I.%I', u.nspname, u.relname) AS object,
       format('%s.%s', u.nspname, u.relname) AS relation,
       'no role of the API has a grant: each request for it is refused' AS fault,
       CASE WHEN u.base THEN 'ROMASHKA''s pages and functions need it'
            ELSE 'it has policies: ' || (SELECT string_agg(format('%I', p.polname), ', ' ORDER BY p.polname) FROM pg_catalog.pg_policy AS p WHERE p.polrelid = u.oid)
       END AS evidence,
       concat(CASE WHEN u.relkind <> 'v' AND NOT u.relrowsecurity THEN format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY; ', u.nspname, u.relname) END,
              (SELECT string_agg(s.text, ' ' ORDER BY s.text) FROM statement AS s WHERE s.oid = u.oid)) AS remedy
FROM ungranted AS u
WHERE u.base OR EXISTS (SELECT FROM pg_catalog.pg_policy AS p WHERE p.polrelid = u.oid)
