DROP TRIGGER IF EXISTS romashka_stamp_evidence_kept ON public.predictive_analytics;
DROP TRIGGER IF EXISTS romashka_stamp_evidence_kept ON public.advanced_metrics;
DROP TRIGGER IF EXISTS romashka_stamp_evidence_kept ON public.sentiment_analysis;
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
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.api_security_logs;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.api_security_logs
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence(
    'born timestamp', 'reported request_headers',
    'fixed id user_id endpoint method ip_address request_size response_code response_time_ms rate_limit_hit response_headers');
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.security_sessions;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.security_sessions
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.stamp_evidence(
    'sealed is_active false', 'default is_active true', 'born created_at', 'touched last_activity', 'default last_activity now',
    'fixed id user_id ip_address user_agent login_method device_info', 'settled is_active false ended_at,invalidated_at');
DROP TRIGGER IF EXISTS romashka_keep_session_in_step ON public.security_sessions;
CREATE TRIGGER romashka_keep_session_in_step
  BEFORE INSERT OR UPDATE ON public.security_sessions
  FOR EACH ROW EXECUTE FUNCTION romashka.keep_session_in_step();
DROP FUNCTION IF EXISTS romashka.stamp_evidence_of_session();
DROP FUNCTION IF EXISTS romashka.stamp_evidence_of_request();
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
    CONTINUE WHEN is_new AND pg_catalog.starts_with(rule, 'fixed ');
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
