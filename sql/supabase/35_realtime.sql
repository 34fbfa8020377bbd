-- Purpose: the objects of Supabase Realtime in a project's database for
-- broadcasts from SQL and for private channels: realtime.messages, whose
-- policies say who may hear and speak, realtime.send() and realtime.topic().
-- Run by: supabase_admin, once per database. Differences: one table instead of
-- a partition a day.

CREATE SCHEMA realtime;
GRANT USAGE ON SCHEMA realtime TO postgres, anon, authenticated, service_role;

CREATE TABLE realtime.messages (
  topic text NOT NULL,
  extension text NOT NULL,
  payload jsonb,
  event text,
  private boolean DEFAULT false,
  updated_at timestamp NOT NULL DEFAULT now(),
  inserted_at timestamp NOT NULL DEFAULT now(),
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  PRIMARY KEY (id, inserted_at)
);
ALTER TABLE realtime.messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE realtime.messages OWNER TO postgres;
GRANT SELECT, INSERT, UPDATE ON realtime.messages TO anon, authenticated, service_role;
CREATE INDEX messages_inserted_at_topic_index ON realtime.messages (inserted_at DESC, topic) WHERE extension = 'broadcast' AND private;

CREATE FUNCTION realtime.topic() RETURNS text
  LANGUAGE sql STABLE SET search_path = ''
  AS $$ SELECT NULLIF(pg_catalog.current_setting('realtime.topic', true), '') $$;

-- As at Supabase it runs as its caller, whom the policies bind, and an error is
-- a warning: the caller's statement goes on.
CREATE FUNCTION realtime.send(payload jsonb, event text, topic text, private boolean DEFAULT true) RETURNS void
  LANGUAGE plpgsql
  AS $$
DECLARE
  generated_id uuid := pg_catalog.gen_random_uuid();
BEGIN
  BEGIN
    PERFORM pg_catalog.set_config('realtime.topic', send.topic, true);
    INSERT INTO realtime.messages (id, payload, event, topic, private, extension)
    VALUES (generated_id,
            CASE WHEN send.payload OPERATOR(pg_catalog.?) 'id' THEN send.payload ELSE pg_catalog.jsonb_set(send.payload, '{id}', pg_catalog.to_jsonb(generated_id)) END,
            send.event, send.topic, send.private, 'broadcast');
  EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'ErrorSendingBroadcastMessage: %', SQLERRM;
  END;
END
$$;
GRANT EXECUTE ON FUNCTION realtime.topic(), realtime.send(jsonb, text, text, boolean) TO postgres, anon, authenticated, service_role;

CREATE PUBLICATION supabase_realtime_messages_publication FOR TABLE realtime.messages;
ALTER PUBLICATION supabase_realtime_messages_publication OWNER TO postgres;
