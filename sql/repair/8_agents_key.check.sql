-- Purpose: the key from conversations to the agents who have them, which embeds
-- of profiles in conversations name.
-- Columns: object, fault, evidence text. Read only.
-- needs: public.conversations
SELECT 'table public.conversations' AS object, 'no report on conversations can be made' AS fault,
       'it names the agent by conversations_assigned_agent_id_fkey, which is not there' AS evidence
FROM pg_catalog.pg_attribute AS a
WHERE a.attrelid = to_regclass('public.conversations') AND a.attname = 'assigned_agent_id' AND NOT a.attisdropped
  AND to_regclass('public.profiles') IS NOT NULL
  AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_constraint AS c
    WHERE c.conrelid = a.attrelid AND c.contype = 'f' AND c.confrelid = to_regclass('public.profiles') AND c.conkey = ARRAY[a.attnum])
