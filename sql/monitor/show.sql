-- Purpose: an incident with its timeline and times.
-- Parameters: $1 id.
-- Columns: one object.
-- Run by: the login of background work, or the owner.
SELECT to_jsonb(i) || jsonb_build_object(
  'time_to_detect', public.time_to_detect(i), 'time_to_acknowledge', public.time_to_acknowledge(i), 'time_to_resolve', public.time_to_resolve(i),
  'timeline', (SELECT COALESCE(jsonb_agg(jsonb_build_object('at', t.at, 'step', t.step, 'from_value', t.from_value, 'to_value', t.to_value, 'note', t.note,
                 'actor', t.actor, 'who', COALESCE((SELECT p.email FROM public.profiles AS p WHERE p.id = t.actor), t.actor_role)) ORDER BY t.at, t.id), '[]')
               FROM public.security_incident_timeline AS t WHERE t.incident_id = i.id))
FROM public.security_incidents AS i WHERE i.id = $1
