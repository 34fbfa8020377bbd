-- The tenant's settings for responses.
-- Returns: responses and allow of the key detection.
-- Run by: the login of background work.
SELECT setting_value -> 'responses', setting_value -> 'allow' FROM public.system_settings WHERE setting_key = 'detection'
