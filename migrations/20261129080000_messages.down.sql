SELECT romashka.refuse_rows('romashka.messages');
DROP FUNCTION IF EXISTS romashka.enqueue_message(text, text, text, text, text, text, text, text);
DROP FUNCTION IF EXISTS romashka.after_quiet_hours(jsonb, text, timestamptz);
DROP FUNCTION IF EXISTS romashka.wrong_notifications(jsonb);
DROP FUNCTION IF EXISTS romashka.severity_rank(text);
DROP FUNCTION IF EXISTS romashka.notification_settings();
DROP TABLE IF EXISTS romashka.messages;
