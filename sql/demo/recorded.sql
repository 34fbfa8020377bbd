-- Purpose: from when on a demo tenant's rows tell who was there.
-- Parameters: $1 since.
-- Run by: the owner, when a demo tenant that goes on is loaded.
UPDATE romashka.kpi_state SET presence_since = LEAST(presence_since, $1)
