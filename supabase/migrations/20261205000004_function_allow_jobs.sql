-- Written by `make generate` from functions/allow_jobs.sql; do not edit.
DO $romashka$
DECLARE
  wanted text; -- checksum
  other  text;
  made   oid;
BEGIN
SELECT encode(sha256(convert_to('64:fa9394ffd5b1893d5f43509e2b1e5b0330e35add0e90a41ddd22b707d1942f17' || octet_length(c.shape) || ':' || c.shape, 'UTF8')), 'hex') INTO wanted
FROM (SELECT coalesce(string_agg(format('%s.%s %s', w.name, a.attname, format_type(a.atttypid, a.atttypmod)), E'\n'
                           ORDER BY w.name, a.attname), '') AS shape
FROM unnest('{}'::text[]) AS w (name)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.name) AND a.attnum > 0 AND NOT a.attisdropped) AS c;
IF to_regprocedure('romashka.allow_jobs(regrole)') IS NOT NULL
   AND EXISTS (SELECT FROM romashka.functions WHERE name = 'allow_jobs' AND checksum = wanted) THEN
  RETURN; -- romashka migrate up was here
END IF;
FOR other IN
  SELECT p.oid::regprocedure FROM pg_catalog.pg_proc AS p
  WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = 'allow_jobs' AND p.oid IS DISTINCT FROM to_regprocedure('romashka.allow_jobs(regrole)')
LOOP
  EXECUTE 'DROP FUNCTION ' || other; -- another signature: calls through the API would be ambiguous
END LOOP;
EXECUTE $text$
-- function: romashka.allow_jobs(regrole)
-- Purpose: lets a login of the sidecar's own do all background work: run jobs and
--   read of them, write the API log, sessions and incidents, keep second factors,
--   send messages, and write figures. Jobs in SQL run with the owner's rights; those
--   of the sidecar with the login's. Call it again after migrations.
-- Parameters: the role. It gets BYPASSRLS where the caller may give that, since rows
--   that policies hide would be taken for rows that are not there; else a notice
--   says how. It becomes a member of no role of the API.
-- Who: the owner alone.
CREATE OR REPLACE FUNCTION romashka.allow_jobs(login regrole)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  item record;
BEGIN
  EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA romashka, public TO %s', login);
  EXECUTE pg_catalog.format('GRANT SELECT ON ALL TABLES IN SCHEMA romashka, public TO %s', login);
  FOR item IN
    SELECT w.relation, w.rights FROM (VALUES
      ('public.api_security_logs', 'INSERT, UPDATE (suspicious_activity)'), ('public.security_audit_logs', 'INSERT'),
      ('public.security_incidents', 'INSERT, UPDATE'), ('public.security_incident_timeline', 'INSERT'), ('public.security_sessions', 'INSERT, UPDATE'),
      ('public.two_factor_auth', 'INSERT, UPDATE, DELETE'), ('public.sentiment_analysis', 'INSERT, UPDATE, DELETE'),
      ('public.predictive_analytics', 'INSERT, UPDATE, DELETE'), ('public.business_intelligence', 'INSERT, UPDATE, DELETE'),
      ('public.compliance_results', 'INSERT'), ('public.messages', 'UPDATE (id)'), -- of a message the job text locks the row, and changes nothing
      ('romashka.blocked_addresses', 'INSERT, UPDATE, DELETE'), ('romashka.responses', 'INSERT'), ('romashka.detection', 'INSERT, UPDATE'),
      ('romashka.sessions', 'INSERT, UPDATE, DELETE'), ('romashka.messages', 'INSERT, UPDATE, DELETE'), ('romashka.text_queue', 'INSERT, UPDATE, DELETE'),
      ('romashka.queues', 'INSERT, UPDATE'), ('romashka.realtime_changes', 'DELETE'), ('romashka.insight_weeks', 'INSERT'), ('romashka.forecast_runs', 'INSERT, UPDATE, DELETE'), ('romashka.waivers', 'INSERT, UPDATE'),
      ('romashka.factors', 'INSERT, UPDATE, DELETE'), ('romashka.factor_codes', 'INSERT, UPDATE, DELETE'), ('romashka.factor_events', 'INSERT, UPDATE, DELETE'),
      ('romashka.backup_codes', 'INSERT, UPDATE, DELETE'), ('romashka.verified_sessions', 'INSERT, UPDATE, DELETE'), ('romashka.two_factor_secrets', 'INSERT, UPDATE, DELETE'),
      ('romashka.shares', 'UPDATE, DELETE'), ('romashka.share_files', 'INSERT, UPDATE, DELETE'), ('public.scheduled_reports', 'UPDATE'), ('public.export_jobs', 'UPDATE')
    ) AS w (relation, rights)
    WHERE pg_catalog.to_regclass(w.relation) IS NOT NULL
  LOOP
    EXECUTE pg_catalog.format('GRANT %s ON %s TO %s', item.rights, item.relation, login);
  END LOOP;
  FOR item IN
    SELECT c.oid::regclass AS relation FROM pg_catalog.pg_class AS c
    WHERE c.relkind = 'S' AND c.relnamespace = 'romashka'::regnamespace
  LOOP
    EXECUTE pg_catalog.format('GRANT USAGE ON SEQUENCE %s TO %s', item.relation, login);
  END LOOP;
  FOR item IN
    SELECT p.oid::regprocedure AS signature FROM pg_catalog.pg_proc AS p
    WHERE p.pronamespace = 'romashka'::regnamespace AND p.proname = ANY ('{run_due_jobs,run_claimed_job,rebuild_claimed_job,claim_job,renew_jobs,hold_job,finish_job,register_jobs,
      kpi_zone,kpi_sums,kpi_hours,kpi_pieces,kpi_read_facts,kpi_combination,kpi_business_ms,kpi_target,kpi_number,sees_whole,
      setting,setting_fault,read_queue,session_over,sign_out,mark_session_ended,block,allowed_network,enqueue_message,notification_settings,wrong_notifications,severity_rank,after_quiet_hours,
      second_factor_required,session_verified,second_factor_passed,has_role,retention_floor,share_claims,
      seal_audit,gather_audit,audit_start,audit_faults,audit_loose,note_audit_checkpoint,audit_cut_due,cut_audit,watch_table,forget_tables}')
      OR p.pronamespace = 'public'::regnamespace AND p.proname = ANY ('{block_address,unblock_address,end_session,time_to_detect,time_to_acknowledge,time_to_resolve,incident_allow_entry}')
  LOOP
    EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION %s TO %s', item.signature, login);
  END LOOP;
  BEGIN
    EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA auth TO %s', login);
    EXECUTE pg_catalog.format('GRANT SELECT ON ALL TABLES IN SCHEMA auth TO %s', login);
  EXCEPTION WHEN insufficient_privilege OR invalid_schema_name THEN
    RAISE NOTICE 'schema auth is another''s: what only Supabase Auth knows (sign-outs there, its own factors) stays unknown to %', login;
  END;
  IF NOT (SELECT r.rolbypassrls OR r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.oid = login) THEN
    BEGIN
      EXECUTE pg_catalog.format('ALTER ROLE %s BYPASSRLS', login);
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE NOTICE 'as a role that may: ALTER ROLE % BYPASSRLS; without it detection and other jobs do not run', login;
    END;
  END IF;
END
$$;

REVOKE ALL ON FUNCTION romashka.allow_jobs(regrole) FROM PUBLIC;
COMMENT ON FUNCTION romashka.allow_jobs(regrole) IS 'Lets a login of the sidecar''s own do all background work';
$text$;
made := to_regprocedure('romashka.allow_jobs(regrole)');
INSERT INTO romashka.functions (name, signature, checksum, applied_at, definition)
SELECT 'allow_jobs', 'romashka.allow_jobs(regrole)', wanted, now(), s.definition
FROM (SELECT 'function' AS kind, '' AS relation, p.oid::regprocedure::text AS name,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat_ws(' ',
         pg_catalog.pg_get_function_result(p.oid), l.lanname, p.provolatile, p.proisstrict, p.prosecdef, p.proparallel,
         p.proconfig::text, pg_catalog.pg_get_function_arguments(p.oid), p.prosrc), 'UTF8')), 'hex') AS definition
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE n.nspname IN ('public', 'romashka') AND p.prokind = 'f' AND (made::oid IS NULL OR p.oid = made::oid)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
ORDER BY p.oid::regprocedure::text) AS s
ON CONFLICT (name) DO UPDATE SET signature = EXCLUDED.signature, checksum = EXCLUDED.checksum,
  applied_at = EXCLUDED.applied_at, definition = EXCLUDED.definition;
END
$romashka$;
