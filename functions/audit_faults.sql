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
