-- Purpose: forget messages that ended long ago. Run by: the role of romashka-db-background-uri.
DELETE FROM romashka.messages WHERE state <> 'waiting' AND ended_at < now() - interval '30 days'
