-- Changes that writers have not noted are read anew: facts and the queue of texts
-- are made of the rows that there are.
UPDATE romashka.kpi_state SET ready = false WHERE EXISTS (SELECT FROM romashka.queues WHERE name = 'kpi' AND NOT filled);
CREATE TABLE IF NOT EXISTS romashka.text_state (
  one       boolean PRIMARY KEY DEFAULT true CHECK (one),
  filled_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE romashka.text_state IS 'When the messages from before the queue were put into it; no row, not yet';
ALTER TABLE romashka.text_state ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "Only the owner" ON romashka.text_state;
CREATE POLICY "Only the owner" ON romashka.text_state FOR ALL TO authenticated USING (false);
REVOKE ALL ON romashka.text_state FROM PUBLIC, anon, authenticated, service_role;
INSERT INTO romashka.text_state (one) SELECT true FROM romashka.queues WHERE name = 'text' AND filled ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION romashka.note_kpi_rows()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO romashka.kpi_changes (conversation_id) VALUES (NULL);
  ELSIF TG_TABLE_NAME = 'conversations' THEN
    INSERT INTO romashka.kpi_changes (conversation_id) SELECT r.id FROM changed_rows AS r;
  ELSE
    INSERT INTO romashka.kpi_changes (conversation_id)
    SELECT DISTINCT r.conversation_id FROM changed_rows AS r WHERE r.conversation_id IS NOT NULL;
  END IF;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION romashka.note_kpi_row()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  was    CONSTANT jsonb := pg_catalog.to_jsonb(OLD);
  became CONSTANT jsonb := pg_catalog.to_jsonb(NEW);
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.unnest(TG_ARGV) AS c (name) WHERE was -> c.name IS DISTINCT FROM became -> c.name) THEN
    RETURN NULL;
  END IF;
  IF TG_TABLE_NAME = 'conversations' THEN
    INSERT INTO romashka.kpi_changes (conversation_id) VALUES (NEW.id);
  ELSE
    INSERT INTO romashka.kpi_changes (conversation_id)
    SELECT DISTINCT c.id FROM (VALUES (OLD.conversation_id), (NEW.conversation_id)) AS c (id) WHERE c.id IS NOT NULL;
  END IF;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION romashka.queue_text()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO romashka.text_queue (message_id)
  SELECT f.id FROM fresh AS f WHERE f.sender_type IN ('user', 'customer');
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION romashka.queue_text_again()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO romashka.text_queue (message_id) VALUES (NEW.id);
  RETURN NULL;
END
$$;

DROP FUNCTION IF EXISTS romashka.queue_state(text), romashka.read_queue(text);
DROP TABLE IF EXISTS romashka.queues;
