// What fails by the front end's own doing, whatever the server answers, and
// what a user is rightly refused. Whatever is not here fails the run.

/**
 * Requests: path and status as found, and why no server could do better. named:
 * the name of the table belongs to the reason; everywhere: on each page.
 */
export const ownRequests = [
  { path: /^\/rest\/v1\/conversations\?.*profiles!conversations_agent_id\(/, status: 400, why: 'names a foreign key that no database has' },
  { path: /^\/rest\/v1\/conversations\?.*profiles!conversations_assigned_agent_id_fkey\(/, status: 400, why: 'names a foreign key that the deployed base has lost; `romashka repair base --apply` gives it back' },
  { path: /^\/rest\/v1\/daily_metrics\?.*profiles!daily_metrics_agent_id\(/, status: 400, why: 'names a foreign key that no database has' },
  { path: /^\/rest\/v1\/conversations\?select=resolved_by&/, status: 400, why: 'reads conversations.resolved_by, which the base does not have' },
  { path: /^\/rest\/v1\/conversations\?select=agent_id&/, status: 400, why: 'reads conversations.agent_id, which the base does not have' },
  { path: /^\/rest\/v1\/export_jobs\?.*user_id=eq\.user-id/, status: 400, why: 'filters a uuid by the literal text "user-id"' },
  { path: /^\/rest\/v1\/system_settings\?.*(user_id|category)=/, status: 400, why: 'filters system_settings by a column that the base does not have' },
  { path: /^\/rest\/v1\/system_settings\?on_conflict=user_id/, status: 400, why: 'writes columns of system_settings that the base does not have' },
  { path: /^\/rest\/v1\/learning_insights$/, status: 400, why: 'writes columns of learning_insights that the base does not have' },
  { path: /^\/rest\/v1\/knowledge_base\?(user_id|columns)=/, status: 400, why: 'writes columns of knowledge_base that no record of the base shows' },
  { path: /^\/rest\/v1\/rpc\/(complete_ai_response_job|get_trigger_performance_metrics)$/, status: 404, why: 'calls a function by parameters or a name that the deployed base does not have' },
  { path: /^\/rest\/v1\/(ab_tests|accuracy_metrics|improvement_recommendations|behavior_triggers|lead_scoring_config|calendar_configs|whatsapp_automation_rules|whatsapp_business_hours)\b/, status: 404, named: true, why: 'a table that no database has' },
  { path: /^\/rest\/v1\/conversation_participants\b/, status: 404, everywhere: true, why: 'conversation_participants, which no database has; the chat on every page asks for it, and goes on without' },
  { path: /^\/rest\/v1\/training_jobs/, status: 403, why: 'files a job without its owner, which the deployed policy refuses' },
  { path: /^\/rest\/v1\/typing_indicators/, status: 409, why: 'types in a conversation that does not exist yet' },
  { path: /^\/rest\/v1\/(conversations\?select=id&id=|agent_setup_progress|bot_configurations|oauth_tokens|personality_configs|conversation_metrics)/, status: 406, named: true, why: 'asks for a single row to learn that there is none' },
]

/** Requests that are refused because this user may not. */
export const denials = [
  { as: 'user', path: /^\/rest\/v1\/compliance_results/, status: 403, why: 'only admins and compliance admins file results; the button does not ask who presses it' },
  { as: 'visitor', path: /^\/rest\/v1\/(conversations|messages)/, status: 401, why: 'the deployed base lets only signed-in users chat' },
  { as: 'visitor', path: /^\/auth\/v1\/authorize/, status: 404, why: 'the development sign-in has no other providers' },
]

/** Errors of its scripts. */
export const ownErrors = [
  { error: /^"time" is not a registered scale/, why: 'asks chart.js for a scale that it never registers' },
  { error: /^Cannot read properties of null \(reading 'toLowerCase'\)/, why: 'takes for granted that each conversation has a name; those of its own chat widget have none' },
  { error: /^Cannot read properties of undefined \(reading 'slice'\)/, why: 'shows the sessions of a training without ever being given them' },
  { error: /^(of another host|Event)$/, why: 'a script of another host, which this run does not load' },
]

/** Requests without end. */
export const ownStorms = [
  { path: /^\/rest\/v1\/conversations\?select=\*,customer_profiles\(/, why: 'loads its inbox anew after each load (a callback that is another one each time)' },
]

/** Pages that end blank. */
export const ownBlanks = [
  { path: '/analytics/real-time', why: 'asks chart.js for a scale that it never registers' },
]
