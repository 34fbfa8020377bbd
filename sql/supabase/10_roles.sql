-- Purpose: the roles of a Supabase project, with its limits and search paths.
-- Run by: the bootstrap superuser, supabase_admin. Roles belong to the whole
-- server, so this file alone may find its work done and must not mind. No role
-- has a password yet: the program that runs the server sets them.

DO $roles$
DECLARE
  wanted CONSTANT text[][] := ARRAY[
    -- name, options
    ['postgres',            'LOGIN NOSUPERUSER CREATEDB CREATEROLE REPLICATION BYPASSRLS'],
    ['anon',                'NOLOGIN'],
    ['authenticated',       'NOLOGIN'],
    ['service_role',        'NOLOGIN BYPASSRLS'],
    ['authenticator',       'LOGIN NOINHERIT'],
    ['supabase_auth_admin', 'LOGIN NOINHERIT CREATEROLE'],
    ['dashboard_user',      'NOLOGIN CREATEDB CREATEROLE REPLICATION']
  ];
  item text[];
BEGIN
  FOREACH item SLICE 1 IN ARRAY wanted LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = item[1]) THEN
      EXECUTE format('CREATE ROLE %I %s', item[1], item[2]);
    END IF;
  END LOOP;
END
$roles$;

-- The API logs in as authenticator, who owns nothing and may only become one
-- of these three. The owner of the project may, too.
GRANT anon, authenticated, service_role TO authenticator;
GRANT anon, authenticated, service_role TO postgres;
GRANT pg_monitor, pg_read_all_data, pg_signal_backend TO postgres;

ALTER ROLE anon SET statement_timeout = '3s';
ALTER ROLE authenticated SET statement_timeout = '8s';
ALTER ROLE authenticator SET statement_timeout = '8s';
ALTER ROLE authenticator SET lock_timeout = '8s';

ALTER ROLE supabase_admin SET search_path = "$user", public, auth, extensions;
ALTER ROLE supabase_auth_admin SET search_path = auth;
ALTER ROLE postgres SET search_path = "$user", public, extensions;
