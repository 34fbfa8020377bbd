-- Found under attack: evidence took its time and its author from its writer. A
-- user ended his session of today in the year 2001 and the next retention run
-- deleted it; an admin had another resolve an incident 25 years before it
-- happened; a check of the year 2999 moved the compliance score for good.
--
-- Mend: one trigger function, romashka.stamp_evidence, with the columns of each
-- table that are the database's. It holds for every request of the API, the
-- service role's too: the login took on a role, or the request left its claims.
-- Values in these columns are replaced, not refused, because the pages send them.
-- A login in its own name (pg_cron, the writer of the API log) and the owner of
-- the table are not stamped: they restore and import.
--
-- Rules, each a verb and columns:
--   born a b        now() when the row comes, never changed
--   author a        auth.uid() when the row comes, never changed; only a key that
--                   is nobody's, the service role's, may name somebody
--   fixed a b       as the row came, never changed
--   touched a       now() whenever it is changed, never taken back
--   written a       now() at each write
--   writer a        auth.uid() at each write
--   marked a        now() when it is set; may be taken back
--   past a          not later than now()
--   grows a         keys of an object may come, those it has stay
--   reported a      object a says by which role the row came
--   default a v     NULL is the old value, or v in a row that comes
--   settled s v|w a,b c   while column s has one of the values: a and b say
--                   when it began, c whose doing it was (a profile); else NULL
--   sealed s v      a row whose s has the value is not changed any more
CREATE OR REPLACE FUNCTION romashka.stamp_evidence()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  is_new  CONSTANT boolean := TG_OP = 'INSERT';
  moment  CONSTANT jsonb := pg_catalog.to_jsonb(pg_catalog.now());
  given   CONSTANT jsonb := pg_catalog.to_jsonb(NEW);
  before  jsonb := '{}';
  stamped jsonb := '{}';
  caller  jsonb := 'null';
  words   text[];
  rule    text;
  name    text;
  state   text;
BEGIN
  -- No function of this schema can be called by name here: the caller has no
  -- right to look it up, and a definer would not know who called.
  IF pg_catalog.pg_has_role(current_user, (SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid = TG_RELID), 'MEMBER') THEN
    RETURN NEW;
  END IF;
  IF NOT is_new THEN
    before := pg_catalog.to_jsonb(OLD);
  END IF;
  caller := COALESCE(pg_catalog.to_jsonb((SELECT auth.uid())), 'null');

  FOREACH rule IN ARRAY TG_ARGV LOOP
    words := pg_catalog.string_to_array(rule, ' ');
    IF words[1] = 'sealed' THEN
      IF before ->> words[2] = words[3] THEN
        RETURN OLD;
      END IF;
    ELSIF words[1] = 'default' THEN
      IF given ->> words[2] IS NULL THEN
        stamped := stamped || pg_catalog.jsonb_build_object(words[2], COALESCE(before ->> words[2], words[3]));
      END IF;
    ELSIF words[1] = 'settled' THEN
      state := (given || stamped) ->> words[2];
      FOREACH name IN ARRAY pg_catalog.string_to_array(words[4], ',') || words[5:5] LOOP
        stamped := stamped || pg_catalog.jsonb_build_object(name, CASE
          WHEN COALESCE(state <> ALL (pg_catalog.string_to_array(words[3], '|')), true) THEN NULL
          WHEN NOT is_new AND before ->> words[2] = state THEN before -> name
          WHEN name <> words[5] OR words[5] IS NULL THEN moment
          WHEN caller <> 'null' THEN (SELECT pg_catalog.to_jsonb(p.id) FROM public.profiles AS p WHERE p.id = (SELECT auth.uid()))
        END);
      END LOOP;
    ELSE
      FOREACH name IN ARRAY words[2:] LOOP
        stamped := stamped || pg_catalog.jsonb_build_object(name, CASE words[1]
          WHEN 'born'    THEN CASE WHEN is_new THEN moment ELSE before -> name END
          WHEN 'author'  THEN CASE WHEN NOT is_new THEN before -> name WHEN caller <> 'null' THEN caller ELSE given -> name END
          WHEN 'fixed'   THEN CASE WHEN is_new THEN given -> name ELSE before -> name END
          WHEN 'written' THEN moment
          WHEN 'writer'  THEN caller
          WHEN 'touched' THEN CASE WHEN given ->> name IS NULL OR given -> name = before -> name THEN before -> name ELSE moment END
          WHEN 'marked'  THEN CASE WHEN given ->> name IS NULL THEN NULL WHEN before ->> name IS NOT NULL THEN before -> name ELSE moment END
          WHEN 'past'    THEN CASE WHEN (given ->> name)::timestamptz > pg_catalog.now() THEN moment ELSE given -> name END
          WHEN 'grows'   THEN CASE
            WHEN is_new OR before ->> name IS NULL THEN given -> name
            WHEN pg_catalog.jsonb_typeof(given -> name) = 'object' AND pg_catalog.jsonb_typeof(before -> name) = 'object' THEN (given -> name) || (before -> name)
            ELSE before -> name END
          WHEN 'reported' THEN CASE
            WHEN NOT is_new THEN before -> name
            ELSE CASE WHEN pg_catalog.jsonb_typeof(given -> name) = 'object' THEN given -> name ELSE '{}' END
              || pg_catalog.jsonb_build_object('reported_by', current_user) END
        END);
      END LOOP;
    END IF;
  END LOOP;
  NEW := pg_catalog.jsonb_populate_record(NEW, stamped);
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.stamp_evidence() FROM PUBLIC;
COMMENT ON FUNCTION romashka.stamp_evidence() IS 'Sets what of a row is evidence: times, authors and what was found are the database''s, not the client''s';

-- A session is opened once and ended once; that is all there is to say about it.
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.security_sessions;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.security_sessions
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence(
    'sealed is_active false', 'default is_active true', 'born created_at', 'touched last_activity', 'default last_activity now',
    'fixed id user_id ip_address user_agent login_method device_info', 'settled is_active false ended_at,invalidated_at');

-- The detected facts stay; the judgement and the work on them are for admins to
-- write.
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.security_incidents;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.security_incidents
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence(
    'born created_at detected_at', 'fixed id incident_type title description user_id ip_address detection_method', 'grows metadata',
    'written updated_at', 'settled resolved true resolved_at resolved_by');

-- A result holds a check's findings and their time; the remedy may be added.
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.compliance_results;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.compliance_results
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence(
    'born checked_at created_at', 'fixed id compliance_type check_name check_id status details result_details severity');

-- The log is the sidecar's. A row that another server adds with the service role's
-- key has the present time and its reporter, so that it never passes for one of
-- the sidecar's; afterwards only the judgement on it may change.
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.api_security_logs;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.api_security_logs
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence(
    'born timestamp', 'reported request_headers',
    'fixed id user_id endpoint method ip_address request_size response_code response_time_ms rate_limit_hit response_headers');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.security_audit_logs;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.security_audit_logs
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence('author user_id', 'born created_at');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.security_alerts;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.security_alerts
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence(
    'born created_at', 'written updated_at', 'fixed id alert_type message details user_id ip_address');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.data_subject_requests;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.data_subject_requests
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence(
    'born created_at', 'author created_by', 'written updated_at',
    'fixed id request_type customer_id customer_email customer_phone request_details documents_provided',
    'settled status completed|rejected completion_date', 'settled status processing|completed|rejected  processed_by');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.data_consent;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.data_consent
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence(
    'born created_at', 'written updated_at', 'marked withdrawal_date',
    'fixed id user_id customer_id consent_type consent_method purpose legal_basis source_url ip_address user_agent');

-- Roles, rules and keys are no evidence, but when they were set and by whom is.
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.user_roles;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.user_roles
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence(
    'fixed id user_id', 'writer assigned_by', 'written assigned_at');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.roles;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.roles
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence('born created_at', 'written updated_at');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.data_retention_policies;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.data_retention_policies
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence('born created_at', 'written updated_at');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.compliance_checks;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.compliance_checks
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence('born created_at', 'written updated_at', 'touched last_run');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.pii_detection_patterns;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.pii_detection_patterns
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence('born created_at', 'written updated_at');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.encryption_keys;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.encryption_keys
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence('born created_at', 'written updated_at', 'touched last_rotated');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.api_keys;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.api_keys
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence(
    'born created_at', 'written updated_at', 'touched last_used', 'fixed user_id');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.two_factor_auth;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.two_factor_auth
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence('born created_at', 'touched last_used');

-- The figures are a server's. Retention and the dashboards go by these times, so
-- none is of the future, and where retention goes by one it is the database's.
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.predictive_analytics;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.predictive_analytics
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence('born created_at');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.advanced_metrics;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.advanced_metrics
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence('born created_at');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.sentiment_analysis;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.sentiment_analysis
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence('touched analyzed_at', 'default analyzed_at now');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.business_intelligence;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.business_intelligence
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence('past calculated_at');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.customer_journey;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.customer_journey
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence('past created_at');

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.performance_metrics;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.performance_metrics
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence('past timestamp');
