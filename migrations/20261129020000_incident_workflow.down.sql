-- Steps that somebody took do not go without consent. States that the older
-- pages do not know become the nearest that they know.
DO $check$
BEGIN
  IF EXISTS (SELECT FROM public.security_incident_timeline WHERE actor IS NOT NULL OR note IS NOT NULL) THEN
    PERFORM romashka.refuse_rows('public.security_incident_timeline');
  END IF;
END
$check$;
DROP FUNCTION IF EXISTS public.time_to_detect(public.security_incidents);
DROP FUNCTION IF EXISTS public.time_to_acknowledge(public.security_incidents);
DROP FUNCTION IF EXISTS public.time_to_resolve(public.security_incidents);
DROP FUNCTION IF EXISTS public.incident_allow_entry(public.security_incidents);
DROP TRIGGER IF EXISTS romashka_timeline ON public.security_incidents;
DROP FUNCTION IF EXISTS romashka.tell_incident_step();
DROP TABLE IF EXISTS public.security_incident_timeline;
DROP TRIGGER IF EXISTS romashka_trail_of_deletes ON public.security_incidents;
DROP TRIGGER IF EXISTS romashka_trail ON public.security_incidents;
CREATE TRIGGER romashka_trail AFTER UPDATE OR DELETE ON public.security_incidents
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('incident');
UPDATE public.security_incidents SET status = CASE status WHEN 'contained' THEN 'investigating' ELSE 'closed' END
WHERE status IN ('contained', 'false_positive');
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
DROP INDEX IF EXISTS public.idx_security_incidents_principal;
ALTER TABLE public.security_incidents DROP COLUMN IF EXISTS acknowledged_at;
ALTER TABLE public.security_incidents DROP CONSTRAINT IF EXISTS security_incidents_status_check;
SELECT romashka.ensure_constraint('public.security_incidents', 'security_incidents_status_check',
  'CHECK (status IN (''open'', ''investigating'', ''resolved'', ''closed''))');
