-- Stages are computed again from the conversations.
DELETE FROM romashka.jobs WHERE name = 'journey';
DELETE FROM public.customer_journey WHERE conversation_id IS NOT NULL;
DROP INDEX IF EXISTS public.customer_journey_conversation;
ALTER TABLE public.customer_journey
  DROP COLUMN IF EXISTS conversation_id,
  DROP COLUMN IF EXISTS rule;
DROP TABLE IF EXISTS romashka.journeys, romashka.journey_queue, romashka.journey_state CASCADE;
DROP INDEX IF EXISTS romashka.kpi_facts_customer;
