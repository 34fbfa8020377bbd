-- /security filters incidents by status and reads title, status and detected_at.
-- Without them the request fails, the page swallows that, and shows "No open
-- security incidents" while some are open. The columns are those of the front
-- end's own type; so are the four further kinds of incident.
--
-- resolved and status say one thing, status with more words. A trigger keeps
-- them in step whichever is written: resolved means status resolved or closed.
ALTER TABLE public.security_incidents
  ADD COLUMN IF NOT EXISTS title text,
  ADD COLUMN IF NOT EXISTS status text,
  ADD COLUMN IF NOT EXISTS detected_at timestamptz,
  ADD COLUMN IF NOT EXISTS updated_at timestamptz,
  ADD COLUMN IF NOT EXISTS affected_users integer NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS affected_systems text[] NOT NULL DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS assigned_to uuid,
  ADD COLUMN IF NOT EXISTS containment_actions text[] NOT NULL DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS investigation_notes text,
  ADD COLUMN IF NOT EXISTS lessons_learned text;

-- The rows from before get the values that follow from their own columns.
-- Meanwhile the check of the type is off, so that one which it would refuse is
-- not in the way.
ALTER TABLE public.security_incidents DROP CONSTRAINT IF EXISTS security_incidents_incident_type_check;
UPDATE public.security_incidents SET
  title       = COALESCE(title, initcap(replace(incident_type, '_', ' '))),
  status      = COALESCE(status, CASE WHEN resolved THEN 'resolved' ELSE 'open' END),
  resolved    = CASE WHEN status IS NULL THEN COALESCE(resolved, false) ELSE status IN ('resolved', 'closed') END,
  detected_at = COALESCE(detected_at, created_at, now()),
  updated_at  = COALESCE(updated_at, resolved_at, created_at, now())
WHERE title IS NULL OR status IS NULL OR detected_at IS NULL OR updated_at IS NULL
   OR resolved IS DISTINCT FROM (status IN ('resolved', 'closed'));

ALTER TABLE public.security_incidents
  ALTER COLUMN title SET NOT NULL,
  ALTER COLUMN status SET DEFAULT 'open',
  ALTER COLUMN status SET NOT NULL,
  ALTER COLUMN resolved SET NOT NULL,
  ALTER COLUMN detected_at SET DEFAULT now(),
  ALTER COLUMN detected_at SET NOT NULL,
  ALTER COLUMN updated_at SET DEFAULT now(),
  ALTER COLUMN updated_at SET NOT NULL;

SELECT romashka.ensure_constraint('public.security_incidents', 'security_incidents_incident_type_check',
  'CHECK (incident_type IN (''failed_login'', ''suspicious_activity'', ''data_breach'', ''api_abuse'', ''unauthorized_access'', ''malware'', ''ddos'', ''phishing'', ''insider_threat''))');
SELECT romashka.ensure_constraint('public.security_incidents', 'security_incidents_status_check',
  'CHECK (status IN (''open'', ''investigating'', ''resolved'', ''closed''))');
SELECT romashka.ensure_constraint('public.security_incidents', 'security_incidents_assigned_to_fkey',
  'FOREIGN KEY (assigned_to) REFERENCES public.profiles(id) ON DELETE SET NULL');
CREATE INDEX IF NOT EXISTS idx_security_incidents_status ON public.security_incidents (status);
CREATE INDEX IF NOT EXISTS idx_security_incidents_assigned_to ON public.security_incidents (assigned_to);

-- keep_incident_in_step: on insert, either name may say "resolved"; on update,
-- the one that changed gives, and status if both did.
CREATE OR REPLACE FUNCTION romashka.keep_incident_in_step()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  NEW.status := COALESCE(NEW.status, 'open');
  IF TG_OP = 'INSERT' THEN
    IF NEW.resolved AND NEW.status NOT IN ('resolved', 'closed') THEN
      NEW.status := 'resolved';
    END IF;
  ELSIF NEW.status IS NOT DISTINCT FROM OLD.status AND NEW.resolved IS DISTINCT FROM OLD.resolved THEN
    NEW.status := CASE WHEN NEW.resolved THEN 'resolved' ELSE 'open' END;
  END IF;
  NEW.resolved := NEW.status IN ('resolved', 'closed');

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

DROP TRIGGER IF EXISTS romashka_keep_incident_in_step ON public.security_incidents;
CREATE TRIGGER romashka_keep_incident_in_step
  BEFORE INSERT OR UPDATE ON public.security_incidents
  FOR EACH ROW EXECUTE FUNCTION romashka.keep_incident_in_step();

-- Incident management in the page: admins record incidents too. Author and time
-- are not in the list: created_at and user_id are the detector's.
GRANT INSERT (id, incident_type, severity, ip_address, description, detection_method, resolved, resolved_at, resolved_by,
              metadata, title, status, detected_at, updated_at, affected_users, affected_systems, assigned_to,
              containment_actions, investigation_notes, lessons_learned)
  ON public.security_incidents TO authenticated;
GRANT UPDATE (incident_type, title, status, updated_at, affected_users, affected_systems, assigned_to,
              containment_actions, investigation_notes, lessons_learned)
  ON public.security_incidents TO authenticated;

DROP POLICY IF EXISTS "Admins record incidents" ON public.security_incidents;
CREATE POLICY "Admins record incidents" ON public.security_incidents
  FOR INSERT TO authenticated
  WITH CHECK ((SELECT romashka.has_role('admin', 'security_admin')));
