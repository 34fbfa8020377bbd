-- Purpose: the tenant's settings for forecasts and staffing.
-- Columns: time_zone, business_hours, holidays, staffing; NULL where it is not set.
-- Run by: the role of romashka-db-background-uri.
SELECT romashka.setting('time_zone'), romashka.setting('business_hours'), romashka.setting('holidays'), romashka.setting('staffing')
