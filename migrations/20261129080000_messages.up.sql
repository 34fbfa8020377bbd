-- Messages to people wait in a table until they are sent, so that none is lost
-- with a process. enqueue_message is called in the transaction of the message's
-- cause. No message holds a secret: codes are sent at once, past this table.
CREATE TABLE IF NOT EXISTS romashka.messages (message_id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE romashka.messages
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ADD COLUMN IF NOT EXISTS topic text NOT NULL,
  ADD COLUMN IF NOT EXISTS severity text NOT NULL,
  ADD COLUMN IF NOT EXISTS channel text NOT NULL,
  ADD COLUMN IF NOT EXISTS recipient text NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS subject text NOT NULL,
  ADD COLUMN IF NOT EXISTS body text NOT NULL,
  ADD COLUMN IF NOT EXISTS group_key text NOT NULL,
  ADD COLUMN IF NOT EXISTS once_key text,
  ADD COLUMN IF NOT EXISTS due_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS attempts integer NOT NULL DEFAULT 0,
  ADD COLUMN IF NOT EXISTS leased_until timestamptz,
  ADD COLUMN IF NOT EXISTS state text NOT NULL DEFAULT 'waiting',
  ADD COLUMN IF NOT EXISTS sent_with uuid,
  ADD COLUMN IF NOT EXISTS ended_at timestamptz,
  ADD COLUMN IF NOT EXISTS failure text;
SELECT romashka.ensure_constraint('romashka.messages', 'messages_severity_check', 'CHECK (severity IN (''low'', ''medium'', ''high'', ''critical''))');
SELECT romashka.ensure_constraint('romashka.messages', 'messages_channel_check', 'CHECK (channel IN (''mail'', ''sms'', ''webhook'', ''slack''))');
SELECT romashka.ensure_constraint('romashka.messages', 'messages_state_check', 'CHECK (state IN (''waiting'', ''sent'', ''failed''))');
CREATE INDEX IF NOT EXISTS messages_due ON romashka.messages (due_at) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS messages_group ON romashka.messages (group_key, channel, recipient, created_at);
CREATE INDEX IF NOT EXISTS messages_once ON romashka.messages (once_key, created_at) WHERE once_key IS NOT NULL;
COMMENT ON TABLE romashka.messages IS 'Messages to people: those that wait, and for 30 days those that were sent or given up';
COMMENT ON COLUMN romashka.messages.sent_with IS 'The message of which this one became a part: a burst is sent as one';
REVOKE ALL ON romashka.messages FROM PUBLIC, anon, authenticated, service_role;
ALTER TABLE romashka.messages ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "Only the owner" ON romashka.messages;
CREATE POLICY "Only the owner" ON romashka.messages FOR ALL TO authenticated USING (false);

-- notification_settings is the value of system_settings under notifications, with
-- defaults for missing members:
-- {"recipients": [{"channel": "mail", "to": "soc@example.com", "floor": "medium"}],
--  "floor": "medium", "group_minutes": 5, "once_minutes": 60,
--  "quiet_hours": {"from": "22:00", "to": "07:00", "except": "critical"}}
CREATE OR REPLACE FUNCTION romashka.notification_settings()
RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
  found jsonb;
BEGIN
  IF to_regclass('public.system_settings') IS NOT NULL THEN
    SELECT s.setting_value INTO found FROM public.system_settings AS s WHERE s.setting_key = 'notifications';
  END IF;
  found := CASE jsonb_typeof(found) WHEN 'object' THEN found WHEN 'array' THEN jsonb_build_object('recipients', found) ELSE '{}' END;
  RETURN '{"recipients": [], "floor": "medium", "group_minutes": 5, "once_minutes": 60}'::jsonb || found;
END
$$;
REVOKE ALL ON FUNCTION romashka.notification_settings() FROM PUBLIC;

CREATE OR REPLACE FUNCTION romashka.severity_rank(severity text)
RETURNS integer LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
  SELECT array_position('{low,medium,high,critical}'::text[], severity)
$$;
REVOKE ALL ON FUNCTION romashka.severity_rank(text) FROM PUBLIC;

-- wrong_notifications names the fault of form of that setting, an object as above
-- or the recipients alone; NULL if nothing is. romashka.setting_fault asks it, so
-- that a slip does not silence messages.
CREATE OR REPLACE FUNCTION romashka.wrong_notifications(value jsonb)
RETURNS text LANGUAGE plpgsql IMMUTABLE SET search_path = '' AS $$
DECLARE
  item jsonb;
  name text;
BEGIN
  IF jsonb_typeof(value) = 'array' THEN
    value := jsonb_build_object('recipients', value);
  ELSIF jsonb_typeof(value) <> 'object' THEN
    RETURN 'want an object or an array of recipients';
  END IF;
  FOR name IN SELECT jsonb_object_keys(value) LOOP
    IF name NOT IN ('recipients', 'floor', 'group_minutes', 'once_minutes', 'quiet_hours') THEN
      RETURN format('%s is not known', name);
    END IF;
  END LOOP;
  IF value ? 'floor' AND romashka.severity_rank(value ->> 'floor') IS NULL THEN
    RETURN 'floor must be low, medium, high or critical';
  END IF;
  FOREACH name IN ARRAY '{group_minutes,once_minutes}'::text[] LOOP
    IF value ? name AND NOT COALESCE(jsonb_typeof(value -> name) = 'number' AND (value ->> name)::numeric BETWEEN 0 AND 10080, false) THEN
      RETURN format('%s must be a number of minutes, at most a week', name);
    END IF;
  END LOOP;
  IF value ? 'quiet_hours' THEN
    item := value -> 'quiet_hours';
    IF jsonb_typeof(item) <> 'object' OR COALESCE(item ->> 'from', '') !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'
       OR COALESCE(item ->> 'to', '') !~ '^([01][0-9]|2[0-3]):[0-5][0-9]$' OR romashka.severity_rank(COALESCE(item ->> 'except', 'critical')) IS NULL THEN
      RETURN 'quiet_hours must be like {"from": "22:00", "to": "07:00", "except": "critical"}';
    END IF;
  END IF;
  IF jsonb_typeof(COALESCE(value -> 'recipients', '[]')) <> 'array' THEN
    RETURN 'recipients must be a list';
  END IF;
  FOR item IN SELECT * FROM jsonb_array_elements(COALESCE(value -> 'recipients', '[]')) LOOP
    IF jsonb_typeof(item) <> 'object' OR COALESCE(item ->> 'channel', '') NOT IN ('mail', 'sms', 'webhook', 'slack')
       OR romashka.severity_rank(COALESCE(item ->> 'floor', 'low')) IS NULL
       OR item ->> 'channel' = 'mail' AND COALESCE(item ->> 'to', '') !~ '^[^[:space:]@]+@[^[:space:]@]+$'
       OR item ->> 'channel' = 'sms' AND COALESCE(item ->> 'to', '') !~ '^\+[1-9][0-9]{6,14}$' THEN
      RETURN 'each of recipients must be like {"channel": "mail", "to": "name@example.com", "floor": "high"}, with channel mail, sms, webhook or slack';
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.wrong_notifications(jsonb) FROM PUBLIC;

-- after_quiet_hours is the time at which a message may be sent: now, or the end
-- of the tenant's quiet hours.
CREATE OR REPLACE FUNCTION romashka.after_quiet_hours(settings jsonb, severity text, moment timestamptz)
RETURNS timestamptz LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
  quiet  CONSTANT jsonb := settings -> 'quiet_hours';
  zone   text := 'UTC';
  here   timestamp;
  ends   timestamp;
  length interval;
BEGIN
  IF quiet IS NULL OR romashka.severity_rank(severity) >= romashka.severity_rank(COALESCE(quiet ->> 'except', 'critical')) THEN
    RETURN moment;
  END IF;
  SELECT s.setting_value #>> '{}' INTO zone FROM public.system_settings AS s
  WHERE s.setting_key = 'time_zone' AND EXISTS (SELECT FROM pg_catalog.pg_timezone_names AS z WHERE z.name = s.setting_value #>> '{}');
  here := moment AT TIME ZONE COALESCE(zone, 'UTC');
  ends := here::date + (quiet ->> 'to')::time;
  IF ends <= here THEN
    ends := ends + interval '1 day';
  END IF;
  -- They last until the next end; they have begun if that is less than their length away.
  length := (quiet ->> 'to')::time - (quiet ->> 'from')::time;
  IF length <= interval '0' THEN
    length := length + interval '24 hours';
  END IF;
  IF here < ends - length THEN
    RETURN moment;
  END IF;
  RETURN ends AT TIME ZONE COALESCE(zone, 'UTC');
END
$$;
REVOKE ALL ON FUNCTION romashka.after_quiet_hours(jsonb, text, timestamptz) FROM PUBLIC;

-- enqueue_message writes down a message for one person, or for those whom the
-- setting notifications names, and returns for how many. The first of a burst
-- goes at once, those that follow wait for the end of the window and go as one.
CREATE OR REPLACE FUNCTION romashka.enqueue_message(
  topic text, severity text, subject text, body text,
  channel text DEFAULT NULL, recipient text DEFAULT NULL, group_key text DEFAULT NULL, once_key text DEFAULT NULL)
RETURNS integer LANGUAGE plpgsql SET search_path = '' AS $$
#variable_conflict use_variable
DECLARE
  settings CONSTANT jsonb := romashka.notification_settings();
  one      record;
  latest   timestamptz;
  due      timestamptz;
  made     integer := 0;
BEGIN
  FOR one IN
    SELECT enqueue_message.channel AS channel, COALESCE(enqueue_message.recipient, '') AS recipient, true AS person
    WHERE enqueue_message.channel IS NOT NULL
    UNION ALL
    SELECT DISTINCT r ->> 'channel', CASE WHEN r ->> 'channel' IN ('webhook', 'slack') THEN '' ELSE COALESCE(r ->> 'to', '') END, false
    FROM jsonb_array_elements(settings -> 'recipients') AS r
    WHERE enqueue_message.channel IS NULL
      AND romashka.severity_rank(enqueue_message.severity) >= romashka.severity_rank(COALESCE(r ->> 'floor', settings ->> 'floor'))
    ORDER BY 1, 2
  LOOP
    -- One at a time for each recipient, so that two of a burst see one another.
    PERFORM pg_advisory_xact_lock(hashtextextended('romashka message ' || one.channel || ' ' || one.recipient, 0));
    CONTINUE WHEN once_key IS NOT NULL AND EXISTS (
      SELECT FROM romashka.messages AS m
      WHERE m.once_key = enqueue_message.once_key AND m.channel = one.channel AND m.recipient = one.recipient AND m.state <> 'failed'
        AND m.created_at > clock_timestamp() - (settings ->> 'once_minutes')::numeric::float8 * interval '1 minute');
    due := clock_timestamp();
    IF NOT one.person THEN
      SELECT max(m.due_at) INTO latest FROM romashka.messages AS m
      WHERE m.group_key = COALESCE(enqueue_message.group_key, topic) AND m.channel = one.channel AND m.recipient = one.recipient
        AND m.due_at > due - (settings ->> 'group_minutes')::numeric::float8 * interval '1 minute';
      IF latest IS NOT NULL AND latest <= due THEN
        due := latest + (settings ->> 'group_minutes')::numeric::float8 * interval '1 minute';
      ELSIF latest IS NOT NULL THEN
        due := latest;
      END IF;
      due := romashka.after_quiet_hours(settings, severity, due);
    END IF;
    INSERT INTO romashka.messages (topic, severity, channel, recipient, subject, body, group_key, once_key, due_at)
    VALUES (topic, severity, one.channel, one.recipient, subject, body, COALESCE(enqueue_message.group_key, topic), enqueue_message.once_key, due);
    made := made + 1;
  END LOOP;
  RETURN made;
END
$$;
REVOKE ALL ON FUNCTION romashka.enqueue_message(text, text, text, text, text, text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION romashka.enqueue_message(text, text, text, text, text, text, text, text) IS 'Writes down a message to people; the sidecar sends it';
