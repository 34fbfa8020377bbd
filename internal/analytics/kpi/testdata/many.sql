-- Purpose: many conversations for measuring: ten messages and an outcome each, over the
--   90 days that end today, in 5 channels, 3 teams, 4 priorities, 4 languages, 10 intents,
--   4 tags, of 30 agents. Every run has the same rows, but for times.
-- Parameters: setting figures.base: conversations of nine days, a tenth of all.
-- Run by: make figures, as supabase_admin, over a migrated database; many_copies.sql then makes
--   nine copies of them, each nine days later. Between the two the job kpi
--   makes the facts and cells of these alone.
SET search_path = public, extensions;
SET session_replication_role = replica; -- no key checks: the rows are right as they are
SET synchronous_commit = off;
TRUNCATE conversations, conversation_analytics, customer_profiles CASCADE;

INSERT INTO auth.users (id, email) SELECT md5('figures agent' || g)::uuid, 'agent' || g || '@figures.test' FROM generate_series(0, 29) AS g;
INSERT INTO profiles (id, email, full_name, role)
SELECT md5('figures agent' || g)::uuid, 'agent' || g || '@figures.test', 'Agent ' || g, CASE WHEN g = 0 THEN 'admin' ELSE 'user' END
FROM generate_series(0, 29) AS g ON CONFLICT (id) DO UPDATE SET role = EXCLUDED.role, full_name = EXCLUDED.full_name;
INSERT INTO agent_availability (agent_id, status, is_online, max_concurrent_chats, current_chat_count)
SELECT md5('figures agent' || g)::uuid, 'available', g % 3 = 0, 5, g % 4 FROM generate_series(0, 29) AS g;

-- h is a number from 0 to 2^28 that looks random and is not.
CREATE TEMPORARY TABLE base AS
SELECT g, h, ('00' || substr(md5('conversation' || g), 3))::uuid AS id, ('00' || substr(md5('customer' || h % greatest(current_setting('figures.base')::int / 3, 1)), 3))::uuid AS customer,
       md5('figures agent' || h % 30)::uuid AS agent, h % 10 < 3 AS human,
       CASE WHEN h % 100 = 99 THEN 'active' WHEN h % 100 >= 94 THEN 'abandoned' ELSE 'resolved' END AS status,
       date_trunc('day', now()) - interval '89 days' + (g + 0.5) * interval '9 days' / current_setting('figures.base')::int AS at
FROM (SELECT g, ('x' || left(md5('random' || g), 7))::bit(28)::int AS h FROM generate_series(0, current_setting('figures.base')::int - 1) AS g) AS n;

INSERT INTO customer_profiles (id, name) SELECT DISTINCT customer, 'x' FROM base;

INSERT INTO conversations (id, customer_id, assigned_agent_id, status, priority, channel_type, department, language, intent, tags,
  created_at, updated_at, last_message_at, resolved_at, satisfaction_rating, handoff_reason, business_context)
SELECT id, customer, CASE WHEN human THEN agent END, status, (ARRAY['low', 'normal', 'high', 'urgent'])[h / 7 % 4 + 1],
       (ARRAY['website', 'email', 'whatsapp', 'instagram', 'messenger'])[h / 11 % 5 + 1], (ARRAY['support', 'sales', 'billing'])[h / 13 % 3 + 1],
       (ARRAY['en', 'de', 'es', 'fr'])[h / 17 % 4 + 1], 'intent ' || h / 19 % 10, (ARRAY['{}', '{vip}', '{trial}', '{vip,refund}', '{new}'])[h / 23 % 5 + 1]::text[],
       at, at, at + interval '20 minutes', CASE WHEN status = 'resolved' THEN at + interval '20 minutes' + h % 5000 * interval '1 second' END,
       CASE WHEN h / 29 % 5 = 0 THEN h / 31 % 5 + 1 END, CASE WHEN human THEN (ARRAY['low confidence', 'asked for a person'])[h / 37 % 2 + 1] END, NULL
FROM base;

INSERT INTO messages (id, conversation_id, sender_type, sender_id, content, metadata, knowledge_sources, confidence_score, created_at, updated_at)
SELECT ('00' || substr(md5('message' || g || ' ' || n), 3))::uuid, id, s.sender, CASE s.sender WHEN 'agent' THEN agent END, 'Message ' || n || ' of ' || g,
       NULL, NULL, CASE s.sender WHEN 'ai' THEN h / 41 % 101 / 100.0 END, at + n * interval '70 seconds' + (h / n % 50000) * interval '1 millisecond', at
FROM base CROSS JOIN generate_series(1, 10) AS n
CROSS JOIN LATERAL (SELECT CASE WHEN n % 2 = 1 THEN 'user' WHEN human AND n >= 8 THEN 'agent' ELSE 'ai' END AS sender) AS s;

INSERT INTO conversation_analytics (id, conversation_id, started_at, first_response_at, customer_satisfaction, ai_accuracy_score, lead_qualified, revenue_generated, created_at)
SELECT ('00' || substr(md5('outcome' || g), 3))::uuid, id, at AT TIME ZONE 'UTC', CASE WHEN h % 2 = 0 THEN (at + interval '90 seconds') AT TIME ZONE 'UTC' END,
       CASE WHEN h / 43 % 10 = 0 THEN h % 5 + 1 END, 0.9, h / 47 % 20 = 0, CASE WHEN h / 53 % 33 = 0 THEN 19.99 ELSE 0 END, at AT TIME ZONE 'UTC'
FROM base;
DROP TABLE base;
ANALYZE conversations, messages, conversation_analytics;
