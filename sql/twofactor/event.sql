-- Purpose: note an event of a second factor.
-- Parameters: $1 uuid user, $2 uuid factor or NULL, $3 text event, $4 text method or '',
--   $5 inet address or NULL, $6 uuid session or NULL, $7 uuid who did it or NULL, $8 text details as JSON.
-- Run by: the role of romashka-db-background-uri.
INSERT INTO romashka.factor_events (user_id, factor_id, event, method, address, session_id, actor_id, details)
VALUES ($1, $2, $3, NULLIF($4, ''), $5, $6, $7, $8::jsonb)
