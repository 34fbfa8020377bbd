-- Purpose: how the queue of texts is, see romashka.read_queue.
-- Parameters: none.
-- Columns: begun, waits, anew or filled.
-- Run by: the login of background work.
SELECT romashka.read_queue('text')
