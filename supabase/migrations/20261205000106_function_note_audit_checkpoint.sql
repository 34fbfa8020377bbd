-- Written by `make generate` from functions/note_audit_checkpoint.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:09c569c663edf3198dbe0ea51692452b3932a72f36a25775bf8694cddb5269c3' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.note_audit_checkpoint(bigint, bytea, timestamp with time zone, bytea, bytea)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'note_audit_checkpoint' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'note_audit_checkpoint' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.note_audit_checkpoint(bigint, bytea, timestamp with time zone, bytea, bytea)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.note_audit_checkpoint(bigint, bytea, timestamp with time zone, bytea, bytea)
-- Purpose: writes down a state of the chain that the sidecar has signed. Of a day
--   the last one stays.
-- Parameters: seq and hash of the chain's end; when; public key and signature, or NULL.
-- Who: the owner, and a login that may run jobs (allow_jobs), with the owner's rights.
CREATE OR REPLACE FUNCTION romashka.note_audit_checkpoint(seq bigint, hash bytea, made_at timestamptz, public_key bytea, signature bytea)
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
  INSERT INTO romashka.audit_checkpoints (seq, hash, made_at, public_key, signature) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING;
  DELETE FROM romashka.audit_checkpoints AS c
  WHERE c.seq < $1 AND c.cut_at IS NULL AND pg_catalog.date_trunc('day', c.made_at, 'UTC') = pg_catalog.date_trunc('day', $3, 'UTC');
$$;

REVOKE ALL ON FUNCTION romashka.note_audit_checkpoint(bigint, bytea, timestamp with time zone, bytea, bytea) FROM PUBLIC;
COMMENT ON FUNCTION romashka.note_audit_checkpoint(bigint, bytea, timestamp with time zone, bytea, bytea) IS 'Writes down a signed state of the chain over the trail';
$text$;
made := to_regprocedure('romashka.note_audit_checkpoint(bigint, bytea, timestamp with time zone, bytea, bytea)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'note_audit_checkpoint', 'romashka.note_audit_checkpoint(bigint, bytea, timestamp with time zone, bytea, bytea)', wanted, now(), s.definition
FROM (SELECT 'function' AS kind, '' AS relation, p.oid::regprocedure::text AS name,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(' ',
         pg_catalog.pg_get_function_result(p.oid), l.lanname, p.provolatile, p.proisstrict, p.prosecdef, p.proparallel,
         p.proconfig::text, pg_catalog.pg_get_function_arguments(p.oid), p.prosrc), 'UTF8')), 'hex') AS definition
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname IN ('public', 'romashka') AND p.prokind = 'f' AND (made::oid IS NULL OR p.oid = made::oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid::regprocedure::text) AS s
ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END
$romashka$;
