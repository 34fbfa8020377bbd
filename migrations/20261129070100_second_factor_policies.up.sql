-- second_factor_passed decides in the database whether a caller has shown a
-- second factor if his role must, so that it holds behind any API. It raises
-- instead of returning false: an empty list would look like no data. SQLSTATE
-- PGRST is the answer that PostgREST and the sidecar pass on as it is.
--
-- A role is required by system_settings, key two_factor_required_roles, a list of
-- profiles.role and of roles that were given by user_roles. A value of another
-- form requires it of everybody: a slip must not open rows that were closed.
CREATE OR REPLACE FUNCTION romashka.second_factor_required()
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  wanted jsonb;
  caller CONSTANT uuid := (SELECT auth.uid());
BEGIN
  IF to_regclass('public.system_settings') IS NULL THEN
    RETURN false;
  END IF;
  SELECT s.setting_value INTO wanted FROM public.system_settings AS s WHERE s.setting_key = 'two_factor_required_roles';
  IF wanted IS NULL OR wanted = '[]' OR wanted = 'null' THEN
    RETURN false;
  ELSIF jsonb_typeof(wanted) <> 'array' THEN
    RETURN true;
  END IF;
  RETURN EXISTS (SELECT FROM public.profiles AS p WHERE p.id = caller AND wanted ? p.role)
    OR EXISTS (
      SELECT FROM public.user_roles AS u JOIN public.roles AS r ON r.id = u.role_id
      WHERE u.user_id = caller AND wanted ? r.name AND (u.expires_at IS NULL OR u.expires_at > now()));
END
$$;
REVOKE ALL ON FUNCTION romashka.second_factor_required() FROM PUBLIC;

-- session_verified: whether the session of the caller's token has shown a second
-- factor since. aal2 is Supabase's own word for the same.
CREATE OR REPLACE FUNCTION romashka.session_verified()
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  claims CONSTANT jsonb := NULLIF(current_setting('request.jwt.claims', true), '')::jsonb;
  mark   romashka.verified_sessions;
BEGIN
  IF claims ->> 'aal' = 'aal2' THEN
    RETURN true;
  END IF;
  SELECT * INTO mark FROM romashka.verified_sessions AS v
  WHERE v.session_id::text = claims ->> 'session_id' AND v.user_id::text = claims ->> 'sub' AND v.verified_until > now();
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF mark.known AND to_regclass('auth.sessions') IS NOT NULL THEN
    RETURN EXISTS (SELECT FROM auth.sessions AS s WHERE s.id = mark.session_id);
  END IF;
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION romashka.session_verified() FROM PUBLIC;

CREATE OR REPLACE FUNCTION romashka.second_factor_passed()
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF NOT romashka.second_factor_required() OR romashka.session_verified() THEN
    RETURN true;
  END IF;
  RAISE SQLSTATE 'PGRST' USING
    MESSAGE = json_build_object(
      'code', 'ROM440', 'message', 'A second factor is required.',
      'details', 'The role of this user requires a second factor, and none was shown in this session.',
      'hint', 'Call rpc/two_factor_status for the factors there are, rpc/two_factor_verify with a code of one; '
           || 'where there is none yet, rpc/two_factor_enroll and rpc/two_factor_confirm.')::text,
    DETAIL = '{"status":403,"headers":{}}';
END
$$;
COMMENT ON FUNCTION romashka.second_factor_passed() IS 'True, or the error ROM440 where the caller''s role requires a second factor that his session has not shown';
REVOKE ALL ON FUNCTION romashka.second_factor_passed() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.second_factor_passed() TO authenticated, service_role;

-- Each statement asks once, not each row. The restriction is beside the policies
-- that allow, so that it holds whatever a project adds to those.
DROP POLICY IF EXISTS "Second factor where required" ON public.security_sessions;
CREATE POLICY "Second factor where required" ON public.security_sessions AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.security_incidents;
CREATE POLICY "Second factor where required" ON public.security_incidents AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.security_incident_timeline;
CREATE POLICY "Second factor where required" ON public.security_incident_timeline AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.compliance_results;
CREATE POLICY "Second factor where required" ON public.compliance_results AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.api_security_logs;
CREATE POLICY "Second factor where required" ON public.api_security_logs AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.two_factor_auth;
CREATE POLICY "Second factor where required" ON public.two_factor_auth AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.predictive_analytics;
CREATE POLICY "Second factor where required" ON public.predictive_analytics AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.business_intelligence;
CREATE POLICY "Second factor where required" ON public.business_intelligence AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.customer_journey;
CREATE POLICY "Second factor where required" ON public.customer_journey AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.sentiment_analysis;
CREATE POLICY "Second factor where required" ON public.sentiment_analysis AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.advanced_metrics;
CREATE POLICY "Second factor where required" ON public.advanced_metrics AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.data_retention_policies;
CREATE POLICY "Second factor where required" ON public.data_retention_policies AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.compliance_checks;
CREATE POLICY "Second factor where required" ON public.compliance_checks AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.roles;
CREATE POLICY "Second factor where required" ON public.roles AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.user_roles;
CREATE POLICY "Second factor where required" ON public.user_roles AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.data_subject_requests;
CREATE POLICY "Second factor where required" ON public.data_subject_requests AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.data_consent;
CREATE POLICY "Second factor where required" ON public.data_consent AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.api_keys;
CREATE POLICY "Second factor where required" ON public.api_keys AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.pii_detection_patterns;
CREATE POLICY "Second factor where required" ON public.pii_detection_patterns AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.encryption_keys;
CREATE POLICY "Second factor where required" ON public.encryption_keys AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.security_alerts;
CREATE POLICY "Second factor where required" ON public.security_alerts AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.security_audit_logs;
CREATE POLICY "Second factor where required" ON public.security_audit_logs AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.daily_analytics;
CREATE POLICY "Second factor where required" ON public.daily_analytics AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
DROP POLICY IF EXISTS "Second factor where required" ON public.performance_metrics;
CREATE POLICY "Second factor where required" ON public.performance_metrics AS RESTRICTIVE FOR ALL TO authenticated
  USING ((SELECT romashka.second_factor_passed())) WITH CHECK ((SELECT romashka.second_factor_passed()));
