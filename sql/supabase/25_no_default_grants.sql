-- Purpose: default privileges of a project made since 2026-05-30, which every
-- older one has had since 2026-10-30, too: the maker of a table, a sequence or a
-- function has to grant it. Existing objects keep their grants.
-- Source: supabase.com/changelog/45329. Run by: supabase_admin, once per
-- database, and not for one that is to be as before.

ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public
  REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public
  REVOKE USAGE, SELECT ON SEQUENCES FROM anon, authenticated, service_role;
ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA public
  REVOKE EXECUTE ON FUNCTIONS FROM anon, authenticated, service_role;
