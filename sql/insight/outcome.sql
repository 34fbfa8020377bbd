-- Purpose: writes the effect of a recommendation.
-- Parameters: $1 its id, $2 the outcome, $3 a sentence.
-- Run by: the role of romashka-db-background-uri.
UPDATE public.business_intelligence
SET dimensions = dimensions || jsonb_build_object('outcome', $2::jsonb || jsonb_build_object('text', $3::text, 'measured_at', now()))
WHERE id = $1
