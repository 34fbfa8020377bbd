-- Written by `make generate` from functions/audit_loose.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:6c1920dbbef4a0917036714d551e166bea0b22ae6f6b8faf3066e20d771ab346' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.audit_loose(timestamp with time zone)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'audit_loose' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'audit_loose' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.audit_loose(timestamp with time zone)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
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
$text$;
made := to_regprocedure('romashka.audit_loose(timestamp with time zone)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'audit_loose', 'romashka.audit_loose(timestamp with time zone)', wanted, now(), s.definition
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
