-- The state of the trail.
-- Returns lines in the chain, lines that wait, erased ones, where the chain begins, its last seq and hash.
-- Run by: the login of the command line, which owns the tables or may read them.
SELECT count(*), (SELECT count(*) FROM romashka.audit_queue), count(*) FILTER (WHERE c.salt IS NULL), b.seq,
       COALESCE(max(c.seq), b.seq), COALESCE((SELECT e.hash FROM romashka.audit_chain AS e ORDER BY e.seq DESC LIMIT 1), b.hash)
FROM romashka.audit_start() AS b LEFT JOIN romashka.audit_chain AS c ON true
GROUP BY b.seq, b.hash
