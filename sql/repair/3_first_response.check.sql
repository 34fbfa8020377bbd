-- Purpose: whether anything writes conversation_analytics.first_response_at when
-- an answer comes.
-- Columns: object, fault, evidence text. Read only.
-- needs: public.conversation_analytics
SELECT 'table public.conversation_analytics' AS object, 'first_response_at is never written' AS fault,
       'no trigger of messages writes it' AS evidence
FROM pg_catalog.pg_attribute AS a
WHERE a.attrelid = to_regclass('public.conversation_analytics') AND a.attname = 'first_response_at' AND NOT a.attisdropped
  AND to_regclass('public.messages') IS NOT NULL
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
    WHERE t.tgrelid = to_regclass('public.messages') AND NOT t.tgisinternal AND t.tgenabled <> 'D'
      AND p.prosrc ~* '\mfirst_response_at\s*=')
