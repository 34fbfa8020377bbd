-- Notes that an incident sets something off, once, with a line of its timeline.
-- Input: $1 incident, $2 action, $3 target, $4 whether it is a dry run, $5 note.
-- Returns one row if it is new, none if it was done.
-- Run by: the login of background work, in the transaction of the action.
WITH fresh AS (
  INSERT INTO romashka.responses (incident_id, action, target, dry_run) VALUES ($1::uuid, $2, $3, $4)
  ON CONFLICT DO NOTHING RETURNING incident_id
), told AS (
  INSERT INTO public.security_incident_timeline (incident_id, step, to_value, note, actor_role)
  SELECT incident_id, 'response', $2, $5, session_user FROM fresh
)
SELECT true FROM fresh
