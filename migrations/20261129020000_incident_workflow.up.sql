-- Found beside the work of security teams: an incident can be open, investigated
-- or settled, but not contained, and not a false alarm; author and time of a step
-- are in no place that its page can show; how long it took is nowhere.
--
-- Mend: six states, of which resolved, closed and false_positive are settled;
-- each step is a line of security_incident_timeline, written by a trigger with
-- who and when, so that a plain PATCH of the pages leaves one as well as the
-- functions do. No role of the API can write, change or delete a line.
ALTER TABLE public.security_incidents DROP CONSTRAINT IF EXISTS security_incidents_status_check;
SELECT romashka.ensure_constraint('public.security_incidents', 'security_incidents_status_check',
  'CHECK (status IN (''open'', ''investigating'', ''contained'', ''resolved'', ''closed'', ''false_positive''))');
ALTER TABLE public.security_incidents
  ADD COLUMN IF NOT EXISTS acknowledged_at timestamptz;
COMMENT ON COLUMN public.security_incidents.acknowledged_at IS 'When somebody first took it up: it was assigned, or left the state open';

-- An incident that is found again is looked up by its principal.
CREATE INDEX IF NOT EXISTS idx_security_incidents_principal
  ON public.security_incidents (detection_method, (metadata ->> 'principal')) WHERE metadata ? 'dedup_key';

-- keep_incident_in_step: on insert, either name may say "resolved"; on update,
-- the one that changed gives, and status if both did.
CREATE OR REPLACE FUNCTION romashka.keep_incident_in_step()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  settled CONSTANT text[] := '{resolved,closed,false_positive}';
BEGIN
  NEW.status := COALESCE(NEW.status, 'open');
  IF TG_OP = 'INSERT' THEN
    IF NEW.resolved AND NEW.status <> ALL (settled) THEN
      NEW.status := 'resolved';
    END IF;
  ELSE
    IF NEW.status IS NOT DISTINCT FROM OLD.status AND NEW.resolved IS DISTINCT FROM OLD.resolved THEN
      NEW.status := CASE WHEN NEW.resolved THEN 'resolved' ELSE 'open' END;
    END IF;
    NEW.acknowledged_at := COALESCE(OLD.acknowledged_at,
      CASE WHEN NEW.status <> 'open' AND OLD.status = 'open' OR NEW.assigned_to IS NOT NULL AND OLD.assigned_to IS NULL THEN pg_catalog.now() END);
  END IF;
  NEW.resolved := NEW.status = ANY (settled);

  IF NEW.resolved THEN
    NEW.resolved_at := COALESCE(NEW.resolved_at, pg_catalog.now());
    NEW.resolved_by := COALESCE(NEW.resolved_by,
      (SELECT p.id FROM public.profiles AS p WHERE p.id = (SELECT auth.uid())));
  ELSE -- reopened, or never resolved
    NEW.resolved_at := NULL;
    NEW.resolved_by := NULL;
  END IF;

  NEW.title := COALESCE(NEW.title, pg_catalog.initcap(pg_catalog.replace(NEW.incident_type, '_', ' ')));
  NEW.detected_at := COALESCE(NEW.detected_at, pg_catalog.now());
  NEW.updated_at := CASE TG_OP WHEN 'INSERT' THEN COALESCE(NEW.updated_at, pg_catalog.now()) ELSE pg_catalog.now() END;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.keep_incident_in_step() FROM PUBLIC;

CREATE TABLE IF NOT EXISTS public.security_incident_timeline (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE public.security_incident_timeline
  ADD COLUMN IF NOT EXISTS incident_id uuid NOT NULL,
  ADD COLUMN IF NOT EXISTS at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ADD COLUMN IF NOT EXISTS step text NOT NULL,
  ADD COLUMN IF NOT EXISTS from_value text,
  ADD COLUMN IF NOT EXISTS to_value text,
  ADD COLUMN IF NOT EXISTS note text,
  ADD COLUMN IF NOT EXISTS actor uuid,
  ADD COLUMN IF NOT EXISTS actor_role text NOT NULL DEFAULT '';
SELECT romashka.ensure_constraint('public.security_incident_timeline', 'security_incident_timeline_step_check',
  'CHECK (step IN (''opened'', ''severity'', ''status'', ''assigned'', ''note'', ''response''))');
SELECT romashka.ensure_constraint('public.security_incident_timeline', 'security_incident_timeline_incident_id_fkey',
  'FOREIGN KEY (incident_id) REFERENCES public.security_incidents(id) ON DELETE CASCADE');
SELECT romashka.ensure_constraint('public.security_incident_timeline', 'security_incident_timeline_actor_fkey',
  'FOREIGN KEY (actor) REFERENCES public.profiles(id) ON DELETE SET NULL');
CREATE INDEX IF NOT EXISTS idx_security_incident_timeline_incident_id ON public.security_incident_timeline (incident_id, at);
CREATE INDEX IF NOT EXISTS idx_security_incident_timeline_actor ON public.security_incident_timeline (actor);
COMMENT ON TABLE public.security_incident_timeline IS 'Each step of an incident: who, when, from what to what, with a note';

ALTER TABLE public.security_incident_timeline ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.security_incident_timeline FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON public.security_incident_timeline TO authenticated, service_role;
DROP POLICY IF EXISTS "Admins see the timeline of incidents" ON public.security_incident_timeline;
CREATE POLICY "Admins see the timeline of incidents" ON public.security_incident_timeline
  FOR SELECT TO authenticated
  USING ((SELECT romashka.has_role('admin', 'security_admin')));

-- tell_incident_step runs with its owner's rights: nobody else may write a line.
-- The note is that of the function which made the step, of its transaction.
CREATE OR REPLACE FUNCTION romashka.tell_incident_step()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  remark CONSTANT text := NULLIF(pg_catalog.current_setting('romashka.incident_note', true), '');
  who    CONSTANT uuid := (SELECT p.id FROM public.profiles AS p WHERE p.id = (SELECT auth.uid()));
  -- The role of the request, or the login where there is none.
  role   CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
BEGIN
  INSERT INTO public.security_incident_timeline (incident_id, step, from_value, to_value, note, actor, actor_role)
  SELECT NEW.id, s.step, s.was, s.is_now, CASE WHEN pg_catalog.row_number() OVER () = 1 THEN remark END, who, role
  FROM (
    SELECT 1, 'opened', NULL, NEW.status WHERE TG_OP = 'INSERT'
    UNION ALL SELECT 2, 'status', OLD.status, NEW.status WHERE TG_OP = 'UPDATE' AND OLD.status <> NEW.status
    UNION ALL SELECT 3, 'assigned', OLD.assigned_to::text, NEW.assigned_to::text
      WHERE TG_OP = 'UPDATE' AND OLD.assigned_to IS DISTINCT FROM NEW.assigned_to
    UNION ALL SELECT 4, 'severity', OLD.severity, NEW.severity WHERE TG_OP = 'UPDATE' AND OLD.severity <> NEW.severity
    UNION ALL SELECT 5, 'note', NULL, NULL
      WHERE TG_OP = 'UPDATE' AND remark IS NOT NULL AND OLD.status = NEW.status AND OLD.assigned_to IS NOT DISTINCT FROM NEW.assigned_to AND OLD.severity = NEW.severity
    ORDER BY 1
  ) AS s (position, step, was, is_now);
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.tell_incident_step() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_timeline ON public.security_incidents;
CREATE TRIGGER romashka_timeline AFTER INSERT OR UPDATE ON public.security_incidents
  FOR EACH ROW EXECUTE FUNCTION romashka.tell_incident_step();

-- The detector corrects an incident that goes on with every few rows; a line of
-- the audit log each time would bury the others. So a fact that a login in its
-- own name adds is not an event; one that it takes back, or a decision, is.
DROP TRIGGER IF EXISTS romashka_trail ON public.security_incidents;
CREATE TRIGGER romashka_trail AFTER UPDATE ON public.security_incidents
  FOR EACH ROW WHEN (
    current_user <> session_user OR current_setting('request.jwt.claims', true) <> ''
    OR array_position('{low,medium,high,critical}'::text[], NEW.severity) < array_position('{low,medium,high,critical}'::text[], OLD.severity)
    OR (OLD.user_id IS NOT NULL AND OLD.user_id IS DISTINCT FROM NEW.user_id) OR (OLD.ip_address IS NOT NULL AND OLD.ip_address IS DISTINCT FROM NEW.ip_address)
    OR NEW.detected_at > OLD.detected_at
    OR to_jsonb(OLD) - '{severity,user_id,ip_address,detected_at,description,metadata,updated_at}'::text[]
       IS DISTINCT FROM to_jsonb(NEW) - '{severity,user_id,ip_address,detected_at,description,metadata,updated_at}'::text[])
  EXECUTE FUNCTION romashka.append_to_trail('incident');
DROP TRIGGER IF EXISTS romashka_trail_of_deletes ON public.security_incidents;
CREATE TRIGGER romashka_trail_of_deletes AFTER DELETE ON public.security_incidents
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('incident');

-- Columns that are computed: how long it took, and the entry of the allow-list
-- (system_settings, key detection, allow) that would have kept the detector from
-- it. They are here and not in functions/, since they depend on the table.
CREATE OR REPLACE FUNCTION public.time_to_detect(public.security_incidents)
RETURNS interval LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
  SELECT $1.detected_at - ($1.metadata ->> 'first_seen')::timestamptz
$$;

REVOKE ALL ON FUNCTION public.time_to_detect(public.security_incidents) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.time_to_detect(public.security_incidents) TO authenticated, service_role;
COMMENT ON FUNCTION public.time_to_detect(public.security_incidents) IS 'From the first row of an incident to the row that crossed the threshold; NULL where no rule has found it';

CREATE OR REPLACE FUNCTION public.time_to_acknowledge(public.security_incidents)
RETURNS interval LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
  SELECT $1.acknowledged_at - $1.created_at
$$;

REVOKE ALL ON FUNCTION public.time_to_acknowledge(public.security_incidents) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.time_to_acknowledge(public.security_incidents) TO authenticated, service_role;
COMMENT ON FUNCTION public.time_to_acknowledge(public.security_incidents) IS 'From the record of an incident until somebody took it up; NULL before';

CREATE OR REPLACE FUNCTION public.time_to_resolve(public.security_incidents)
RETURNS interval LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
  SELECT $1.resolved_at - $1.created_at
$$;

REVOKE ALL ON FUNCTION public.time_to_resolve(public.security_incidents) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.time_to_resolve(public.security_incidents) TO authenticated, service_role;
COMMENT ON FUNCTION public.time_to_resolve(public.security_incidents) IS 'From the record of an incident until it was settled; NULL before';

CREATE OR REPLACE FUNCTION public.incident_allow_entry(public.security_incidents)
RETURNS jsonb LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
  SELECT pg_catalog.jsonb_build_object('rule', $1.detection_method, 'comment', 'false positive ' || $1.id)
    || CASE WHEN $1.metadata ->> 'principal' LIKE 'address %' THEN pg_catalog.jsonb_build_object('network', pg_catalog.substr($1.metadata ->> 'principal', 9))
            WHEN $1.user_id IS NOT NULL THEN pg_catalog.jsonb_build_object('user', $1.user_id)
            ELSE pg_catalog.jsonb_build_object('network', pg_catalog.host($1.ip_address) || CASE pg_catalog.family($1.ip_address) WHEN 4 THEN '/32' ELSE '/64' END) END
  WHERE $1.metadata ? 'dedup_key' AND ($1.metadata ->> 'principal' LIKE 'address %' OR $1.user_id IS NOT NULL OR $1.ip_address IS NOT NULL)
$$;

REVOKE ALL ON FUNCTION public.incident_allow_entry(public.security_incidents) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.incident_allow_entry(public.security_incidents) TO authenticated, service_role;
COMMENT ON FUNCTION public.incident_allow_entry(public.security_incidents) IS 'Entry of the allow-list that would have prevented the incident';
