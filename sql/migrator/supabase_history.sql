-- Purpose: the history of the supabase CLI, as the CLI makes it. Several statements, run as one batch.
-- Run by: internal/database/migrator, as the owner of the project's tables; harmless again.
-- Source: supabase/cli, pkg/migration/history.go.
CREATE SCHEMA IF NOT EXISTS supabase_migrations;
CREATE TABLE IF NOT EXISTS supabase_migrations.schema_migrations (version text NOT NULL PRIMARY KEY);
ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS statements text[];
ALTER TABLE supabase_migrations.schema_migrations ADD COLUMN IF NOT EXISTS name text;
