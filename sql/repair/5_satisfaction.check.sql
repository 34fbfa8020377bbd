-- Purpose: a column that cuts off the values it is given.
-- Columns: object, fault, evidence text. Read only.
-- needs: public.conversation_analytics
SELECT 'column public.conversation_analytics.customer_satisfaction' AS object, 'ratings lose their fraction' AS fault,
       format('it is %s, and is fed from conversations.satisfaction_score, which is %s', format_type(a.atttypid, a.atttypmod), format_type(s.atttypid, s.atttypmod)) AS evidence
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_attribute AS s ON s.attrelid = to_regclass('public.conversations') AND s.attname = 'satisfaction_score' AND s.atttypid = 'numeric'::regtype
WHERE a.attrelid = to_regclass('public.conversation_analytics') AND a.attname = 'customer_satisfaction' AND a.atttypid = 'integer'::regtype
