-- Written by `make generate` from functions/cut_audit.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:9f5c97218b83461fb7d07bd8a5d1f8d344abda55e46c49d8d501b11d2ca08062' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.cut_audit(bigint, timestamp with time zone, bytea)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'cut_audit' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'cut_audit' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.cut_audit(bigint, timestamp with time zone, bytea)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.cut_audit(bigint, timestamp with time zone, bytea)
-- Purpose: deletes the lines of the trail up to a checkpoint, and tells so in the trail.
-- Parameters: seq of the checkpoint that audit_cut_due names; when; the sidecar's
--   signature of the cut, without which romashka audit verify takes it for tampering.
-- Rows: how many lines were deleted; 0 where nothing was to be.
-- Who: the owner, and a login that may run jobs (allow_jobs), with the owner's rights.
CREATE OR REPLACE FUNCTION romashka.cut_audit(upto bigint, at timestamptz, signature bytea)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  deleted bigint;
BEGIN
  PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('romashka.audit', 0));
  IF cut_audit.signature IS NULL OR NOT EXISTS (SELECT FROM romashka.audit_cut_due() AS d WHERE d.seq = upto) THEN
    RETURN 0;
  END IF;
  WITH gone AS (
    DELETE FROM romashka.audit_chain AS c WHERE c.seq <= upto RETURNING c.line_id
  )
  DELETE FROM public.security_audit_logs AS l USING gone WHERE l.id = gone.line_id;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  DELETE FROM romashka.audit_checkpoints AS c WHERE c.seq < upto;
  UPDATE romashka.audit_checkpoints AS c SET cut_at = cut_audit.at, cut_signature = cut_audit.signature WHERE c.seq = upto;
  INSERT INTO public.security_audit_logs (event_type, user_id, resource_type, action, new_values)
  VALUES ('retention', NULL, 'security_audit_logs', 'delete', pg_catalog.jsonb_build_object('category', 'security_audit_logs', 'rows', deleted, 'checkpoint', upto));
  RETURN deleted;
END
$$;

REVOKE ALL ON FUNCTION romashka.cut_audit(bigint, timestamp with time zone, bytea) FROM PUBLIC;
COMMENT ON FUNCTION romashka.cut_audit(bigint, timestamp with time zone, bytea) IS 'Deletes the lines of the trail up to a checkpoint';
$text$;
made := to_regprocedure('romashka.cut_audit(bigint, timestamp with time zone, bytea)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'cut_audit', 'romashka.cut_audit(bigint, timestamp with time zone, bytea)', wanted, now(), s.definition
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
