-- Written by `make generate` from migrations/20261128000300_trail.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261128000300) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Found under attack: nothing recorded who changed an incident, a role, a rule of
-- retention or a compliance result, nor the values before and after. And a row
-- that a client writes into security_audit_logs looks like one that the database
-- wrote: its address, agent, success and risk are the client's own words.
--
-- Mend: a trigger appends each such change to security_audit_logs, with who, as
-- which role, and the values before and after. source is the origin of a row: the
-- database, a client, or a server with the service role's key. The log stays
-- append-only for every role of the API.
ALTER TABLE public.security_audit_logs
  ADD COLUMN IF NOT EXISTS source text NOT NULL DEFAULT 'client';
SELECT romashka.ensure_constraint('public.security_audit_logs', 'security_audit_logs_source_check',
  'CHECK (source IN (''database'', ''service'', ''client''))');
COMMENT ON COLUMN public.security_audit_logs.source IS 'Whose word the row is: database (a trigger saw it), service (a server says so), client (a user''s program says so)';

-- sign_audit_log states the origin of a row. Of a client's row the database knows
-- who and when (romashka_stamp_evidence) and the agent, from the request, and not
-- the address; other values given for them are kept as a claim.
CREATE OR REPLACE FUNCTION romashka.sign_audit_log()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  agent   CONSTANT text := NULLIF(pg_catalog.current_setting('request.headers', true), '')::jsonb ->> 'user-agent';
  claimed jsonb;
BEGIN
  NEW.risk_score := COALESCE(NEW.risk_score, 0);
  NEW.success := COALESCE(NEW.success, true);
  IF current_user = session_user AND COALESCE(pg_catalog.current_setting('request.jwt.claims', true), '') = ''
     OR pg_catalog.pg_has_role(current_user, (SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid = TG_RELID), 'MEMBER') THEN
    NEW.source := 'database';
    RETURN NEW;
  END IF;
  NEW.source := CASE current_user WHEN 'service_role' THEN 'service' ELSE 'client' END;
  IF NEW.source = 'service' THEN
    RETURN NEW;
  END IF;
  claimed := pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
    'user_id', NULLIF(NEW.user_id, (SELECT auth.uid())), 'ip_address', NULLIF(NEW.ip_address, 'unknown'), 'user_agent', NULLIF(NEW.user_agent, agent)));
  IF claimed <> '{}' THEN
    NEW.additional_context := CASE
      WHEN NEW.additional_context IS NULL THEN '{}'
      WHEN pg_catalog.jsonb_typeof(NEW.additional_context) = 'object' THEN NEW.additional_context
      ELSE pg_catalog.jsonb_build_object('context', NEW.additional_context)
    END || pg_catalog.jsonb_build_object('claimed', claimed);
  END IF;
  IF NEW.ip_address IS NOT NULL THEN
    NEW.ip_address := 'unknown'; -- the front end's own word for it
  END IF;
  NEW.user_agent := agent;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.sign_audit_log() FROM PUBLIC;

-- append_to_trail: the event's name, and the columns to look at (none: all). It
-- runs with its owner's rights, since most users who change a row may not write
-- in the database's name. Of an update it keeps the changed values; of a long
-- value its hash, so that a change of 1 MB is not 2 MB more.
CREATE OR REPLACE FUNCTION romashka.append_to_trail()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN pg_catalog.to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN pg_catalog.to_jsonb(NEW) END;
  changed text[];
BEGIN
  changed := ARRAY(
    SELECT c.name FROM pg_catalog.jsonb_object_keys(COALESCE(new_row, old_row)) AS c (name)
    WHERE (TG_NARGS = 1 OR c.name = ANY (TG_ARGV[1:]))
      AND (TG_OP <> 'UPDATE' OR c.name <> 'updated_at' AND old_row -> c.name IS DISTINCT FROM new_row -> c.name));
  IF changed = '{}' THEN
    RETURN NULL; -- written, not changed
  END IF;
  INSERT INTO public.security_audit_logs
    (event_type, user_id, resource_type, resource_id, action, old_values, new_values, additional_context, source)
  SELECT TG_ARGV[0], (SELECT auth.uid()), TG_TABLE_NAME, COALESCE(new_row, old_row) ->> 'id',
         CASE TG_OP WHEN 'INSERT' THEN 'create' WHEN 'UPDATE' THEN 'update' ELSE 'delete' END,
         pg_catalog.jsonb_object_agg(c.name, kept.was) FILTER (WHERE TG_OP <> 'INSERT'),
         pg_catalog.jsonb_object_agg(c.name, kept.is_now) FILTER (WHERE TG_OP <> 'DELETE'),
         pg_catalog.jsonb_build_object('role', COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user), 'login', session_user),
         'database'
  FROM pg_catalog.unnest(changed) AS c (name)
  CROSS JOIN LATERAL (
    SELECT CASE WHEN pg_catalog.length(v.was::text) > 4096 THEN pg_catalog.jsonb_build_object('bytes', pg_catalog.octet_length(v.was::text),
             'sha256', pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(v.was::text, 'UTF8')), 'hex')) ELSE v.was END AS was,
           CASE WHEN pg_catalog.length(v.is_now::text) > 4096 THEN pg_catalog.jsonb_build_object('bytes', pg_catalog.octet_length(v.is_now::text),
             'sha256', pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(v.is_now::text, 'UTF8')), 'hex')) ELSE v.is_now END AS is_now
    FROM (VALUES (old_row -> c.name, new_row -> c.name)) AS v (was, is_now)
  ) AS kept;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.append_to_trail() FROM PUBLIC;
COMMENT ON FUNCTION romashka.append_to_trail() IS 'Appends a change to security_audit_logs: who, as which role, what, before and after';

-- Rows that a login in its own name inserts (an import, a job of the sidecar) are
-- known by the row itself; those it changes or deletes are not.
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.security_incidents;
CREATE TRIGGER romashka_trail_of_inserts AFTER INSERT ON public.security_incidents
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.append_to_trail('incident');
DROP TRIGGER IF EXISTS romashka_trail ON public.security_incidents;
CREATE TRIGGER romashka_trail AFTER UPDATE OR DELETE ON public.security_incidents
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('incident');

DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.compliance_results;
CREATE TRIGGER romashka_trail_of_inserts AFTER INSERT ON public.compliance_results
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.append_to_trail('compliance_result');
DROP TRIGGER IF EXISTS romashka_trail ON public.compliance_results;
CREATE TRIGGER romashka_trail AFTER UPDATE OR DELETE ON public.compliance_results
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('compliance_result');

DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.compliance_checks;
CREATE TRIGGER romashka_trail_of_inserts AFTER INSERT ON public.compliance_checks
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.append_to_trail('compliance_check');
DROP TRIGGER IF EXISTS romashka_trail ON public.compliance_checks;
CREATE TRIGGER romashka_trail AFTER UPDATE OR DELETE ON public.compliance_checks
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('compliance_check');

DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.data_retention_policies;
CREATE TRIGGER romashka_trail_of_inserts AFTER INSERT ON public.data_retention_policies
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.append_to_trail('retention_policy');
DROP TRIGGER IF EXISTS romashka_trail ON public.data_retention_policies;
CREATE TRIGGER romashka_trail AFTER UPDATE OR DELETE ON public.data_retention_policies
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('retention_policy');

DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.roles;
CREATE TRIGGER romashka_trail_of_inserts AFTER INSERT ON public.roles
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.append_to_trail('role');
DROP TRIGGER IF EXISTS romashka_trail ON public.roles;
CREATE TRIGGER romashka_trail AFTER UPDATE OR DELETE ON public.roles
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('role');

DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.user_roles;
CREATE TRIGGER romashka_trail_of_inserts AFTER INSERT ON public.user_roles
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.append_to_trail('role_assignment');
DROP TRIGGER IF EXISTS romashka_trail ON public.user_roles;
CREATE TRIGGER romashka_trail AFTER UPDATE OR DELETE ON public.user_roles
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('role_assignment');

DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.security_alerts;
CREATE TRIGGER romashka_trail_of_inserts AFTER INSERT ON public.security_alerts
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.append_to_trail('alert');
DROP TRIGGER IF EXISTS romashka_trail ON public.security_alerts;
CREATE TRIGGER romashka_trail AFTER UPDATE OR DELETE ON public.security_alerts
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('alert');

DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.data_subject_requests;
CREATE TRIGGER romashka_trail_of_inserts AFTER INSERT ON public.data_subject_requests
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.append_to_trail('data_subject_request');
DROP TRIGGER IF EXISTS romashka_trail ON public.data_subject_requests;
CREATE TRIGGER romashka_trail AFTER UPDATE OR DELETE ON public.data_subject_requests
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('data_subject_request');

DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.data_consent;
CREATE TRIGGER romashka_trail_of_inserts AFTER INSERT ON public.data_consent
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.append_to_trail('consent');
DROP TRIGGER IF EXISTS romashka_trail ON public.data_consent;
CREATE TRIGGER romashka_trail AFTER UPDATE OR DELETE ON public.data_consent
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('consent');

DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.encryption_keys;
CREATE TRIGGER romashka_trail_of_inserts AFTER INSERT ON public.encryption_keys
  FOR EACH ROW WHEN (current_user <> session_user OR current_setting('request.jwt.claims', true) <> '') EXECUTE FUNCTION romashka.append_to_trail('encryption_key');
DROP TRIGGER IF EXISTS romashka_trail ON public.encryption_keys;
CREATE TRIGGER romashka_trail AFTER UPDATE OR DELETE ON public.encryption_keys
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('encryption_key');

-- Sessions and the API log are written all the time, so only this is an event: a
-- role of the API deletes them, which a server's key may, or they go with a
-- profile. The deleted values stand in the trail. Retention, which runs as the
-- owner and in no trigger, writes one line for all.
DROP TRIGGER IF EXISTS romashka_trail ON public.security_sessions;
CREATE TRIGGER romashka_trail AFTER DELETE ON public.security_sessions
  FOR EACH ROW WHEN (current_user = current_setting('role', true) OR pg_trigger_depth() > 0) EXECUTE FUNCTION romashka.append_to_trail('session');
DROP TRIGGER IF EXISTS romashka_trail ON public.api_security_logs;
CREATE TRIGGER romashka_trail AFTER DELETE ON public.api_security_logs
  FOR EACH ROW WHEN (current_user = current_setting('role', true) OR pg_trigger_depth() > 0) EXECUTE FUNCTION romashka.append_to_trail('request');
-- Only the judgement on a request may change in the API log, and is counted.
DROP TRIGGER IF EXISTS romashka_trail_of_judgements ON public.api_security_logs;
CREATE TRIGGER romashka_trail_of_judgements AFTER UPDATE OF suspicious_activity ON public.api_security_logs
  FOR EACH ROW WHEN (current_user = current_setting('role', true) AND OLD.suspicious_activity IS DISTINCT FROM NEW.suspicious_activity)
  EXECUTE FUNCTION romashka.append_to_trail('request', 'suspicious_activity');

-- Of profiles the role alone, which policies trust. To begin as a user is no
-- event.
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.profiles;
CREATE TRIGGER romashka_trail_of_inserts AFTER INSERT ON public.profiles
  FOR EACH ROW WHEN (NEW.role IS NOT NULL AND NEW.role <> 'user') EXECUTE FUNCTION romashka.append_to_trail('profile_role', 'role');
DROP TRIGGER IF EXISTS romashka_trail ON public.profiles;
CREATE TRIGGER romashka_trail AFTER UPDATE OF role OR DELETE ON public.profiles
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('profile_role', 'role');
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261128000300, 'trail', 'e6276314d11adb72c65dfff1338eff89eb9873437d7ca3c1fab17165f44859a7', now());
END
$romashka$;
