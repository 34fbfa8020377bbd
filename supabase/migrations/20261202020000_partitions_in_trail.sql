-- Written by `make generate` from migrations/20261202020000_partitions_in_trail.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261202020000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- A row of a partitioned API log that somebody deleted or judged by the API stood in the trail
-- under the name of its partition, where no one looks for it: it is that of the log.
CREATE OR REPLACE FUNCTION romashka.append_to_trail()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN pg_catalog.to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN pg_catalog.to_jsonb(NEW) END;
  changed text[];
BEGIN
  changed := ARRAY(
    SELECT c.name FROM pg_catalog.jsonb_object_keys(COALESCE(new_row, old_row)) AS c (name)
    WHERE (TG_NARGS = 1 OR c.name = ANY (TG_ARGV[1:]))
      AND (TG_OP <> 'UPDATE' OR c.name <> 'updated_at' AND old_row -> c.name IS DISTINCT FROM new_row -> c.name));
  IF changed = '{}' THEN
    RETURN NULL; -- written, not changed
  END IF;
  INSERT INTO public.security_audit_logs
    (event_type, user_id, resource_type, resource_id, action, old_values, new_values, additional_context, source)
  SELECT TG_ARGV[0], (SELECT auth.uid()), (SELECT t.relname FROM pg_catalog.pg_class AS t WHERE t.oid = COALESCE(pg_catalog.pg_partition_root(TG_RELID), TG_RELID)), COALESCE(new_row, old_row) ->> 'id',
         CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'delete' END,
         pg_catalog.jsonb_object_agg(c.name, kept.was) FILTER (WHERE TG_OP <> 'INSERT'),
         pg_catalog.jsonb_object_agg(c.name, kept.is_now) FILTER (WHERE TG_OP <> 'DELETE'),
         pg_catalog.jsonb_build_object('role', COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user), 'login', session_user),
         'database'
  FROM pg_catalog.unnest(changed) AS c (name)
  CROSS JOIN LATERAL (
    SELECT CASE WHEN pg_catalog.length(v.was::text) > 4096 THEN pg_catalog.jsonb_build_object('bytes', pg_catalog.octet_length(v.was::text),
             'sha256', pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(v.was::text, 'UTF8')), 'hex')) ELSE v.was END AS was,
           CASE WHEN pg_catalog.length(v.is_now::text) > 4096 THEN pg_catalog.jsonb_build_object('bytes', pg_catalog.octet_length(v.is_now::text),
             'sha256', pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(v.is_now::text, 'UTF8')), 'hex')) ELSE v.is_now END AS is_now
    FROM (VALUES (old_row -> c.name, new_row -> c.name)) AS v (was, is_now)
  ) AS kept;
  RETURN NULL;
END
$$;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261202020000, 'partitions_in_trail', 'a0465fa55445b59e32c99692bb22c2312a7c4406e6caa49df88f9b688a4a946f', now());
END
$romashka$;
