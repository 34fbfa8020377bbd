-- Found while testing the trail as proof: security_audit_logs is append-only for
-- every role of the API, and its owner may change it without a trace. Sign-ins,
-- refused requests and steps of incidents are no lines of it.
--
-- Mend: each line goes through a queue into romashka.audit_chain, in batches,
-- where its hash covers the hash of the line before. Checkpoints of the chain are
-- signed by the sidecar with a key that the database does not have. The personal
-- part of a line is covered by a hash with a salt: if both are dropped the chain
-- holds, and shows that, and by which line. Retention cuts behind a checkpoint.
-- Lines from before are sealed as they are now.
CREATE TABLE IF NOT EXISTS romashka.audit_queue (
  place     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  line_id   uuid NOT NULL,
  queued_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE romashka.audit_queue IS 'Lines of security_audit_logs that wait to be sealed';

CREATE TABLE IF NOT EXISTS romashka.audit_chain (
  seq           bigint PRIMARY KEY,                 -- 1, 2, 3, ... without a gap
  line_id       uuid NOT NULL UNIQUE,               -- in public.security_audit_logs
  body_hash     bytea NOT NULL,                     -- of audit_body; empty: the line was gone before it was sealed
  personal_hash bytea NOT NULL,                     -- of salt and audit_personal
  salt          bytea,                              -- NULL: the personal part was erased
  hash          bytea NOT NULL,                     -- of the hash before, seq, line_id and both hashes
  erased_by     uuid,                               -- the line that records the erasure
  sealed_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE romashka.audit_chain IS 'Hash chain over security_audit_logs, see romashka audit verify';
CREATE INDEX IF NOT EXISTS audit_chain_erased_by_idx ON romashka.audit_chain (erased_by) WHERE erased_by IS NOT NULL;

CREATE TABLE IF NOT EXISTS romashka.audit_checkpoints (
  seq           bigint PRIMARY KEY,
  hash          bytea NOT NULL,                     -- of the chain at seq
  made_at       timestamptz NOT NULL,
  public_key    bytea,                              -- Ed25519; NULL: not signed
  signature     bytea,
  cut_at        timestamptz,                        -- lines up to here were deleted by retention
  cut_signature bytea
);
COMMENT ON TABLE romashka.audit_checkpoints IS 'Signed states of the chain: the last of each day, and those behind which retention has cut';

-- How far the API log was read for the trail. One row.
CREATE TABLE IF NOT EXISTS romashka.audit_position (
  one  boolean PRIMARY KEY DEFAULT true CHECK (one),
  seen pg_snapshot NOT NULL
);
COMMENT ON TABLE romashka.audit_position IS 'How far the API log was read for lines of the trail';

REVOKE ALL ON romashka.audit_queue, romashka.audit_chain, romashka.audit_checkpoints, romashka.audit_position FROM PUBLIC, anon, authenticated, service_role;
ALTER TABLE romashka.audit_queue ENABLE ROW LEVEL SECURITY; -- nobody's but the owner's, as the others
ALTER TABLE romashka.audit_chain ENABLE ROW LEVEL SECURITY;
ALTER TABLE romashka.audit_checkpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE romashka.audit_position ENABLE ROW LEVEL SECURITY;

CREATE OR REPLACE FUNCTION romashka.queue_audit_line()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  INSERT INTO romashka.audit_queue (line_id) VALUES (NEW.id);
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.queue_audit_line() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_queue_audit_line ON public.security_audit_logs;
CREATE TRIGGER romashka_queue_audit_line AFTER INSERT ON public.security_audit_logs
  FOR EACH ROW EXECUTE FUNCTION romashka.queue_audit_line();
INSERT INTO romashka.audit_queue (line_id)
SELECT l.id FROM public.security_audit_logs AS l
WHERE NOT EXISTS (SELECT FROM romashka.audit_chain AS c WHERE c.line_id = l.id) AND NOT EXISTS (SELECT FROM romashka.audit_queue AS q WHERE q.line_id = l.id)
ORDER BY l.created_at, l.id;

-- audit_body is the part of a line that is nobody's personal data; text of jsonb
-- is one text for one value, whatever the server's time zone.
CREATE OR REPLACE FUNCTION romashka.audit_body(line public.security_audit_logs)
RETURNS text LANGUAGE sql STABLE SET search_path = '' AS $$
  SELECT pg_catalog.jsonb_build_array(line.id, line.event_type, line.resource_type, line.action, line.risk_score, line.success, line.source,
    (extract(epoch FROM line.created_at) * 1000000)::bigint)::text
$$;
REVOKE ALL ON FUNCTION romashka.audit_body(public.security_audit_logs) FROM PUBLIC;

-- audit_personal is the rest; nothing but nulls where it was erased.
CREATE OR REPLACE FUNCTION romashka.audit_personal(line public.security_audit_logs)
RETURNS text LANGUAGE sql STABLE SET search_path = '' AS $$
  SELECT pg_catalog.jsonb_build_array(line.user_id, line.customer_id, line.resource_id, line.old_values, line.new_values, line.ip_address, line.user_agent,
    line.session_id, line.geolocation, line.failure_reason, line.additional_context)::text
$$;
REVOKE ALL ON FUNCTION romashka.audit_personal(public.security_audit_logs) FROM PUBLIC;

CREATE OR REPLACE FUNCTION romashka.audit_hash(before bytea, seq bigint, line uuid, body bytea, personal bytea)
RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
  SELECT pg_catalog.sha256(before || pg_catalog.int8send(seq) || pg_catalog.uuid_send(line) || body || personal)
$$;
REVOKE ALL ON FUNCTION romashka.audit_hash(bytea, bigint, uuid, bytea, bytea) FROM PUBLIC;

-- audit_start is the state before the first line: the last checkpoint at which
-- retention has cut, else nothing.
CREATE OR REPLACE FUNCTION romashka.audit_start(OUT seq bigint, OUT hash bytea)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = '' AS $$
  SELECT COALESCE(c.seq, 0), COALESCE(c.hash, pg_catalog.decode(pg_catalog.repeat('00', 32), 'hex'))
  FROM (SELECT) AS one LEFT JOIN (
    SELECT c.seq, c.hash FROM romashka.audit_checkpoints AS c WHERE c.cut_at IS NOT NULL ORDER BY c.seq DESC LIMIT 1
  ) AS c ON true
$$;
REVOKE ALL ON FUNCTION romashka.audit_start() FROM PUBLIC;

-- Steps of incidents, responses among them, and events of second factors.
DROP TRIGGER IF EXISTS romashka_trail_of_inserts ON public.security_incident_timeline;
CREATE TRIGGER romashka_trail_of_inserts AFTER INSERT ON public.security_incident_timeline
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('incident_step', 'incident_id', 'step', 'from_value', 'to_value', 'note', 'actor');
DROP TRIGGER IF EXISTS romashka_trail ON public.security_incident_timeline;
CREATE TRIGGER romashka_trail AFTER UPDATE OR DELETE ON public.security_incident_timeline
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('incident_step', 'incident_id', 'step', 'from_value', 'to_value', 'note', 'actor');
