-- Purpose: a trail that is not as it was written: lines of security_audit_logs that
-- were changed, removed, reordered or put in past the chain; of the newest 50,000
-- lines, and lines of a week that are in no chain. romashka audit verify looks at
-- all of it, and at the signatures.
-- Parameters: none. Read only.
-- Needs: romashka.audit_chain
SELECT CASE WHEN f.fault LIKE '%wait to be sealed%' THEN 'warning' ELSE 'error' END AS severity,
       'table public.security_audit_logs' AS object, 'public.security_audit_logs' AS relation,
       'the trail is not as it was written: ' || f.fault AS fault,
       format('%s lines, the first is %s', count(*), COALESCE((array_agg(f.line_id ORDER BY f.seq))[1]::text, 'line ' || min(f.seq), 'not known')) AS evidence,
       'romashka audit verify -- names each line; find out who has the owner''s rights, and compare with a backup' AS remedy
FROM (
  SELECT * FROM romashka.audit_faults(
    (SELECT GREATEST(COALESCE(max(c.seq), 0) - 50000, COALESCE((SELECT max(p.seq) FROM romashka.audit_checkpoints AS p WHERE p.cut_at IS NOT NULL), 0)) FROM romashka.audit_chain AS c), 9223372036854775807)
  UNION ALL
  SELECT * FROM romashka.audit_loose(now() - interval '7 days')
) AS f
GROUP BY f.fault
