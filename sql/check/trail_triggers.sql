-- Purpose: triggers that write the trail and were turned off.
-- Parameters: none. Read only.
SELECT 'error' AS severity, format('trigger %I on %s', t.tgname, t.tgrelid::regclass) AS object, t.tgrelid::regclass::text AS relation,
       'it is turned off: what it watches leaves no trace' AS fault,
       'ALTER TABLE ... DISABLE TRIGGER' AS evidence,
       format('ALTER TABLE %s ENABLE TRIGGER %I;', t.tgrelid::regclass, t.tgname) AS remedy
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND t.tgenabled = 'D' AND (p.proname ~ '(audit|trail|history|stamp_evidence)' OR t.tgname ~ '(audit|trail|history)')
