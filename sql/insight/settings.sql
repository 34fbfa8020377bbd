-- Purpose: the tenant's zone and holidays, and whether the facts of figures are kept.
-- Columns: zone, holidays, ready.
-- Run by: the role of romashka-db-background-uri.
SELECT romashka.kpi_zone(NULL), romashka.setting('holidays'), EXISTS (SELECT FROM romashka.kpi_state WHERE ready)
