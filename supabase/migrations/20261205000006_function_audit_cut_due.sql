-- Written by `make generate` from functions/audit_cut_due.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:15dded51f629ab2f583f8e40925f008af28164d20075d1969f99aea787ac4df0' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.audit_cut_due()') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'audit_cut_due' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'audit_cut_due' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.audit_cut_due()')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.audit_cut_due()
-- Purpose: the checkpoint behind which retention is to cut the trail: the last one
--   that is signed and older than data_retention_policies lets us keep lines
--   (category security_audit_logs, with auto_delete), and never than its floor.
-- Rows: seq and hash; none where nothing is to be cut.
-- Who: the owner, and a login that may run jobs (allow_jobs), with the owner's rights.
CREATE OR REPLACE FUNCTION romashka.audit_cut_due()
RETURNS TABLE (seq bigint, hash bytea) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  RETURN QUERY
  SELECT c.seq, c.hash
  FROM public.data_retention_policies AS p, romashka.audit_checkpoints AS c
  WHERE p.data_category = 'security_audit_logs' AND p.auto_delete AND c.cut_at IS NULL AND c.signature IS NOT NULL
    AND c.made_at < pg_catalog.now() - pg_catalog.make_interval(days => LEAST(GREATEST(p.retention_period, romashka.retention_floor(p.data_category)), 36500))
    AND EXISTS (SELECT FROM romashka.audit_chain AS l WHERE l.seq = c.seq AND l.hash = c.hash)
  ORDER BY c.seq DESC LIMIT 1;
END
$$;

REVOKE ALL ON FUNCTION romashka.audit_cut_due() FROM PUBLIC;
COMMENT ON FUNCTION romashka.audit_cut_due() IS 'The checkpoint behind which retention is to cut the trail';
$text$;
made := to_regprocedure('romashka.audit_cut_due()');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'audit_cut_due', 'romashka.audit_cut_due()', wanted, now(), s.definition
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
