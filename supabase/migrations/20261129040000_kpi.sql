-- Written by `make generate` from migrations/20261129040000_kpi.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129040000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- Executives ask the same conversations again and again, and each answer read
-- every message anew: seconds at a million conversations. Figures are kept now as
-- facts, one row for each conversation, and as cells, the facts of one hour and of
-- one day of the tenant's zone added up. All of them are whole numbers, so that
-- changes since then can be taken out and put in again at reading, and so that a
-- rebuild gives the same bytes. internal/analytics/kpi/definitions.md defines the
-- count in each column.
--
-- Readers: facts and cells cover all conversations, so a caller reads them only if
-- policies let him read every conversation, message and outcome
-- (romashka.sees_whole). For all others the same figures are made of the rows that
-- they may read.

-- The API's functions run with the caller's rights, and name the tables that they
-- read. Each table and function here states its own grants; most have none.
GRANT USAGE ON SCHEMA romashka TO authenticated, service_role;

-- One row for each conversation. Columns from "conversations" on are added up.
CREATE TABLE IF NOT EXISTS romashka.kpi_facts (
  conversation_id      uuid PRIMARY KEY,
  started_at           timestamptz NOT NULL,
  customer             uuid NOT NULL,     -- the conversation's own id where it has no customer
  customer_sample      smallint NOT NULL, -- 0 to 15
  channel              text NOT NULL,
  team                 text NOT NULL,
  agent                text NOT NULL,
  priority             text NOT NULL,
  language             text NOT NULL,
  topic                text NOT NULL,
  tags                 text[] NOT NULL,
  status               text NOT NULL,
  handoff_reason       text,
  asked_at             timestamptz,       -- the customer's first message
  waiting_since        timestamptz,       -- of an open conversation: unanswered since
  response_wait        bigint,            -- milliseconds, as all waits
  ai_wait              bigint,
  human_wait           bigint,
  business_wait        bigint,
  resolution_wait      bigint,
  ai_scores            smallint[] NOT NULL, -- of judged AI answers, in hundredths; refuted ones as -1 - score

  conversations        smallint NOT NULL,
  open                 smallint NOT NULL,
  resolved             smallint NOT NULL,
  ai_resolved          smallint NOT NULL,
  human_resolved       smallint NOT NULL,
  unanswered_resolved  smallint NOT NULL,
  abandoned            smallint NOT NULL,
  reopened             smallint NOT NULL,
  ever_resolved        smallint NOT NULL,
  held                 smallint NOT NULL,
  ai_held              smallint NOT NULL,
  first_contact        smallint NOT NULL,
  resolutions          integer NOT NULL,
  ai_involved          smallint NOT NULL,
  human_involved       smallint NOT NULL,
  handoffs             smallint NOT NULL,
  ai_ended             smallint NOT NULL,
  ai_contained         smallint NOT NULL,
  asked                smallint NOT NULL,
  answered             smallint NOT NULL,
  late                 smallint NOT NULL,
  unanswered           smallint NOT NULL,
  response_ms          bigint NOT NULL,
  ai_responses         smallint NOT NULL,
  ai_response_ms       bigint NOT NULL,
  human_responses      smallint NOT NULL,
  human_response_ms    bigint NOT NULL,
  business_responses   smallint NOT NULL,
  business_response_ms bigint NOT NULL,
  next_responses       integer NOT NULL,
  next_response_ms     bigint NOT NULL,
  resolutions_timed    smallint NOT NULL,
  resolution_ms        bigint NOT NULL,
  handling_ms          bigint NOT NULL,
  response_due         smallint NOT NULL,
  response_met         smallint NOT NULL,
  resolution_due       smallint NOT NULL,
  resolution_met       smallint NOT NULL,
  ratings              smallint NOT NULL,
  ratings_good         smallint NOT NULL,
  rating_sum           integer NOT NULL,  -- hundredths
  ai_ratings           smallint NOT NULL,
  ai_ratings_good      smallint NOT NULL,
  human_ratings        smallint NOT NULL,
  human_ratings_good   smallint NOT NULL,
  customer_messages    integer NOT NULL,
  ai_answers           integer NOT NULL,
  agent_messages       integer NOT NULL,
  ai_judged            integer NOT NULL,
  ai_confirmed         integer NOT NULL,
  ai_unsure            integer NOT NULL,
  ai_scored            integer NOT NULL,
  ai_score_sum         integer NOT NULL,  -- hundredths
  ai_brier_sum         integer NOT NULL,  -- ten-thousandths
  leads                smallint NOT NULL,
  conversions          smallint NOT NULL,
  revenue_cents        bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS kpi_facts_started_at ON romashka.kpi_facts (started_at) INCLUDE (customer);
CREATE INDEX IF NOT EXISTS kpi_facts_sample ON romashka.kpi_facts (started_at, customer) WHERE customer_sample = 0;
CREATE INDEX IF NOT EXISTS kpi_facts_open ON romashka.kpi_facts (started_at) WHERE open = 1;
COMMENT ON TABLE romashka.kpi_facts IS 'Each conversation as numbers; see internal/analytics/kpi/definitions.md';

-- The sums of the facts of one hour (grain h) or day of the tenant's zone (d), for
-- all, and for each value of a channel, team, agent, priority, language, topic, tag.
-- Columns from "conversations" on are those of the facts, in their order.
CREATE TABLE IF NOT EXISTS romashka.kpi_cells (
  grain                "char" NOT NULL,
  level                text NOT NULL,
  bucket               timestamptz NOT NULL,
  value                text NOT NULL,
  conversations        bigint NOT NULL,
  open                 bigint NOT NULL,
  resolved             bigint NOT NULL,
  ai_resolved          bigint NOT NULL,
  human_resolved       bigint NOT NULL,
  unanswered_resolved  bigint NOT NULL,
  abandoned            bigint NOT NULL,
  reopened             bigint NOT NULL,
  ever_resolved        bigint NOT NULL,
  held                 bigint NOT NULL,
  ai_held              bigint NOT NULL,
  first_contact        bigint NOT NULL,
  resolutions          bigint NOT NULL,
  ai_involved          bigint NOT NULL,
  human_involved       bigint NOT NULL,
  handoffs             bigint NOT NULL,
  ai_ended             bigint NOT NULL,
  ai_contained         bigint NOT NULL,
  asked                bigint NOT NULL,
  answered             bigint NOT NULL,
  late                 bigint NOT NULL,
  unanswered           bigint NOT NULL,
  response_ms          bigint NOT NULL,
  ai_responses         bigint NOT NULL,
  ai_response_ms       bigint NOT NULL,
  human_responses      bigint NOT NULL,
  human_response_ms    bigint NOT NULL,
  business_responses   bigint NOT NULL,
  business_response_ms bigint NOT NULL,
  next_responses       bigint NOT NULL,
  next_response_ms     bigint NOT NULL,
  resolutions_timed    bigint NOT NULL,
  resolution_ms        bigint NOT NULL,
  handling_ms          bigint NOT NULL,
  response_due         bigint NOT NULL,
  response_met         bigint NOT NULL,
  resolution_due       bigint NOT NULL,
  resolution_met       bigint NOT NULL,
  ratings              bigint NOT NULL,
  ratings_good         bigint NOT NULL,
  rating_sum           bigint NOT NULL,
  ai_ratings           bigint NOT NULL,
  ai_ratings_good      bigint NOT NULL,
  human_ratings        bigint NOT NULL,
  human_ratings_good   bigint NOT NULL,
  customer_messages    bigint NOT NULL,
  ai_answers           bigint NOT NULL,
  agent_messages       bigint NOT NULL,
  ai_judged            bigint NOT NULL,
  ai_confirmed         bigint NOT NULL,
  ai_unsure            bigint NOT NULL,
  ai_scored            bigint NOT NULL,
  ai_score_sum         bigint NOT NULL,
  ai_brier_sum         bigint NOT NULL,
  leads                bigint NOT NULL,
  conversions          bigint NOT NULL,
  revenue_cents        bigint NOT NULL,
  PRIMARY KEY (grain, level, bucket, value)
);
COMMENT ON TABLE romashka.kpi_cells IS 'Sums of kpi_facts by hour and day';

-- Waits as histograms: bin i holds waits up to 1.0408 ^ i milliseconds, so that any
-- percentile is within 2 %. By day for every level, by hour for all.
CREATE TABLE IF NOT EXISTS romashka.kpi_bins (
  grain  "char" NOT NULL,
  level  text NOT NULL,
  bucket timestamptz NOT NULL,
  value  text NOT NULL,
  metric text NOT NULL,
  bin    smallint NOT NULL,
  n      integer NOT NULL,
  PRIMARY KEY (grain, level, metric, bucket, value, bin)
);
COMMENT ON TABLE romashka.kpi_bins IS 'Histograms of the waits of kpi_facts by hour and day';

-- Conversations whose facts may have changed since; NULL: any.
CREATE TABLE IF NOT EXISTS romashka.kpi_changes (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  conversation_id uuid
);
COMMENT ON TABLE romashka.kpi_changes IS 'What the next run of the job kpi looks at';

-- The state of the facts, and the settings that they are made with. One row.
CREATE TABLE IF NOT EXISTS romashka.kpi_state (
  one       boolean PRIMARY KEY DEFAULT true CHECK (one),
  ready     boolean NOT NULL DEFAULT false, -- facts and cells are filled
  zone      text NOT NULL DEFAULT 'UTC',    -- of the day cells
  minutes   integer NOT NULL DEFAULT 0,     -- the hour cells begin so long after the full hour of UTC
  settings  text NOT NULL DEFAULT '',       -- of the settings that facts depend on, as a hash
  revision  bigint NOT NULL DEFAULT 0,      -- grows with each change
  filled_at timestamptz
);
INSERT INTO romashka.kpi_state DEFAULT VALUES ON CONFLICT DO NOTHING;
COMMENT ON TABLE romashka.kpi_state IS 'What kpi_facts and kpi_cells rest on';

-- A conversation's status has no history in the base, so that nobody could know
-- how often it was resolved.
CREATE TABLE IF NOT EXISTS romashka.status_changes (
  conversation_id uuid NOT NULL REFERENCES public.conversations (id) ON DELETE CASCADE,
  changed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  was             text,
  became          text,
  PRIMARY KEY (conversation_id, changed_at)
);
COMMENT ON TABLE romashka.status_changes IS 'How the status of conversations changed, from the day on which this table was made';

CREATE OR REPLACE FUNCTION romashka.note_status_change()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF OLD.status IS NOT DISTINCT FROM NEW.status THEN
    RETURN NULL;
  END IF;
  INSERT INTO romashka.status_changes (conversation_id, was, became) VALUES (NEW.id, OLD.status, NEW.status)
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.note_status_change() FROM PUBLIC;

-- note_kpi_rows notes the rows of one statement, note_kpi_row one row.
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
REVOKE ALL ON FUNCTION romashka.note_kpi_rows() FROM PUBLIC;

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
REVOKE ALL ON FUNCTION romashka.note_kpi_row() FROM PUBLIC;

-- Of an update only the columns that figures are made of count: each message
-- updates its conversation twice. The triggers fire always, also where a restore
-- or a clock that is set back has turned the others off: a change that is not
-- noted is a figure that stays wrong.
DROP TRIGGER IF EXISTS romashka_kpi_insert ON public.conversations;
DROP TRIGGER IF EXISTS romashka_kpi_update ON public.conversations;
DROP TRIGGER IF EXISTS romashka_kpi_delete ON public.conversations;
DROP TRIGGER IF EXISTS romashka_kpi_truncate ON public.conversations;
CREATE TRIGGER romashka_kpi_insert AFTER INSERT ON public.conversations
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION romashka.note_kpi_rows();
CREATE TRIGGER romashka_kpi_delete AFTER DELETE ON public.conversations
  REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION romashka.note_kpi_rows();
CREATE TRIGGER romashka_kpi_truncate AFTER TRUNCATE ON public.conversations
  FOR EACH STATEMENT EXECUTE FUNCTION romashka.note_kpi_rows();

DROP TRIGGER IF EXISTS romashka_kpi_insert ON public.messages;
DROP TRIGGER IF EXISTS romashka_kpi_update ON public.messages;
DROP TRIGGER IF EXISTS romashka_kpi_delete ON public.messages;
DROP TRIGGER IF EXISTS romashka_kpi_truncate ON public.messages;
CREATE TRIGGER romashka_kpi_insert AFTER INSERT ON public.messages
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION romashka.note_kpi_rows();
CREATE TRIGGER romashka_kpi_delete AFTER DELETE ON public.messages
  REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION romashka.note_kpi_rows();
CREATE TRIGGER romashka_kpi_truncate AFTER TRUNCATE ON public.messages
  FOR EACH STATEMENT EXECUTE FUNCTION romashka.note_kpi_rows();

DROP TRIGGER IF EXISTS romashka_kpi_insert ON public.conversation_analytics;
DROP TRIGGER IF EXISTS romashka_kpi_update ON public.conversation_analytics;
DROP TRIGGER IF EXISTS romashka_kpi_delete ON public.conversation_analytics;
DROP TRIGGER IF EXISTS romashka_kpi_truncate ON public.conversation_analytics;
CREATE TRIGGER romashka_kpi_insert AFTER INSERT ON public.conversation_analytics
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION romashka.note_kpi_rows();
CREATE TRIGGER romashka_kpi_delete AFTER DELETE ON public.conversation_analytics
  REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION romashka.note_kpi_rows();
CREATE TRIGGER romashka_kpi_truncate AFTER TRUNCATE ON public.conversation_analytics
  FOR EACH STATEMENT EXECUTE FUNCTION romashka.note_kpi_rows();

-- The columns that count are an argument of the function, not in WHEN: a column
-- that a trigger's condition names cannot change its type any more, and these
-- tables are the project's. Not every base has all of them.
CREATE TRIGGER romashka_kpi_update AFTER UPDATE ON public.conversations
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION romashka.note_kpi_row(
    'status', 'created_at', 'customer_id', 'channel_type', 'department', 'assigned_agent_id', 'priority', 'language', 'intent', 'tags', 'resolved_at', 
    'resolution_time_seconds', 'handoff_reason', 'escalation_reason', 'satisfaction_rating', 'satisfaction_score');
CREATE TRIGGER romashka_kpi_update AFTER UPDATE ON public.messages
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION romashka.note_kpi_row(
    'conversation_id', 'sender_type', 'sender_id', 'content', 'confidence_score', 'created_at');
CREATE TRIGGER romashka_kpi_update AFTER UPDATE ON public.conversation_analytics
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION romashka.note_kpi_row(
    'conversation_id', 'customer_satisfaction', 'lead_qualified', 'revenue_generated');

ALTER TABLE public.conversations
  ENABLE ALWAYS TRIGGER romashka_kpi_insert,
  ENABLE ALWAYS TRIGGER romashka_kpi_update,
  ENABLE ALWAYS TRIGGER romashka_kpi_delete,
  ENABLE ALWAYS TRIGGER romashka_kpi_truncate;
ALTER TABLE public.messages
  ENABLE ALWAYS TRIGGER romashka_kpi_insert,
  ENABLE ALWAYS TRIGGER romashka_kpi_update,
  ENABLE ALWAYS TRIGGER romashka_kpi_delete,
  ENABLE ALWAYS TRIGGER romashka_kpi_truncate;
ALTER TABLE public.conversation_analytics
  ENABLE ALWAYS TRIGGER romashka_kpi_insert,
  ENABLE ALWAYS TRIGGER romashka_kpi_update,
  ENABLE ALWAYS TRIGGER romashka_kpi_delete,
  ENABLE ALWAYS TRIGGER romashka_kpi_truncate;
DROP TRIGGER IF EXISTS romashka_status_change ON public.conversations;
CREATE TRIGGER romashka_status_change AFTER UPDATE ON public.conversations
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION romashka.note_status_change();

-- sees_whole reports whether policies let the caller read every row that figures
-- are made of. A policy that does not look at the row ("whoever is signed in")
-- holds for all rows or for none, and can be asked once, without a row. One that
-- does names a column, and that is an error here: then the caller may see some
-- rows only, and figures are to be made of those.
CREATE OR REPLACE FUNCTION romashka.sees_whole()
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = '' AS $$
DECLARE
  relation regclass;
  rule     record;
  holds    boolean;
  allowed  boolean;
BEGIN
  FOREACH relation IN ARRAY ARRAY['public.conversations', 'public.messages', 'public.conversation_analytics']::regclass[] LOOP
    IF NOT pg_catalog.has_table_privilege(relation, 'SELECT') THEN
      RETURN false;
    END IF;
    CONTINUE WHEN NOT pg_catalog.row_security_active(relation);
    allowed := false;
    FOR rule IN
      SELECT p.polpermissive, pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS condition
      FROM pg_catalog.pg_policy AS p
      WHERE p.polrelid = relation AND p.polcmd IN ('r', '*')
        AND EXISTS (SELECT FROM pg_catalog.unnest(p.polroles) AS r (id) WHERE r.id = 0 OR pg_catalog.pg_has_role(r.id, 'USAGE'))
      ORDER BY p.polpermissive, p.polname
    LOOP
      CONTINUE WHEN allowed AND rule.polpermissive;
      BEGIN
        EXECUTE 'SELECT ' || rule.condition INTO holds;
      EXCEPTION WHEN OTHERS THEN -- a cancelled statement is not among them
        holds := false;
      END;
      IF rule.polpermissive THEN
        allowed := COALESCE(holds, false);
      ELSIF holds IS NOT TRUE THEN
        RETURN false;
      END IF;
    END LOOP;
    IF NOT allowed THEN
      RETURN false;
    END IF;
  END LOOP;
  RETURN true;
END
$$;
COMMENT ON FUNCTION romashka.sees_whole() IS 'Whether the caller may read every conversation, message and outcome';
REVOKE ALL ON FUNCTION romashka.sees_whole() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.sees_whole() TO authenticated, service_role;

ALTER TABLE romashka.kpi_facts ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.kpi_facts FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.kpi_facts TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees all conversations" ON romashka.kpi_facts;
CREATE POLICY "Who sees all conversations" ON romashka.kpi_facts
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));

ALTER TABLE romashka.kpi_cells ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.kpi_cells FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.kpi_cells TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees all conversations" ON romashka.kpi_cells;
CREATE POLICY "Who sees all conversations" ON romashka.kpi_cells
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));

ALTER TABLE romashka.kpi_bins ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.kpi_bins FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.kpi_bins TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees all conversations" ON romashka.kpi_bins;
CREATE POLICY "Who sees all conversations" ON romashka.kpi_bins
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));

ALTER TABLE romashka.kpi_changes ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.kpi_changes FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.kpi_changes TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees all conversations" ON romashka.kpi_changes;
CREATE POLICY "Who sees all conversations" ON romashka.kpi_changes
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));

ALTER TABLE romashka.kpi_state ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.kpi_state FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.kpi_state TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees all conversations" ON romashka.kpi_state;
CREATE POLICY "Who sees all conversations" ON romashka.kpi_state
  FOR SELECT TO authenticated USING ((SELECT romashka.sees_whole()));

ALTER TABLE romashka.status_changes ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON romashka.status_changes FROM PUBLIC, anon, authenticated, service_role;
GRANT SELECT ON romashka.status_changes TO authenticated, service_role;
DROP POLICY IF EXISTS "Who sees the conversation" ON romashka.status_changes;
CREATE POLICY "Who sees the conversation" ON romashka.status_changes
  FOR SELECT TO authenticated USING (EXISTS (SELECT FROM public.conversations AS c WHERE c.id = conversation_id));

INSERT INTO romashka.jobs (name, every, function) VALUES ('kpi', '1 minute', 'job_kpi') ON CONFLICT (name) DO NOTHING;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129040000, 'kpi', '7df1bcb046bb7c6575b81f72ef78c99f2b8c45ecc78bca6bb1317913bffa0619', now());
END
$romashka$;
