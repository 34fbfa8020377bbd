-- function: public.time_to_acknowledge(public.security_incidents)
-- Purpose: a computed column: from the record of an incident until somebody took it up; NULL before.
-- Parameters: the incident.
-- Result: an interval.
-- Who: everybody who sees the incident.
CREATE OR REPLACE FUNCTION public.time_to_acknowledge(public.security_incidents)
RETURNS interval LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
  SELECT $1.acknowledged_at - $1.created_at
$$;

REVOKE ALL ON FUNCTION public.time_to_acknowledge(public.security_incidents) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.time_to_acknowledge(public.security_incidents) TO authenticated, service_role;
COMMENT ON FUNCTION public.time_to_acknowledge(public.security_incidents) IS 'From the record of an incident until somebody took it up; NULL before';
