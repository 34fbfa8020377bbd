-- Purpose: the tenant's settings for detection.
-- Parameters: none.
-- Columns: the object, its thresholds and allow.
-- Run by: the login of background work.
SELECT setting_value -> 'thresholds', setting_value -> 'allow' FROM public.system_settings WHERE setting_key = 'detection'
