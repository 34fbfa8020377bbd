-- Purpose: columns of older tables of our names whose type cannot serve, and
-- relations of our names that we may not alter or that are no tables.
-- Columns: object, fault, remedy text; one row for each.
-- Run by: internal/database/migrator, before it changes anything.
WITH family (name, types) AS (VALUES
  ('uuid', '{"uuid"}'::text[]),
  ('text', '{"text","character varying"}'::text[]),
  ('inet', '{"inet"}'::text[]),
  ('interval', '{"interval"}'::text[]),
  ('boolean', '{"boolean"}'::text[]),
  ('jsonb', '{"jsonb"}'::text[]),
  ('integer', '{"integer","bigint","smallint"}'::text[]),
  ('date', '{"date"}'::text[]),
  ('text[]', '{"text[]","character varying[]"}'::text[]),
  ('timestamptz', '{"timestamp with time zone"}'::text[]),
  ('numeric', '{"numeric"}'::text[])
), wanted (relation, family, columns) AS (VALUES
  ('public.security_sessions', 'uuid', '{id,user_id}'::text[]),
  ('public.security_sessions', 'text', '{session_token,user_agent,login_method,logout_reason}'::text[]),
  ('public.security_sessions', 'inet', '{ip_address}'::text[]),
  ('public.security_sessions', 'interval', '{session_duration}'::text[]),
  ('public.security_sessions', 'boolean', '{is_active}'::text[]),
  ('public.security_sessions', 'timestamptz', '{created_at,ended_at,last_activity}'::text[]),
  ('public.security_incidents', 'uuid', '{id,user_id,resolved_by}'::text[]),
  ('public.security_incidents', 'text', '{incident_type,severity,description,detection_method}'::text[]),
  ('public.security_incidents', 'inet', '{ip_address}'::text[]),
  ('public.security_incidents', 'boolean', '{resolved}'::text[]),
  ('public.security_incidents', 'timestamptz', '{resolved_at,created_at}'::text[]),
  ('public.security_incidents', 'jsonb', '{metadata}'::text[]),
  ('public.compliance_results', 'uuid', '{id}'::text[]),
  ('public.compliance_results', 'text', '{compliance_type,check_name,status,severity}'::text[]),
  ('public.compliance_results', 'jsonb', '{details}'::text[]),
  ('public.compliance_results', 'text[]', '{remediation_steps}'::text[]),
  ('public.compliance_results', 'boolean', '{auto_remediated}'::text[]),
  ('public.compliance_results', 'timestamptz', '{checked_at,next_check_due,created_at}'::text[]),
  ('public.api_security_logs', 'uuid', '{id,user_id}'::text[]),
  ('public.api_security_logs', 'text', '{endpoint,method}'::text[]),
  ('public.api_security_logs', 'inet', '{ip_address}'::text[]),
  ('public.api_security_logs', 'integer', '{request_size,response_code,response_time_ms}'::text[]),
  ('public.api_security_logs', 'boolean', '{rate_limit_hit,suspicious_activity}'::text[]),
  ('public.api_security_logs', 'jsonb', '{request_headers,response_headers}'::text[]),
  ('public.api_security_logs', 'timestamptz', '{timestamp}'::text[]),
  ('public.two_factor_auth', 'uuid', '{id,user_id}'::text[]),
  ('public.two_factor_auth', 'boolean', '{enabled}'::text[]),
  ('public.two_factor_auth', 'text', '{secret,method,phone_number,email}'::text[]),
  ('public.two_factor_auth', 'text[]', '{backup_codes}'::text[]),
  ('public.two_factor_auth', 'timestamptz', '{last_used,created_at,updated_at}'::text[]),
  ('public.predictive_analytics', 'uuid', '{id}'::text[]),
  ('public.predictive_analytics', 'text', '{prediction_type,model_version}'::text[]),
  ('public.predictive_analytics', 'date', '{prediction_date}'::text[]),
  ('public.predictive_analytics', 'numeric', '{predicted_value,confidence_level}'::text[]),
  ('public.predictive_analytics', 'jsonb', '{input_features}'::text[]),
  ('public.predictive_analytics', 'timestamptz', '{created_at}'::text[]),
  ('public.business_intelligence', 'uuid', '{id}'::text[]),
  ('public.business_intelligence', 'text', '{metric_category,metric_name,metric_unit,time_period}'::text[]),
  ('public.business_intelligence', 'numeric', '{metric_value}'::text[]),
  ('public.business_intelligence', 'jsonb', '{dimensions}'::text[]),
  ('public.business_intelligence', 'timestamptz', '{calculated_at,expires_at}'::text[]),
  ('public.customer_journey', 'uuid', '{id,customer_id}'::text[]),
  ('public.customer_journey', 'text', '{journey_stage,touchpoint,channel_type,interaction_type}'::text[]),
  ('public.customer_journey', 'integer', '{session_duration,satisfaction_score}'::text[]),
  ('public.customer_journey', 'boolean', '{conversion_achieved}'::text[]),
  ('public.customer_journey', 'timestamptz', '{created_at}'::text[]),
  ('public.sentiment_analysis', 'uuid', '{id,conversation_id,message_id}'::text[]),
  ('public.sentiment_analysis', 'numeric', '{sentiment_score,confidence}'::text[]),
  ('public.sentiment_analysis', 'text', '{sentiment_label}'::text[]),
  ('public.sentiment_analysis', 'jsonb', '{emotions}'::text[]),
  ('public.sentiment_analysis', 'text[]', '{keywords}'::text[]),
  ('public.sentiment_analysis', 'timestamptz', '{analyzed_at}'::text[]),
  ('public.advanced_metrics', 'uuid', '{id}'::text[]),
  ('public.advanced_metrics', 'text', '{metric_type,metric_subtype,aggregation_period}'::text[]),
  ('public.advanced_metrics', 'numeric', '{metric_value}'::text[]),
  ('public.advanced_metrics', 'jsonb', '{metric_metadata}'::text[]),
  ('public.advanced_metrics', 'timestamptz', '{start_time,end_time,created_at}'::text[])
), problem (rank, object, fault, remedy) AS (
  SELECT DISTINCT 1, 'relation ' || w.relation, 'is not a table', 'rename it'
  FROM wanted AS w
  JOIN pg_catalog.pg_class AS r ON r.oid = to_regclass(w.relation)
  WHERE r.relkind NOT IN ('r', 'p')
UNION ALL
  SELECT DISTINCT 2, 'table ' || w.relation, format('belongs to %s', r.relowner::regrole), format('connect as %s, or make %I its owner', r.relowner::regrole, current_user)
  FROM wanted AS w
  JOIN pg_catalog.pg_class AS r ON r.oid = to_regclass(w.relation)
  WHERE NOT pg_has_role(r.relowner, 'USAGE')
UNION ALL
  SELECT 3, format('table %s, column %s', w.relation, a.attname), 'is ' || format_type(a.atttypid, NULL),
         format('change its type to %s, or rename the column', w.family)
  FROM wanted AS w
  JOIN family AS f ON f.name = w.family
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = to_regclass(w.relation) AND a.attname = ANY (w.columns) AND NOT a.attisdropped
  WHERE format_type(a.atttypid, NULL) <> ALL (f.types)
)
SELECT object, fault, remedy FROM problem ORDER BY rank, object
