-- Purpose: triggers that each add 1 to conversations.message_count.
-- Columns: object, fault, evidence text. Read only.
-- needs: public.messages
SELECT 'table public.messages' AS object, 'each message is counted more than once' AS fault,
       format('%s count each: %s', count(*), string_agg(DISTINCT p.oid::regprocedure::text, ', ')) AS evidence
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
WHERE t.tgrelid = to_regclass('public.messages') AND NOT t.tgisinternal AND t.tgenabled <> 'D'
  AND t.tgtype & 4 = 4 -- INSERT
  AND p.prosrc ~* '\mmessage_count\s*=\s*(coalesce\(\s*(\w+\.)?message_count\s*,\s*0\s*\)|(\w+\.)?message_count)\s*\+\s*1'
HAVING count(*) > 1
