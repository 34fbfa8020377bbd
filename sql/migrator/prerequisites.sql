-- Purpose: the objects that the migrations build on and do not make themselves: Supabase's
-- roles and auth.uid(), ROMASHKA's base tables, the right to create.
-- Columns: object, fault, remedy text; one row for each thing amiss.
-- Run by: internal/database/migrator, before it changes anything.
WITH base (relation, columns) AS (VALUES
  ('public.profiles',               '{id,role}'::text[]),
  ('public.customer_profiles',      '{id}'),
  ('public.conversations',          '{id,status,created_at}'),
  ('public.messages',               '{id,conversation_id,sender_type,created_at}'),
  ('public.conversation_analytics', '{conversation_id,customer_satisfaction,ai_accuracy_score}')
), problem (rank, object, fault, remedy) AS (
  SELECT 1, format('role %s', w.name), 'is missing', 'this is no Supabase project; apply to one, or run `romashka dev`'
  FROM (VALUES ('anon'), ('authenticated'), ('service_role')) AS w (name)
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = w.name)
UNION ALL
  SELECT 2, 'function auth.uid()', 'is missing', 'this is no Supabase project; apply to one, or run `romashka dev`'
  WHERE to_regnamespace('auth') IS NULL
     OR NOT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE pronamespace = to_regnamespace('auth') AND proname = 'uid' AND pronargs = 0)
UNION ALL
  SELECT 3, 'table ' || b.relation, 'is missing', 'it is one of ROMASHKA''s base tables; apply the app''s own migrations first'
  FROM base AS b
  WHERE to_regclass(b.relation) IS NULL
UNION ALL
  SELECT 4, format('table %s, column %s', b.relation, c.name), 'is missing', 'bring the base table to the app''s current shape first'
  FROM base AS b
  CROSS JOIN LATERAL unnest(b.columns) AS c (name)
  WHERE to_regclass(b.relation) IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = to_regclass(b.relation) AND a.attname = c.name AND NOT a.attisdropped)
UNION ALL
  SELECT 5, 'schema public', format('may not be created in by %I', current_user), 'connect as the owner of the project (postgres)'
  WHERE NOT has_schema_privilege('public', 'CREATE')
UNION ALL
  SELECT 6, 'database ' || current_database(), format('may not get a schema from %I', current_user), 'connect as the owner of the project (postgres)'
  WHERE to_regnamespace('romashka') IS NULL AND NOT has_database_privilege(current_database(), 'CREATE')
)
SELECT object, fault, remedy FROM problem ORDER BY rank, object
