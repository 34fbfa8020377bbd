-- Purpose: fixed data for the bench. Every run has the same rows, but for times,
-- which lead up to now.
-- Parameters: settings bench.logs (rows of api_security_logs) and bench.rows
--   (of each other table).
-- Run by: supabase_admin, once, over the migrated database.
SET search_path = public, extensions;
SET session_replication_role = replica; -- no triggers and key checks: the rows are right as they are
SET synchronous_commit = off;

INSERT INTO auth.users (id, aud, role, email, email_confirmed_at, created_at, updated_at)
SELECT md5('user' || g)::uuid, 'authenticated', 'authenticated', 'user' || g || '@bench.test', now(), now(), now()
FROM generate_series(1, current_setting('bench.rows')::int) AS g;

-- The first is an admin, the others are plain users.
INSERT INTO profiles (id, email, full_name, role, onboarding_completed)
SELECT md5('user' || g)::uuid, 'user' || g || '@bench.test', 'User ' || g, CASE WHEN g = 1 THEN 'admin' ELSE 'user' END, true
FROM generate_series(1, current_setting('bench.rows')::int) AS g;

INSERT INTO customer_profiles (id, email, name, company, language, tags)
SELECT md5('customer' || g)::uuid, 'customer' || g || '@bench.test', 'Customer ' || g, 'Company ' || g % 1000, 'en', '{trial,vip}'
FROM generate_series(1, current_setting('bench.rows')::int) AS g;

INSERT INTO conversations (id, customer_id, user_name, user_email, status, priority, channel_type, created_at, satisfaction_rating)
SELECT md5('conversation' || g)::uuid, md5('customer' || g)::uuid, 'Customer ' || g, 'customer' || g || '@bench.test',
       (ARRAY['active', 'resolved', 'closed', 'resolved'])[g % 4 + 1], 'normal', (ARRAY['website', 'whatsapp', 'email'])[g % 3 + 1],
       now() - g * interval '30 days' / current_setting('bench.rows')::int, g % 5 + 1
FROM generate_series(1, current_setting('bench.rows')::int) AS g;

INSERT INTO messages (id, conversation_id, sender_type, sender_id, content, created_at)
SELECT md5('message' || g || '-' || n)::uuid, md5('conversation' || g)::uuid, (ARRAY['user', 'ai', 'agent'])[n],
       CASE WHEN n = 3 THEN md5('user' || g)::uuid END, 'Message ' || n || ' of conversation ' || g,
       now() - g * interval '30 days' / current_setting('bench.rows')::int + n * interval '10 s'
FROM generate_series(1, current_setting('bench.rows')::int) AS g, generate_series(1, 3) AS n;

INSERT INTO conversation_analytics (conversation_id, started_at, first_response_at, customer_satisfaction, ai_accuracy_score)
SELECT c.id, c.created_at, c.created_at + interval '20 s', 4, 0.9 FROM conversations AS c;

INSERT INTO security_sessions (id, user_id, session_token, ip_address, user_agent, is_active, created_at, last_activity)
SELECT md5('session' || g)::uuid, md5('user' || CASE WHEN g <= 64 THEN 2 ELSE g END)::uuid, md5('token' || g), '10.0.0.1'::inet + g,
       'Mozilla/5.0 (X11; Linux x86_64)', g % 10 = 0 OR g <= 64, now() - g * interval '10 s', now() - g * interval '9 s'
FROM generate_series(1, current_setting('bench.rows')::int) AS g;

INSERT INTO security_incidents (id, incident_type, severity, user_id, ip_address, description, detection_method, resolved, metadata, created_at,
                                title, status, detected_at, updated_at)
SELECT md5('incident' || g)::uuid, (ARRAY['failed_login', 'suspicious_activity', 'api_abuse'])[g % 3 + 1],
       (ARRAY['low', 'medium', 'high', 'critical'])[g % 4 + 1], md5('user' || g)::uuid, '10.0.0.1'::inet + g,
       'Incident number ' || g, 'rule', g % 3 = 0, jsonb_build_object('attempts', g % 17, 'source', 'bench'),
       t.at, 'Incident ' || g, CASE WHEN g % 3 = 0 THEN 'resolved' ELSE 'open' END, t.at, t.at
FROM generate_series(1, current_setting('bench.rows')::int) AS g,
  LATERAL (SELECT now() - g * interval '30 days' / current_setting('bench.rows')::int AS at) AS t;

INSERT INTO compliance_results (id, compliance_type, check_name, status, details, severity, checked_at)
SELECT md5('compliance' || g)::uuid, (ARRAY['gdpr', 'ccpa', 'hipaa', 'sox', 'iso27001'])[g % 5 + 1], 'Check ' || g % 40,
       (ARRAY['passed', 'passed', 'passed', 'warning', 'failed'])[g % 5 + 1], '{"seen": 12}', 'medium',
       now() - g * interval '30 days' / current_setting('bench.rows')::int
FROM generate_series(1, current_setting('bench.rows')::int) AS g;

INSERT INTO predictive_analytics (id, prediction_type, prediction_date, predicted_value, confidence_level)
SELECT md5('prediction' || g)::uuid, (ARRAY['volume_forecast', 'satisfaction_trend', 'staffing_needs', 'performance_prediction'])[g % 4 + 1],
       date '1900-01-01' + g / 4, g % 1000, 0.9
FROM generate_series(1, current_setting('bench.rows')::int) AS g;

INSERT INTO business_intelligence (id, metric_category, metric_name, metric_value, metric_unit, calculated_at)
SELECT md5('metric' || g)::uuid, (ARRAY['kpi', 'trend', 'insight', 'recommendation'])[g % 4 + 1], 'Metric ' || g % 50, g, 'percent',
       now() - g * interval '30 days' / current_setting('bench.rows')::int
FROM generate_series(1, current_setting('bench.rows')::int) AS g;

INSERT INTO customer_journey (id, customer_id, journey_stage, touchpoint, channel_type, satisfaction_score)
SELECT md5('journey' || g)::uuid, md5('customer' || g)::uuid, (ARRAY['discovery', 'decision', 'support'])[g % 3 + 1], 'chat', 'website', g % 5 + 1
FROM generate_series(1, current_setting('bench.rows')::int) AS g;

INSERT INTO sentiment_analysis (id, conversation_id, sentiment_score, sentiment_label, confidence, keywords, analyzed_at)
SELECT md5('sentiment' || g)::uuid, md5('conversation' || g)::uuid, 0.5, (ARRAY['positive', 'negative', 'neutral'])[g % 3 + 1], 0.8, '{price,delivery}',
       now() - g * interval '30 days' / current_setting('bench.rows')::int
FROM generate_series(1, current_setting('bench.rows')::int) AS g;

INSERT INTO advanced_metrics (id, metric_type, metric_subtype, metric_value, aggregation_period, start_time)
SELECT md5('advanced' || g)::uuid, 'response', 'p95', g, 'hour', now() - g * interval '1 minute'
FROM generate_series(1, current_setting('bench.rows')::int) AS g;

INSERT INTO two_factor_auth (user_id, enabled, method)
SELECT md5('user' || g)::uuid, true, 'totp' FROM generate_series(1, current_setting('bench.rows')::int) AS g;

-- 1 % have the endpoint that count=exact asks for; every 50th is suspicious.
INSERT INTO api_security_logs (id, endpoint, method, user_id, ip_address, request_size, response_code, response_time_ms,
                               rate_limit_hit, suspicious_activity, "timestamp")
SELECT md5('log' || g)::uuid, CASE WHEN g % 100 = 0 THEN '/counted' ELSE '/rest/v1/table_' || g % 97 END,
       (ARRAY['GET', 'POST', 'PATCH'])[g % 3 + 1], md5('user' || g % current_setting('bench.rows')::int + 1)::uuid, '10.0.0.1'::inet + g % 65536,
       g % 4096, (ARRAY[200, 200, 200, 201, 404, 500])[g % 6 + 1], g % 700, false, g % 50 = 0,
       now() - g * interval '30 days' / current_setting('bench.logs')::int
FROM generate_series(1, current_setting('bench.logs')::int) AS g;

-- As romashka repair base leaves them.
CREATE INDEX romashka_conversations_created_at ON conversations (created_at);
CREATE INDEX romashka_messages_created_at ON messages (created_at);

-- Two functions that cost nothing: only the way to them is left to measure.
CREATE FUNCTION public.bench_constant() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE FUNCTION public.bench_add(a integer, b integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a + b';

-- A row that both anon and authenticated may read.
CREATE TABLE public.bench_notice (id integer PRIMARY KEY, body text NOT NULL);
INSERT INTO public.bench_notice SELECT g, 'Notice ' || g FROM generate_series(1, 1000) AS g;
ALTER TABLE public.bench_notice ENABLE ROW LEVEL SECURITY;
CREATE POLICY "anybody reads" ON public.bench_notice FOR SELECT TO anon, authenticated USING (id > 0);
GRANT SELECT ON public.bench_notice TO anon, authenticated;
