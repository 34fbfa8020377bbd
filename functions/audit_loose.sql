-- function: romashka.audit_loose(timestamp with time zone)
-- Purpose: the faults of the trail besides those of the chain itself: lines that are in
--   no chain, erasures beyond those that a line tells of, checkpoints that the chain
--   contradicts, lines that wait for too long.
-- Parameters: since, lines older than that are not looked for in the chain.
-- Rows: seq and line_id where there is one, fault in words.
-- Who: the owner, and a login that may run jobs (allow_jobs), with the owner's rights.
CREATE OR REPLACE FUNCTION romashka.audit_loose(since timestamptz DEFAULT '-infinity')
RETURNS TABLE (seq bigint, line_id uuid, fault text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT NULL::bigint, l.id, 'the line was never sealed: it came past the trigger'
  FROM public.security_audit_logs AS l
  WHERE l.created_at >= since
    AND NOT EXISTS (SELECT FROM romashka.audit_chain AS c WHERE c.line_id = l.id) AND NOT EXISTS (SELECT FROM romashka.audit_queue AS q WHERE q.line_id = l.id)
  UNION ALL
  SELECT c.seq, c.line_id, pg_catalog.format('%s lines are erased, and it tells of fewer', e.lines)
  FROM (SELECT x.erased_by, count(*) AS lines FROM romashka.audit_chain AS x WHERE x.erased_by IS NOT NULL GROUP BY x.erased_by) AS e
  JOIN romashka.audit_chain AS c ON c.line_id = e.erased_by JOIN public.security_audit_logs AS l ON l.id = c.line_id
  WHERE l.action <> 'erase ' || e.lines AND (l.action !~ '^erase \d{1,18}$' OR pg_catalog.substr(l.action, 7)::bigint < e.lines)
  UNION ALL
  SELECT p.seq, NULL, CASE WHEN c.seq IS NULL THEN 'the chain ends before this checkpoint, or has a gap there' ELSE 'the chain is another than at this checkpoint' END
  FROM romashka.audit_checkpoints AS p LEFT JOIN romashka.audit_chain AS c ON c.seq = p.seq
  WHERE p.seq > (SELECT s.seq FROM romashka.audit_start() AS s) AND c.hash IS DISTINCT FROM p.hash
  UNION ALL
  SELECT min(c.seq), NULL, 'lines from before the checkpoint at which retention has cut are still, or again, there'
  FROM romashka.audit_chain AS c WHERE c.seq <= (SELECT s.seq FROM romashka.audit_start() AS s) HAVING count(*) > 0
  UNION ALL
  SELECT NULL, (SELECT q.line_id FROM romashka.audit_queue AS q ORDER BY q.place LIMIT 1), pg_catalog.format('%s lines wait to be sealed for over 15 minutes: does the job audit run?', count(*))
  FROM romashka.audit_queue AS q WHERE q.queued_at < pg_catalog.now() - interval '15 minutes' HAVING count(*) > 0
$$;

REVOKE ALL ON FUNCTION romashka.audit_loose(timestamp with time zone) FROM PUBLIC;
COMMENT ON FUNCTION romashka.audit_loose(timestamp with time zone) IS 'What is wrong with the trail besides the chain itself';
