-- Purpose: forget ended things: codes, marks of sessions, enrolments that nobody finished, old events.
-- Run by: the role of romashka-db-background-uri.
WITH codes AS (DELETE FROM romashka.factor_codes WHERE expires_at < now() - interval '1 hour'),
  sessions AS (DELETE FROM romashka.verified_sessions WHERE verified_until < now()),
  factors AS (DELETE FROM romashka.factors WHERE NOT enabled AND NOT from_table AND created_at < now() - interval '1 day')
DELETE FROM romashka.factor_events WHERE at < now() - interval '400 days'
