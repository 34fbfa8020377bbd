-- Schema romashka: objects that the sidecar needs in the database and that no
-- API may show. It is never listed among the exposed schemas, and nobody but its
-- owner may even look names up in it. Functions in it that policies and triggers
-- call work all the same: PostgreSQL checks the schema only when a name is
-- resolved.
CREATE SCHEMA IF NOT EXISTS romashka;
REVOKE ALL ON SCHEMA romashka FROM PUBLIC;
COMMENT ON SCHEMA romashka IS 'ROMASHKA sidecar: bookkeeping and helpers, not exposed through the API';

-- The seed asks for two extensions that its tables do not need
-- (gen_random_uuid() is part of PostgreSQL since 13). They are created where
-- Supabase keeps them, if that is allowed, and are otherwise not missed.
DO $extensions$
DECLARE
  wanted text;
  place  text := CASE WHEN to_regnamespace('extensions') IS NULL THEN 'public' ELSE 'extensions' END;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['uuid-ossp', 'pgcrypto'] LOOP
    CONTINUE WHEN EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = wanted);
    BEGIN
      EXECUTE format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I', wanted, place);
    EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
      RAISE NOTICE 'extension % is not available here; nothing of ROMASHKA needs it', wanted;
    END;
  END LOOP;
END
$extensions$;

-- ensure_constraint adds a CHECK or FOREIGN KEY that the relation does not have
-- by that name. New rows obey it from now on; if old ones do not, they stay as
-- they are and a warning says so.
CREATE OR REPLACE FUNCTION romashka.ensure_constraint(relation regclass, name text, definition text)
RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conrelid = relation AND conname = name) THEN
    RETURN;
  END IF;
  EXECUTE pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID', relation, name, definition);
  EXECUTE pg_catalog.format('ALTER TABLE %s VALIDATE CONSTRAINT %I', relation, name);
EXCEPTION WHEN check_violation OR foreign_key_violation THEN
  EXECUTE pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID', relation, name, definition);
  RAISE WARNING 'constraint % of %: rows from before break it and were left alone', name, relation;
END
$$;

-- ensure_not_null forbids NULL in a column, unless rows from before hold one.
CREATE OR REPLACE FUNCTION romashka.ensure_not_null(relation regclass, name text)
RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = relation AND attname = name AND attnotnull) THEN
    RETURN;
  END IF;
  EXECUTE pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I SET NOT NULL', relation, name);
EXCEPTION WHEN not_null_violation THEN
  RAISE WARNING 'column % of % holds NULL in rows from before; it stays nullable', name, relation;
END
$$;

-- refuse_rows stops a down migration that would drop rows, unless the admin
-- said that they may go.
CREATE OR REPLACE FUNCTION romashka.refuse_rows(relation text)
RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  found boolean;
BEGIN
  IF pg_catalog.to_regclass(relation) IS NULL
     OR pg_catalog.current_setting('romashka.with_data', true) = 'on' THEN
    RETURN;
  END IF;
  EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM %s)', pg_catalog.to_regclass(relation)) INTO found;
  IF found THEN
    RAISE EXCEPTION 'table % has rows', relation
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'Save them, then go down with data (romashka.with_data = on).';
  END IF;
END
$$;

-- touch_updated_at keeps updated_at true, whatever a client sends.
CREATE OR REPLACE FUNCTION romashka.touch_updated_at()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  NEW.updated_at := pg_catalog.now();
  RETURN NEW;
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA romashka FROM PUBLIC;
