-- Written by `make generate` from sql/supabase/demo and sql/sample; do not edit.
-- For supabase db reset on a developer's machine: the passwords are known to all.
DO $romashka$
DECLARE
  person record;
  owner  uuid;
BEGIN
FOR person IN SELECT * FROM (VALUES
  ('user@demo.romashka.test', 'romashka-demo', 'Uma User', 'user'),
  ('other@demo.romashka.test', 'romashka-demo', 'Otto Other', 'user'),
  ('admin@demo.romashka.test', 'romashka-demo', 'Anna Admin', 'admin'),
  ('security@demo.romashka.test', 'romashka-demo', 'Sam Security', 'security_admin'),
  ('compliance@demo.romashka.test', 'romashka-demo', 'Cora Compliance', 'compliance_admin')
) AS p (email, password, full_name, role) LOOP
  CONTINUE WHEN EXISTS (SELECT FROM auth.users AS u WHERE u.email = person.email);
EXECUTE $text$
-- Purpose: one user who can sign in with a password, with his profile.
-- Parameters: $1 e-mail, $2 password, $3 full name, $4 profiles.role.
-- Returns: his id. Run by: supabase_admin.
WITH account AS (
  INSERT INTO auth.users
    (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, last_sign_in_at,
     confirmation_token, recovery_token, email_change_token_new, email_change,
     raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
  VALUES
    ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated', lower($1::text),
     extensions.crypt($2::text, extensions.gen_salt('bf', 10)), now(), NULL,
     '', '', '', '',
     '{"provider": "email", "providers": ["email"]}', jsonb_build_object('full_name', $3::text), now(), now())
  RETURNING id, email
), identity AS (
  INSERT INTO auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
  SELECT id::text, id, jsonb_build_object('sub', id, 'email', email, 'email_verified', true, 'phone_verified', false),
         'email', now(), now()
    FROM account
), profile AS (
  INSERT INTO public.profiles (id, email, full_name, role, onboarding_completed, onboarding_completed_at)
  SELECT id, email, $3::text, $4::text, true, now() FROM account
)
SELECT id FROM account
$text$ USING person.email, person.password, person.full_name, person.role;
END LOOP;

IF NOT EXISTS (SELECT FROM public.conversations) THEN
EXECUTE $text$
-- Purpose: a day in the life of a small help desk, so that pages and functions
-- have something true to show: three customers, six conversations of the last
-- 24 hours (three open, two resolved, one closed) and their analytics, five
-- weeks of daily figures, and some knowledge. Run by: supabase_admin, once, after the demo users.

SET LOCAL search_path = public, extensions;

INSERT INTO customer_profiles (email, name, company, language, tags) VALUES
  ('ada@example.com',   'Ada Moore',    'Moore Bikes',  'en', '{wholesale}'),
  ('boris@example.com', 'Boris Ivanov', 'Ivanov & Co.', 'ru', '{}'),
  ('chloe@example.com', 'Chloé Martin', NULL,           'fr', '{trial,vip}');

-- Written with their final status: the deployed trigger makes any later move
-- to resolved or closed fail.
INSERT INTO conversations
  (customer_id, user_name, user_email, customer_name, status, priority, channel_type, created_at,
   resolved_at, resolution_time_seconds, satisfaction_score, satisfaction_rating, ai_confidence, sentiment, intent)
SELECT p.id, p.name, p.email, p.name, c.status, c.priority, c.channel, now() - c.age,
       now() - c.age + c.took, extract(epoch FROM c.took), c.score, c.score, c.confidence, c.sentiment, c.intent
  FROM (VALUES
    ('ada@example.com',   'active',   'normal', 'website',   interval '20 minutes', NULL::interval,         NULL::int, 0.92, 'neutral',  'order_status'),
    ('boris@example.com', 'active',   'high',   'whatsapp',  interval '2 hours',    NULL,                   NULL,      0.61, 'negative', 'refund'),
    ('chloe@example.com', 'active',   'normal', 'instagram', interval '5 hours',    NULL,                   NULL,      0.83, 'positive', 'pricing'),
    ('ada@example.com',   'resolved', 'normal', 'website',   interval '9 hours',    interval '12 minutes',  5,         0.95, 'positive', 'shipping'),
    ('chloe@example.com', 'resolved', 'urgent', 'website',   interval '14 hours',   interval '48 minutes',  4,         0.71, 'neutral',  'billing'),
    ('boris@example.com', 'closed',   'low',    'email',     interval '20 hours',   interval '180 minutes', 2,         0.44, 'negative', 'complaint')
  ) AS c (email, status, priority, channel, age, took, score, confidence, sentiment, intent)
  JOIN customer_profiles p ON p.email = c.email;

INSERT INTO messages
  (conversation_id, sender_type, content, channel_type, confidence_score, processing_time_ms, tokens_used, created_at)
SELECT c.id, m.sender, m.content, c.channel_type, m.confidence, m.took_ms, m.tokens, c.created_at + m.later
  FROM conversations c
  JOIN (VALUES
    ('order_status', 'user',  'Where is my order 1042?',                        NULL::numeric, NULL::int, NULL::int, interval '0 s'),
    ('order_status', 'ai',    'It left our warehouse this morning.',            0.94,          820,       96,        interval '4 s'),
    ('refund',       'user',  'I want my money back.',                          NULL,          NULL,      NULL,      interval '0 s'),
    ('refund',       'ai',    'I am sorry. May I ask for the order number?',    0.61,          1340,      118,       interval '9 s'),
    ('refund',       'agent', 'I have taken over, one moment please.',          NULL,          NULL,      NULL,      interval '310 s'),
    ('pricing',      'user',  'Do you have a plan for two people?',             NULL,          NULL,      NULL,      interval '0 s'),
    ('pricing',      'ai',    'Yes, the Starter plan includes three seats.',    0.83,          760,       74,        interval '3 s'),
    ('shipping',     'user',  'Do you ship to Norway?',                         NULL,          NULL,      NULL,      interval '0 s'),
    ('shipping',     'ai',    'We do, in four to six days.',                    0.95,          690,       61,        interval '3 s'),
    ('billing',      'user',  'I was charged twice.',                           NULL,          NULL,      NULL,      interval '0 s'),
    ('billing',      'ai',    'Let me bring in a colleague.',                   0.71,          1120,      80,        interval '6 s'),
    ('billing',      'agent', 'The second charge is refunded.',                 NULL,          NULL,      NULL,      interval '2700 s'),
    ('complaint',    'user',  'Nobody answers my mails.',                       NULL,          NULL,      NULL,      interval '0 s'),
    ('complaint',    'agent', 'That should not happen; I will follow up.',      NULL,          NULL,      NULL,      interval '3600 s')
  ) AS m (intent, sender, content, confidence, took_ms, tokens, later) ON m.intent = c.intent
 ORDER BY c.created_at + m.later; -- the triggers take the last one written for the last one said

-- The triggers have also dated each conversation now.
ALTER TABLE conversations DISABLE TRIGGER update_conversations_updated_at;
UPDATE conversations SET updated_at = greatest(last_message_at, resolved_at);
ALTER TABLE conversations ENABLE TRIGGER update_conversations_updated_at;

UPDATE conversation_analytics a
   SET first_response_at = (SELECT min(m.created_at) FROM messages m
                             WHERE m.conversation_id = c.id AND m.sender_type IN ('ai', 'agent')),
       resolved_at = c.resolved_at,
       total_duration_seconds = c.resolution_time_seconds,
       resolved_by = CASE WHEN c.resolved_at IS NULL THEN NULL WHEN a.agent_messages > 0 THEN 'agent' ELSE 'ai' END,
       resolution_type = CASE c.status WHEN 'resolved' THEN 'solved' WHEN 'closed' THEN 'closed' END,
       customer_satisfaction = c.satisfaction_score,
       ai_accuracy_score = c.ai_confidence,
       handoff_count = CASE WHEN a.agent_messages > 0 AND a.ai_messages > 0 THEN 1 ELSE 0 END
  FROM conversations c
 WHERE c.id = a.conversation_id;

-- 'all' over all channels: the predictive page asks for it, and for 30 days of it
-- before it draws a week.
INSERT INTO daily_metrics
  (date, channel_type, department, total_conversations, ai_resolved_conversations, human_resolved_conversations,
   abandoned_conversations, avg_first_response_time_seconds, avg_resolution_time_seconds, total_ratings,
   avg_satisfaction_score, ai_confidence_avg, ai_accuracy_rate, handoff_rate)
SELECT current_date - day, 'all', 'all', total, total * 6 / 10, total * 3 / 10, total - total * 6 / 10 - total * 3 / 10,
       40 + day % 5 * 6, 1500 + day % 4 * 240, total / 3, 4.1 + day % 4 * 0.1, 0.82, 0.86, 0.31
  FROM (SELECT day, 36 - day / 3 + CASE WHEN extract(isodow FROM current_date - day) >= 6 THEN -14 ELSE 0 END AS total
          FROM generate_series(1, 35) AS day) AS days;

INSERT INTO agent_availability (agent_id, is_online, status)
SELECT id, false, 'offline' FROM profiles WHERE role = 'admin';

INSERT INTO knowledge_base (title, content, category, helpful_count, not_helpful_count, usage_count) VALUES
  ('Shipping times', 'Two to three days at home, four to six abroad.', 'shipping', 41, 3, 120),
  ('Refunds',        'Within 30 days, to the card that was charged.',  'billing',  18, 9, 64);

WITH category AS (
  INSERT INTO knowledge_categories (name, description, order_index) VALUES
    ('Shipping', 'Where, when and how much', 1),
    ('Billing',  'Invoices and refunds',     2)
  RETURNING id, name
)
INSERT INTO knowledge_items (title, content, category_id, source_type, usage_count, effectiveness_score, tags)
SELECT i.title, i.content, c.id, 'manual', i.used, i.effect, i.tags
  FROM (VALUES
    ('Shipping', 'Shipping times',  'Two to three days at home, four to six abroad.', 120, 0.93, '{delivery}'::text[]),
    ('Shipping', 'Express parcels', 'Ordered before noon, there the next day.',        37, 0.81, '{delivery}'),
    ('Billing',  'Refunds',         'Within 30 days, to the card that was charged.',   64, 0.67, '{money}')
  ) AS i (category, title, content, used, effect, tags)
  JOIN category c ON c.name = i.category;
$text$;
END IF;

SELECT id INTO owner FROM public.profiles WHERE email = 'user@demo.romashka.test';
EXECUTE $text$
-- Purpose: the seed's seven business metrics.
INSERT INTO public.business_intelligence
  (id, metric_category, metric_name, metric_value, metric_unit, time_period, dimensions)
VALUES
  ('5eed0004-0000-4000-8000-000000000001', 'kpi', 'Customer Satisfaction Score', 4.2, 'score', 'daily', '{"channel": "all", "department": "support"}'),
  ('5eed0004-0000-4000-8000-000000000002', 'kpi', 'Average Response Time', 120.5, 'seconds', 'daily', '{"channel": "all", "department": "support"}'),
  ('5eed0004-0000-4000-8000-000000000003', 'kpi', 'Resolution Rate', 0.85, 'percentage', 'daily', '{"channel": "all", "department": "support"}'),
  ('5eed0004-0000-4000-8000-000000000004', 'kpi', 'AI Accuracy Score', 0.88, 'percentage', 'daily', '{"model": "v1.0", "department": "ai"}'),
  ('5eed0004-0000-4000-8000-000000000005', 'trend', 'Volume Growth', 0.15, 'percentage', 'weekly', '{"comparison": "week_over_week"}'),
  ('5eed0004-0000-4000-8000-000000000006', 'insight', 'Peak Hours Identified', 2.0, 'hours', 'daily', '{"peak_start": "09:00", "peak_end": "11:00"}'),
  ('5eed0004-0000-4000-8000-000000000007', 'recommendation', 'Staffing Optimization', 3.0, 'agents', 'daily', '{"action": "increase_peak_hours"}')
ON CONFLICT DO NOTHING
$text$;
EXECUTE $text$
-- Purpose: the seed's five compliance results.
INSERT INTO public.compliance_results
  (id, compliance_type, check_name, status, details, remediation_steps, next_check_due)
VALUES
  ('5eed0003-0000-4000-8000-000000000001', 'gdpr', 'Data Retention Policy Check', 'passed', '{"retention_period": "2 years", "compliance_rate": "100%"}', '{}', now() + interval '1 day'),
  ('5eed0003-0000-4000-8000-000000000002', 'gdpr', 'Consent Management Audit', 'warning', '{"missing_consents": 5, "total_records": 1000}', '{"Update consent records", "Implement consent refresh workflow"}', now() + interval '1 day'),
  ('5eed0003-0000-4000-8000-000000000003', 'ccpa', 'Data Subject Rights Verification', 'passed', '{"requests_processed": 45, "avg_response_time": "3 days"}', '{}', now() + interval '1 day'),
  ('5eed0003-0000-4000-8000-000000000004', 'hipaa', 'Access Control Review', 'failed', '{"unauthorized_access_attempts": 3, "security_score": 75}', '{"Review user permissions", "Implement additional access controls"}', now() + interval '1 day'),
  ('5eed0003-0000-4000-8000-000000000005', 'sox', 'Financial Data Security Check', 'passed', '{"encryption_status": "enabled", "audit_trail": "complete"}', '{}', now() + interval '1 day')
ON CONFLICT DO NOTHING
$text$;
EXECUTE $text$
-- Purpose: the seed's seven predictions, for the days after the first loading.
INSERT INTO public.predictive_analytics
  (id, prediction_type, prediction_date, predicted_value, confidence_level, model_version)
VALUES
  ('5eed0005-0000-4000-8000-000000000001', 'volume_forecast', current_date + 1, 120.5, 0.85, '1.0'),
  ('5eed0005-0000-4000-8000-000000000002', 'volume_forecast', current_date + 2, 135.2, 0.82, '1.0'),
  ('5eed0005-0000-4000-8000-000000000003', 'volume_forecast', current_date + 3, 98.7, 0.88, '1.0'),
  ('5eed0005-0000-4000-8000-000000000004', 'satisfaction_trend', current_date + 1, 4.2, 0.78, '1.0'),
  ('5eed0005-0000-4000-8000-000000000005', 'satisfaction_trend', current_date + 2, 4.3, 0.75, '1.0'),
  ('5eed0005-0000-4000-8000-000000000006', 'staffing_needs', current_date + 1, 8.0, 0.90, '1.0'),
  ('5eed0005-0000-4000-8000-000000000007', 'performance_prediction', current_date + 1, 0.92, 0.85, '1.0')
ON CONFLICT DO NOTHING
$text$;
EXECUTE $text$
-- Purpose: the seed's three incidents, about nobody in particular.
INSERT INTO public.security_incidents
  (id, incident_type, severity, ip_address, description, detection_method, resolved)
VALUES
  ('5eed0002-0000-4000-8000-000000000001', 'failed_login', 'medium', '192.168.1.200', 'Multiple failed login attempts from same IP', 'automated_detection', false),
  ('5eed0002-0000-4000-8000-000000000002', 'suspicious_activity', 'high', '10.0.0.50', 'Unusual API access pattern detected', 'anomaly_detection', false),
  ('5eed0002-0000-4000-8000-000000000003', 'api_abuse', 'low', '172.16.0.100', 'Rate limit exceeded multiple times', 'rate_limiter', true)
ON CONFLICT DO NOTHING
$text$;
EXECUTE $text$
-- Purpose: the seed's three sessions, with keys of their own, so that loading
--   them twice adds nothing.
-- Parameters: $1 uuid, the profile they belong to.
INSERT INTO public.security_sessions
  (id, user_id, session_token, ip_address, user_agent, login_method, session_duration, is_active)
VALUES
  ('5eed0001-0000-4000-8000-000000000001', $1, 'session_5eed0001-0000-4000-8000-000000000001', '192.168.1.100', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36', 'password', '2 hours', true),
  ('5eed0001-0000-4000-8000-000000000002', $1, 'session_5eed0001-0000-4000-8000-000000000002', '192.168.1.101', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36', 'oauth', '1 hour', true),
  ('5eed0001-0000-4000-8000-000000000003', $1, 'session_5eed0001-0000-4000-8000-000000000003', '192.168.1.102', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'password', '3 hours', false)
ON CONFLICT DO NOTHING
$text$ USING owner;
END
$romashka$;
