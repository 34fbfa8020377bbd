-- function: public.incident_allow_entry(public.security_incidents)
-- Purpose: the entry of the allow-list (system_settings, key detection, allow) that
--   would have kept the detector from this incident: its rule, for the user or else
--   for the network that it names.
-- Parameters: the incident.
-- Result: an object; NULL where no rule has found it, or it names nobody.
-- Who: everybody who sees the incident. A computed column of security_incidents too.
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
