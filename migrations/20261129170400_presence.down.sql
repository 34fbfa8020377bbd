DROP TRIGGER IF EXISTS romashka_presence ON public.agent_availability;
DROP FUNCTION IF EXISTS romashka.note_presence();
SELECT romashka.refuse_rows('romashka.presence');
DROP TABLE IF EXISTS romashka.presence;
ALTER TABLE romashka.kpi_state DROP COLUMN IF EXISTS presence_since;
