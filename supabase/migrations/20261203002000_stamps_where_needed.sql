-- Written by `make generate` from migrations/20261203002000_stamps_where_needed.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261203002000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- A row of 1,000 that came by the API cost 30 microseconds of PostgreSQL's, 21 of them
-- for stamp_evidence, which read its rules anew for each row and made JSON of it, and
-- left nearly every row as it was. Stamps are as before; who pays for them is not.
--
-- Where a rule is one comparison, the trigger's condition makes it, and the function
-- runs only for rows that it changes. Where most rows are changed, of the log and of
-- sessions, the table has a function of its own, without rules to be read.

-- The three roles of the API own nothing and belong to no owner: of them the catalogue
-- is not asked. All other roles are, before anything else is computed: what a function
-- writes in the name of the owner, as the audit trail is, pays for no more.
CREATE OR REPLACE FUNCTION romashka.stamp_evidence()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  is_new  CONSTANT boolean := TG_OP = 'INSERT';
  moment  jsonb;
  given   jsonb;
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
  IF current_user NOT IN ('service_role', 'authenticated', 'anon') THEN
    IF pg_catalog.pg_has_role(current_user, (SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid = TG_RELID), 'MEMBER') THEN
      RETURN NEW;
    END IF;
  END IF;
  moment := pg_catalog.to_jsonb(pg_catalog.now());
  given := pg_catalog.to_jsonb(NEW);
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

-- What these say is in 20261128000100_stamp_evidence:
-- born timestamp; reported request_headers; fixed all else but the judgement.
CREATE OR REPLACE FUNCTION romashka.stamp_evidence_of_request()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF current_user NOT IN ('service_role', 'authenticated', 'anon') THEN
    IF pg_catalog.pg_has_role(current_user, (SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid = TG_RELID), 'MEMBER') THEN
      RETURN NEW;
    END IF;
  END IF;
  IF TG_OP = 'INSERT' THEN
    NEW."timestamp" := pg_catalog.now();
    NEW.request_headers := CASE WHEN pg_catalog.jsonb_typeof(NEW.request_headers) = 'object' THEN NEW.request_headers ELSE '{}' END
      || pg_catalog.jsonb_build_object('reported_by', current_user);
    RETURN NEW;
  END IF;
  NEW."timestamp" := OLD."timestamp";
  NEW.request_headers := OLD.request_headers;
  NEW.id := OLD.id;
  NEW.user_id := OLD.user_id;
  NEW.endpoint := OLD.endpoint;
  NEW.method := OLD.method;
  NEW.ip_address := OLD.ip_address;
  NEW.request_size := OLD.request_size;
  NEW.response_code := OLD.response_code;
  NEW.response_time_ms := OLD.response_time_ms;
  NEW.rate_limit_hit := OLD.rate_limit_hit;
  NEW.response_headers := OLD.response_headers;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.stamp_evidence_of_request() FROM PUBLIC;
COMMENT ON FUNCTION romashka.stamp_evidence_of_request() IS 'Sets what of a request''s row is evidence; see stamp_evidence()';

-- sealed is_active false; default is_active true; born created_at; touched last_activity,
-- default now; fixed who and whence; settled is_active false ended_at,invalidated_at.
CREATE OR REPLACE FUNCTION romashka.stamp_evidence_of_session()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF current_user NOT IN ('service_role', 'authenticated', 'anon') THEN
    IF pg_catalog.pg_has_role(current_user, (SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid = TG_RELID), 'MEMBER') THEN
      RETURN NEW;
    END IF;
  END IF;
  IF TG_OP = 'INSERT' THEN
    NEW.is_active := COALESCE(NEW.is_active, true);
    NEW.created_at := pg_catalog.now();
    NEW.last_activity := pg_catalog.now();
  ELSE
    IF OLD.is_active IS FALSE THEN
      RETURN OLD;
    END IF;
    NEW.is_active := COALESCE(NEW.is_active, OLD.is_active, true);
    NEW.created_at := OLD.created_at;
    IF NEW.last_activity IS DISTINCT FROM OLD.last_activity OR NEW.last_activity IS NULL THEN
      NEW.last_activity := CASE WHEN NEW.last_activity IS NULL THEN COALESCE(OLD.last_activity, pg_catalog.now()) ELSE pg_catalog.now() END;
    END IF;
    NEW.id := OLD.id;
    NEW.user_id := OLD.user_id;
    NEW.ip_address := OLD.ip_address;
    NEW.user_agent := OLD.user_agent;
    NEW.login_method := OLD.login_method;
    NEW.device_info := OLD.device_info;
  END IF;
  NEW.ended_at := CASE WHEN NOT NEW.is_active THEN pg_catalog.now() END;
  NEW.invalidated_at := NEW.ended_at;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.stamp_evidence_of_session() FROM PUBLIC;
COMMENT ON FUNCTION romashka.stamp_evidence_of_session() IS 'Sets what of a session''s row is evidence; see stamp_evidence()';

DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.api_security_logs;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.api_security_logs
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '')
  EXECUTE FUNCTION romashka.stamp_evidence_of_request();
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.security_sessions;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.security_sessions
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '')
  EXECUTE FUNCTION romashka.stamp_evidence_of_session();

-- A row whose two names of the end agree, and that has a time where it ended, is left
-- as it is.
DROP TRIGGER IF EXISTS romashka_keep_session_in_step ON public.security_sessions;
CREATE TRIGGER romashka_keep_session_in_step BEFORE INSERT OR UPDATE ON public.security_sessions
  FOR EACH ROW WHEN (NEW.invalidated_at IS DISTINCT FROM NEW.ended_at OR NEW.invalidation_reason IS DISTINCT FROM NEW.logout_reason
    OR NEW.is_active IS FALSE AND NEW.ended_at IS NULL)
  EXECUTE FUNCTION romashka.keep_session_in_step();

-- past: only a time to come is replaced.
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.business_intelligence;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.business_intelligence
  FOR EACH ROW WHEN (NEW.calculated_at > now() AND (current_user <> session_user OR current_setting('request.jwt.claims', true) <> ''))
  EXECUTE FUNCTION romashka.stamp_evidence('past calculated_at');
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.customer_journey;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.customer_journey
  FOR EACH ROW WHEN (NEW.created_at > now() AND (current_user <> session_user OR current_setting('request.jwt.claims', true) <> ''))
  EXECUTE FUNCTION romashka.stamp_evidence('past created_at');
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.performance_metrics;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT OR UPDATE ON public.performance_metrics
  FOR EACH ROW WHEN (NEW."timestamp" > now() AND (current_user <> session_user OR current_setting('request.jwt.claims', true) <> ''))
  EXECUTE FUNCTION romashka.stamp_evidence('past timestamp');

-- born, touched: a new row that has its default, and an old one that keeps its time,
-- are right. A condition may name the old row only where there is one: two triggers.
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.predictive_analytics;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT ON public.predictive_analytics
  FOR EACH ROW WHEN (NEW.created_at IS DISTINCT FROM now() AND (current_user <> session_user OR current_setting('request.jwt.claims', true) <> ''))
  EXECUTE FUNCTION romashka.stamp_evidence('born created_at');
DROP TRIGGER IF EXISTS romashka_stamp_evidence_kept ON public.predictive_analytics;
CREATE TRIGGER romashka_stamp_evidence_kept BEFORE UPDATE ON public.predictive_analytics
  FOR EACH ROW WHEN (NEW.created_at IS DISTINCT FROM OLD.created_at AND (current_user <> session_user OR current_setting('request.jwt.claims', true) <> ''))
  EXECUTE FUNCTION romashka.stamp_evidence('born created_at');
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.advanced_metrics;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT ON public.advanced_metrics
  FOR EACH ROW WHEN (NEW.created_at IS DISTINCT FROM now() AND (current_user <> session_user OR current_setting('request.jwt.claims', true) <> ''))
  EXECUTE FUNCTION romashka.stamp_evidence('born created_at');
DROP TRIGGER IF EXISTS romashka_stamp_evidence_kept ON public.advanced_metrics;
CREATE TRIGGER romashka_stamp_evidence_kept BEFORE UPDATE ON public.advanced_metrics
  FOR EACH ROW WHEN (NEW.created_at IS DISTINCT FROM OLD.created_at AND (current_user <> session_user OR current_setting('request.jwt.claims', true) <> ''))
  EXECUTE FUNCTION romashka.stamp_evidence('born created_at');
DROP TRIGGER IF EXISTS romashka_stamp_evidence ON public.sentiment_analysis;
CREATE TRIGGER romashka_stamp_evidence BEFORE INSERT ON public.sentiment_analysis
  FOR EACH ROW WHEN (NEW.analyzed_at IS DISTINCT FROM now() AND (current_user <> session_user OR current_setting('request.jwt.claims', true) <> ''))
  EXECUTE FUNCTION romashka.stamp_evidence('touched analyzed_at', 'default analyzed_at now');
DROP TRIGGER IF EXISTS romashka_stamp_evidence_kept ON public.sentiment_analysis;
CREATE TRIGGER romashka_stamp_evidence_kept BEFORE UPDATE ON public.sentiment_analysis
  FOR EACH ROW WHEN ((NEW.analyzed_at IS DISTINCT FROM OLD.analyzed_at OR NEW.analyzed_at IS NULL)
    AND (current_user <> session_user OR current_setting('request.jwt.claims', true) <> ''))
  EXECUTE FUNCTION romashka.stamp_evidence('touched analyzed_at', 'default analyzed_at now');
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261203002000, 'stamps_where_needed', '121ef628abbf759e0c18ede95c88e62e9a453680ff6233f000ecc36ee5bba831', now());
END
$romashka$;
