-- agent_availability says who is online now, and nobody could tell how long anybody
-- was: online time and occupancy stayed unknown. A trigger keeps each time from now on.
CREATE TABLE IF NOT EXISTS romashka.presence (
  agent_id uuid NOT NULL REFERENCES public.profiles (id) ON DELETE CASCADE,
  since    timestamptz NOT NULL,
  until    timestamptz, -- NULL: online now
  PRIMARY KEY (agent_id, since)
);
COMMENT ON TABLE romashka.presence IS 'When agents were online, from the day on which this table was made';
ALTER TABLE romashka.kpi_state ADD COLUMN IF NOT EXISTS presence_since timestamptz NOT NULL DEFAULT now();

ALTER TABLE romashka.presence ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.presence FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.presence TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees the agent's availability" ON romashka.presence;
CREATE POLICY "Who sees the agent's availability" ON romashka.presence
  FOR SELECT TO authenticated USING (EXISTS (SELECT FROM public.agent_availability AS a WHERE a.agent_id = presence.agent_id));

CREATE OR REPLACE FUNCTION romashka.note_presence()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  was    CONSTANT uuid := CASE WHEN TG_OP <> 'INSERT' AND OLD.is_online THEN OLD.agent_id END;
  became CONSTANT uuid := CASE WHEN TG_OP <> 'DELETE' AND NEW.is_online THEN NEW.agent_id END;
BEGIN
  IF was IS NOT DISTINCT FROM became THEN
    RETURN NULL;
  END IF;
  UPDATE romashka.presence AS p SET until = pg_catalog.clock_timestamp() WHERE p.agent_id = was AND p.until IS NULL;
  INSERT INTO romashka.presence (agent_id, since)
  SELECT became, pg_catalog.clock_timestamp()
  WHERE became IS NOT NULL AND EXISTS (SELECT FROM public.profiles AS f WHERE f.id = became)
    AND NOT EXISTS (SELECT FROM romashka.presence AS p WHERE p.agent_id = became AND p.until IS NULL)
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.note_presence() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_presence ON public.agent_availability;
CREATE TRIGGER romashka_presence AFTER INSERT OR UPDATE OR DELETE ON public.agent_availability
  FOR EACH ROW EXECUTE FUNCTION romashka.note_presence();
INSERT INTO romashka.presence (agent_id, since)
SELECT DISTINCT a.agent_id, now() FROM public.agent_availability AS a WHERE a.is_online
ON CONFLICT DO NOTHING;
