-- Purpose: the schemas that the API serves and as which roles, by the settings that the
-- database itself holds for the API's login, or for whoever asks; the given ones
-- where it holds none.
-- API roles are the anonymous one, authenticated, and others that the login may
-- become, without those that pass row level security or are a server's.
-- Parameters: @schemas, @anon, @login. Read only.
-- Columns: schemas, anon, api_roles (those that exist).
WITH setting AS (
  SELECT DISTINCT ON (c.name) c.name, c.value
  FROM pg_catalog.pg_db_role_setting AS d
  JOIN pg_catalog.pg_roles AS r ON r.oid = d.setrole
  CROSS JOIN LATERAL (SELECT split_part(s, '=', 1) AS name, substr(s, strpos(s, '=') + 1) AS value FROM unnest(d.setconfig) AS s) AS c
  WHERE r.rolname = @login::text AND d.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
  ORDER BY c.name, d.setdatabase DESC
), named AS (
  SELECT COALESCE((SELECT array_agg(trim(x)) FROM setting, unnest(string_to_array(value, ',')) AS x WHERE setting.name = 'pgrst.db_schemas' AND trim(x) <> ''),
                  (SELECT array_agg(trim(x)) FROM unnest(string_to_array(current_setting('pgrst.db_schemas', true), ',')) AS x WHERE trim(x) <> ''),
                  @schemas::text[]) AS schemas,
         COALESCE((SELECT NULLIF(value, '') FROM setting WHERE setting.name = 'pgrst.db_anon_role'), @anon::text) AS anon
)
SELECT named.schemas, named.anon,
       ARRAY(SELECT r.rolname::text FROM pg_catalog.pg_roles AS r
             LEFT JOIN pg_catalog.pg_roles AS l ON l.rolname = @login::text AND NOT l.rolsuper
             WHERE r.rolname IN (named.anon, 'authenticated')
                OR pg_has_role(l.oid, r.oid, 'MEMBER') AND NOT (r.rolsuper OR r.rolbypassrls OR r.oid = l.oid)
                   AND r.rolname !~ '^(pg_|supabase_)' AND r.rolname NOT IN ('service_role', 'postgres', 'dashboard_user', 'pgbouncer')
             ORDER BY 1) AS api_roles
FROM named
