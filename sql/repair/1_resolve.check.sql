-- Purpose: whether a conversation can be moved to resolved: the trigger that
-- notes the end names variables as columns, and writes a column that is not there.
-- Columns: object, fault, evidence text. Read only.
-- needs: public.conversation_analytics
SELECT format('function %s', p.oid::regprocedure) AS object, 'no conversation can be moved to resolved or closed' AS fault,
       concat_ws('; ',
         CASE WHEN p.prosrc ~* '\mresolved_by\s*:?=\s*resolved_by\M' THEN 'resolved_by is a variable and a column' END,
         CASE WHEN NOT a.has_updated_at AND p.prosrc ~* 'conversation_analytics[^;]*updated_at\s*=' THEN 'writes conversation_analytics.updated_at, which is not there' END) AS evidence
FROM pg_catalog.pg_proc AS p
CROSS JOIN (SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass('public.conversation_analytics')
                           AND attname = 'updated_at' AND NOT attisdropped) AS has_updated_at) AS a
WHERE p.oid = to_regprocedure('public.finalize_conversation_analytics()')
  AND EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgfoid = p.oid AND t.tgenabled <> 'D')
  AND (p.prosrc ~* '\mresolved_by\s*:?=\s*resolved_by\M'
       OR NOT a.has_updated_at AND p.prosrc ~* 'conversation_analytics[^;]*updated_at\s*=')
