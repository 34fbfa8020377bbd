-- Purpose: the memory of detection.
-- Parameters: $1 the form that is understood.
-- Columns: up to when, and the memory.
-- Run by: the login of background work.
SELECT settled, memory FROM romashka.detection WHERE memory IS NOT NULL AND settled IS NOT NULL AND version = $1
