-- Purpose: schema storage as Supabase's Storage service keeps it: buckets and
-- objects, whose policies say who may do what, and the functions that policies
-- call. Run by: supabase_admin, at each start: data folders that are older than
-- this file get it too. Differences: postgres owns the tables, so that migrations
-- can make policies there; no vector or analytics buckets, no S3 uploads.

CREATE SCHEMA IF NOT EXISTS storage;
GRANT USAGE ON SCHEMA storage TO postgres, anon, authenticated, service_role;

DO $type$
BEGIN
  IF to_regtype('storage.buckettype') IS NULL THEN
    CREATE TYPE storage.buckettype AS ENUM ('STANDARD', 'ANALYTICS', 'VECTOR');
  END IF;
END
$type$;

CREATE TABLE IF NOT EXISTS storage.buckets (
  id                 text PRIMARY KEY,
  name               text NOT NULL,
  owner              uuid, -- of old: owner_id
  created_at         timestamptz DEFAULT now(),
  updated_at         timestamptz DEFAULT now(),
  public             boolean DEFAULT false,
  avif_autodetection boolean DEFAULT false,
  file_size_limit    bigint, -- bytes
  allowed_mime_types text[],
  owner_id           text,
  type               storage.buckettype NOT NULL DEFAULT 'STANDARD'
);
CREATE UNIQUE INDEX IF NOT EXISTS bname ON storage.buckets (name);

CREATE TABLE IF NOT EXISTS storage.objects (
  id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  bucket_id        text REFERENCES storage.buckets (id),
  name             text,
  owner            uuid, -- of old: owner_id
  created_at       timestamptz DEFAULT now(),
  updated_at       timestamptz DEFAULT now(),
  last_accessed_at timestamptz DEFAULT now(),
  metadata         jsonb,
  path_tokens      text[] GENERATED ALWAYS AS (string_to_array(name, '/')) STORED,
  version          text,
  owner_id         text,
  user_metadata    jsonb
);
CREATE UNIQUE INDEX IF NOT EXISTS bucketid_objname ON storage.objects (bucket_id, name);
CREATE INDEX IF NOT EXISTS name_prefix_search ON storage.objects (name text_pattern_ops);

ALTER TABLE storage.buckets OWNER TO postgres;
ALTER TABLE storage.objects OWNER TO postgres;
ALTER TABLE storage.buckets ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.objects ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON storage.buckets, storage.objects TO anon, authenticated, service_role;

CREATE OR REPLACE FUNCTION storage.foldername(name text) RETURNS text[]
  LANGUAGE sql IMMUTABLE SET search_path = ''
  AS $$ SELECT parts[1:pg_catalog.array_length(parts, 1) - 1] FROM (SELECT pg_catalog.string_to_array(foldername.name, '/') AS parts) AS path $$;

CREATE OR REPLACE FUNCTION storage.filename(name text) RETURNS text
  LANGUAGE sql IMMUTABLE SET search_path = ''
  AS $$ SELECT parts[pg_catalog.array_length(parts, 1)] FROM (SELECT pg_catalog.string_to_array(filename.name, '/') AS parts) AS path $$;

-- All of a name without a dot is its extension, as at Supabase.
CREATE OR REPLACE FUNCTION storage.extension(name text) RETURNS text
  LANGUAGE sql IMMUTABLE SET search_path = ''
  AS $$ SELECT pg_catalog.reverse(pg_catalog.split_part(pg_catalog.reverse(storage.filename(extension.name)), '.', 1)) $$;

CREATE OR REPLACE FUNCTION storage.operation() RETURNS text
  LANGUAGE sql STABLE SET search_path = ''
  AS $$ SELECT pg_catalog.current_setting('storage.operation', true) $$;

CREATE OR REPLACE FUNCTION storage.update_updated_at_column() RETURNS trigger
  LANGUAGE plpgsql SET search_path = ''
  AS $$
BEGIN
  NEW.updated_at = pg_catalog.now();
  RETURN NEW;
END
$$;
DO $trigger$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgname = 'update_objects_updated_at' AND tgrelid = 'storage.objects'::regclass) THEN
    CREATE TRIGGER update_objects_updated_at BEFORE UPDATE ON storage.objects
      FOR EACH ROW EXECUTE FUNCTION storage.update_updated_at_column();
  END IF;
END
$trigger$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA storage FROM PUBLIC;
GRANT EXECUTE ON FUNCTION storage.foldername(text), storage.filename(text), storage.extension(text), storage.operation()
  TO postgres, anon, authenticated, service_role;
