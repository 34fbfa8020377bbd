-- The base knows who is online and not who was to be: adherence could not be told.
-- A shift is a time for which an agent is planned, from its beginning so many minutes; several a day are breaks between
-- them. They are written over the API (one request takes many), by whoever may plan.
CREATE TABLE IF NOT EXISTS public.agent_shifts (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  agent_id   uuid NOT NULL REFERENCES public.profiles (id) ON DELETE CASCADE,
  starts_at  timestamptz NOT NULL,
  minutes    integer NOT NULL CHECK (minutes BETWEEN 1 AND 1440),
  note       text,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (agent_id, starts_at)
);
COMMENT ON TABLE public.agent_shifts IS 'For when agents are planned';
CREATE INDEX IF NOT EXISTS idx_agent_shifts_time ON public.agent_shifts (starts_at);

INSERT INTO romashka.permissions (permission, description, decides) VALUES
  ('staffing:write', 'Plan the shifts of everybody, and see them.', true)
ON CONFLICT (permission) DO UPDATE SET description = EXCLUDED.description, decides = EXCLUDED.decides;

ALTER TABLE public.agent_shifts ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.agent_shifts FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.agent_shifts TO authenticated, service_role;
DROP POLICY IF EXISTS "Agents see their shifts, planners all" ON public.agent_shifts;
CREATE POLICY "Agents see their shifts, planners all" ON public.agent_shifts
  FOR SELECT TO authenticated
  USING (agent_id = (SELECT auth.uid()) OR (SELECT romashka.has_permission('staffing:write')));
DROP POLICY IF EXISTS "Planners add shifts" ON public.agent_shifts;
CREATE POLICY "Planners add shifts" ON public.agent_shifts
  FOR INSERT TO authenticated
  WITH CHECK ((SELECT romashka.has_permission('staffing:write')));
DROP POLICY IF EXISTS "Planners change shifts" ON public.agent_shifts;
CREATE POLICY "Planners change shifts" ON public.agent_shifts
  FOR UPDATE TO authenticated
  USING ((SELECT romashka.has_permission('staffing:write')))
  WITH CHECK ((SELECT romashka.has_permission('staffing:write')));
DROP POLICY IF EXISTS "Planners drop shifts" ON public.agent_shifts;
CREATE POLICY "Planners drop shifts" ON public.agent_shifts
  FOR DELETE TO authenticated
  USING ((SELECT romashka.has_permission('staffing:write')));
DROP POLICY IF EXISTS "Second factor where required" ON public.agent_shifts;
CREATE POLICY "Second factor where required" ON public.agent_shifts AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
