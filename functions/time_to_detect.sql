-- function: public.time_to_detect(public.security_incidents)
-- Purpose: a computed column: from the first row of an incident to the row that crossed the threshold; NULL where no rule has found it.
-- Parameters: the incident.
-- Result: an interval.
-- Who: everybody who sees the incident.
CREATE OR REPLACE FUNCTION public.time_to_detect(public.security_incidents)
RETURNS interval LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
  SELECT $1.detected_at - ($1.metadata ->> 'first_seen')::timestamptz
$$;

REVOKE ALL ON FUNCTION public.time_to_detect(public.security_incidents) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.time_to_detect(public.security_incidents) TO authenticated, service_role;
COMMENT ON FUNCTION public.time_to_detect(public.security_incidents) IS 'From the first row of an incident to the row that crossed the threshold; NULL where no rule has found it';
