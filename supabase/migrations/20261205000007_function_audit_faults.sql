-- Written by `make generate` from functions/audit_faults.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:1db3b9b9ad64df06b0444e22bf4f4ab636e919ed2192bd829e4d72e4059a870f' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.audit_faults(bigint, bigint)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'audit_faults' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'audit_faults' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.audit_faults(bigint, bigint)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.audit_faults(bigint, bigint)
-- Purpose: the faults of a piece of the chain over security_audit_logs.
-- Parameters: after_seq, up to which it is known to be right; upto_seq, the last.
-- Rows: seq, line_id, fault in words; none where all is as it was sealed. An
--   erased personal part is no fault where a sealed line tells of it.
-- Who: the owner, and a login that may run jobs (allow_jobs), with the owner's rights.
CREATE OR REPLACE FUNCTION romashka.audit_faults(after_seq bigint, upto_seq bigint)
RETURNS TABLE (seq bigint, line_id uuid, fault text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  WITH piece AS (
    SELECT c.seq, c.line_id, c.body_hash, c.personal_hash, c.salt, c.hash, c.erased_by,
           COALESCE(pg_catalog.lag(c.seq) OVER w, after_seq) AS seq_before,
           COALESCE(pg_catalog.lag(c.hash) OVER w, (SELECT b.hash FROM romashka.audit_chain AS b WHERE b.seq = after_seq),
             (SELECT s.hash FROM romashka.audit_start() AS s WHERE s.seq = after_seq)) AS hash_before
    FROM romashka.audit_chain AS c
    WHERE c.seq > after_seq AND c.seq <= upto_seq
    WINDOW w AS (ORDER BY c.seq)
  ), judged AS (
    SELECT p.seq, p.line_id, CASE
        WHEN l.id IS NULL AND p.body_hash = '\x' THEN 'the line is missing: it was removed before it was sealed'
        WHEN l.id IS NULL THEN 'the line is missing'
        WHEN p.body_hash <> pg_catalog.sha256(pg_catalog.convert_to(romashka.audit_body(l), 'UTF8')) THEN 'the line was changed'
        WHEN p.salt IS NOT NULL AND p.personal_hash <> pg_catalog.sha256(p.salt || pg_catalog.convert_to(romashka.audit_personal(l), 'UTF8')) THEN 'the line was changed'
        WHEN p.salt IS NULL AND romashka.audit_personal(l)::jsonb @? '$[*] ? (@ != null)' THEN 'the line was changed after its personal part was erased'
        WHEN p.salt IS NULL AND NOT EXISTS (
          SELECT FROM romashka.audit_chain AS e JOIN public.security_audit_logs AS told ON told.id = e.line_id
          WHERE e.line_id = p.erased_by AND told.event_type = 'audit_erasure') THEN 'the personal part was erased, and no line tells of it'
      END AS of_line,
      CASE
        WHEN p.seq <> p.seq_before + 1 THEN pg_catalog.format('%s lines before it are missing from the chain', p.seq - p.seq_before - 1)
        WHEN p.hash_before IS NULL OR p.hash <> romashka.audit_hash(p.hash_before, p.seq, p.line_id, p.body_hash, p.personal_hash) THEN 'the chain is broken here: lines were reordered, or it was rewritten'
      END AS of_chain
    FROM piece AS p LEFT JOIN public.security_audit_logs AS l ON l.id = p.line_id
  )
  SELECT j.seq, j.line_id, f.fault FROM judged AS j, LATERAL (VALUES (j.of_line), (j.of_chain)) AS f (fault)
  WHERE f.fault IS NOT NULL
  ORDER BY j.seq
$$;

REVOKE ALL ON FUNCTION romashka.audit_faults(bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION romashka.audit_faults(bigint, bigint) IS 'What is wrong with a piece of the chain over the trail';
$text$;
made := to_regprocedure('romashka.audit_faults(bigint, bigint)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'audit_faults', 'romashka.audit_faults(bigint, bigint)', wanted, now(), s.definition
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
