-- Purpose: writes down a mail that has HTML beside its text; it is never put together
-- with others.
-- Parameters: $1 text recipient, $2 text subject, $3 text text, $4 text html.
-- Run by: the role of romashka-db-background-uri, in the transaction that settles the share.
INSERT INTO romashka.messages (topic, severity, channel, recipient, subject, body, html, group_key)
VALUES ('page', 'low', 'mail', $1, $2, $3, $4, gen_random_uuid()::text)
