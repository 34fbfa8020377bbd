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
