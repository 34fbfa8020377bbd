-- Written by `make generate` from migrations/20261129035000_blocked_addresses.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261129035000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- An incident named an attacker, and nothing could be done about him here: no
-- list of addresses is looked at before a request is served.
--
-- Mend: romashka.blocked_addresses holds addresses and networks that get 403
-- ROM403 for a time, from every sidecar within seconds. The functions
-- block_address and unblock_address write it; the database sets author and time,
-- and each change is a line of the trail. The responses to an incident stand in
-- romashka.responses, so that nothing is done twice for one reason.
CREATE TABLE IF NOT EXISTS romashka.blocked_addresses (network cidr PRIMARY KEY);
ALTER TABLE romashka.blocked_addresses
  ADD COLUMN IF NOT EXISTS id uuid NOT NULL DEFAULT gen_random_uuid(),
  ADD COLUMN IF NOT EXISTS blocked_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS blocked_until timestamptz NOT NULL,
  ADD COLUMN IF NOT EXISTS reason text NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS blocked_by uuid,
  ADD COLUMN IF NOT EXISTS blocked_as text NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS incident_id uuid;
COMMENT ON TABLE romashka.blocked_addresses IS 'Addresses and networks that are refused for a time';
REVOKE ALL ON romashka.blocked_addresses FROM PUBLIC, anon, authenticated, service_role;
ALTER TABLE romashka.blocked_addresses ENABLE ROW LEVEL SECURITY; -- nobody's but the owner's

-- stamp_block says who and when, whatever the writer says.
CREATE OR REPLACE FUNCTION romashka.stamp_block()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  NEW.blocked_at := pg_catalog.now();
  NEW.blocked_by := (SELECT auth.uid());
  NEW.blocked_as := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.stamp_block() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_stamp_block ON romashka.blocked_addresses;
CREATE TRIGGER romashka_stamp_block BEFORE INSERT OR UPDATE ON romashka.blocked_addresses
  FOR EACH ROW EXECUTE FUNCTION romashka.stamp_block();

CREATE OR REPLACE FUNCTION romashka.tell_blocks()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  PERFORM pg_catalog.pg_notify('romashka_blocks', '');
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.tell_blocks() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_tell_blocks ON romashka.blocked_addresses;
CREATE TRIGGER romashka_tell_blocks AFTER INSERT OR UPDATE OR DELETE ON romashka.blocked_addresses
  FOR EACH STATEMENT EXECUTE FUNCTION romashka.tell_blocks();

-- That a block is over is no event; that somebody has lifted it is.
DROP TRIGGER IF EXISTS romashka_trail ON romashka.blocked_addresses;
CREATE TRIGGER romashka_trail AFTER INSERT OR UPDATE ON romashka.blocked_addresses
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('block', 'network', 'blocked_until', 'reason', 'incident_id');
DROP TRIGGER IF EXISTS romashka_trail_of_deletes ON romashka.blocked_addresses;
CREATE TRIGGER romashka_trail_of_deletes AFTER DELETE ON romashka.blocked_addresses
  FOR EACH ROW WHEN (OLD.blocked_until > now())
  EXECUTE FUNCTION romashka.append_to_trail('block', 'network', 'blocked_until', 'reason', 'incident_id');

-- block is block_address without a check of the caller's rights. It raises for a
-- network of a wrong form, and for one that the allow-list protects.
CREATE OR REPLACE FUNCTION romashka.block(address inet, minutes integer, reason text, incident uuid DEFAULT NULL)
RETURNS timestamptz LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  most   CONSTANT integer := 10000;
  spared text;
  until  timestamptz;
  target cidr;
BEGIN
  IF address IS NULL OR minutes IS NULL OR minutes NOT BETWEEN 1 AND 525600 THEN
    RAISE EXCEPTION 'An address cannot be refused for % minutes', COALESCE(minutes::text, 'NULL')
      USING ERRCODE = 'PT400', HINT = 'Give an address or network, and 1 to 525600 minutes.';
  END IF;
  target := pg_catalog.network(address);
  IF target <<= '::ffff:0:0/96'::inet THEN -- IPv4 by another name
    target := pg_catalog.network(pg_catalog.set_masklen(
      ('0.0.0.0'::inet + (pg_catalog.host(target)::inet - '::ffff:0:0'::inet)), pg_catalog.masklen(target) - 96));
  END IF;
  IF pg_catalog.masklen(target) < (CASE pg_catalog.family(target) WHEN 4 THEN 8 ELSE 16 END) THEN
    RAISE EXCEPTION 'The network % is too wide to be refused', target
      USING ERRCODE = 'PT400', HINT = 'The widest are /8 of IPv4 and /16 of IPv6.';
  END IF;
  spared := romashka.allowed_network(target);
  IF spared IS NOT NULL THEN
    RAISE EXCEPTION '% is on the allow-list', target
      USING ERRCODE = 'PT409', DETAIL = pg_catalog.format('The entry is %s.', spared), HINT = 'See system_settings, key detection, allow.';
  END IF;
  DELETE FROM romashka.blocked_addresses AS b WHERE b.blocked_until <= pg_catalog.now();
  IF (SELECT pg_catalog.count(*) FROM romashka.blocked_addresses AS b WHERE b.network <> target) >= most THEN
    RAISE EXCEPTION 'There are % refused addresses already', most
      USING ERRCODE = 'PT409', HINT = 'Refuse networks in place of addresses, or lift some with unblock_address.';
  END IF;
  INSERT INTO romashka.blocked_addresses AS b (network, blocked_until, reason, incident_id)
  VALUES (target, pg_catalog.now() + pg_catalog.make_interval(mins => minutes), pg_catalog.left(COALESCE(block.reason, ''), 500), incident)
  ON CONFLICT (network) DO UPDATE
  SET blocked_until = EXCLUDED.blocked_until, reason = EXCLUDED.reason, incident_id = COALESCE(EXCLUDED.incident_id, b.incident_id)
  RETURNING b.blocked_until INTO until;
  RETURN until;
END
$$;
REVOKE ALL ON FUNCTION romashka.block(inet, integer, text, uuid) FROM PUBLIC;

-- block_by_admin and unblock_by_admin are called by the functions of the API: the
-- list is nobody's but the owner's.
CREATE OR REPLACE FUNCTION romashka.block_by_admin(target inet, minutes integer, reason text)
RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
BEGIN
  IF caller = 'anon' OR caller = 'authenticated' AND NOT (romashka.has_role('admin', 'security_admin') AND romashka.second_factor_passed()) THEN
    RAISE EXCEPTION 'Only admins refuse addresses' USING ERRCODE = 'PT403';
  END IF;
  RETURN romashka.block(target, minutes, reason);
END
$$;
REVOKE ALL ON FUNCTION romashka.block_by_admin(inet, integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.block_by_admin(inet, integer, text) TO authenticated, service_role;

CREATE OR REPLACE FUNCTION romashka.unblock_by_admin(target inet)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
  until  timestamptz;
BEGIN
  IF caller = 'anon' OR caller = 'authenticated' AND NOT (romashka.has_role('admin', 'security_admin') AND romashka.second_factor_passed()) THEN
    RAISE EXCEPTION 'Only admins serve refused addresses again' USING ERRCODE = 'PT403';
  END IF;
  DELETE FROM romashka.blocked_addresses AS b WHERE b.network = pg_catalog.network(target) RETURNING b.blocked_until INTO until;
  RETURN COALESCE(until > pg_catalog.now(), false);
END
$$;
REVOKE ALL ON FUNCTION romashka.unblock_by_admin(inet) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.unblock_by_admin(inet) TO authenticated, service_role;

-- allowed_network is the entry of the allow-list that names no more than a network
-- which holds all of the target; NULL for none. A text that is no network holds
-- nothing.
CREATE OR REPLACE FUNCTION romashka.allowed_network(target inet)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
  entry jsonb;
BEGIN
  IF pg_catalog.to_regclass('public.system_settings') IS NULL THEN
    RETURN NULL;
  END IF;
  FOR entry IN
    SELECT e FROM public.system_settings AS s,
      pg_catalog.jsonb_array_elements(CASE pg_catalog.jsonb_typeof(s.setting_value -> 'allow') WHEN 'array' THEN s.setting_value -> 'allow' ELSE '[]' END) AS e
    WHERE s.setting_key = 'detection' AND e ? 'network' AND NOT e ?| '{user,agent,path}'
  LOOP
    BEGIN
      IF target <<= (entry ->> 'network')::inet THEN
        RETURN entry ->> 'network';
      END IF;
    EXCEPTION WHEN data_exception THEN
      NULL;
    END;
  END LOOP;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.allowed_network(inet) FROM PUBLIC;

CREATE TABLE IF NOT EXISTS romashka.responses (
  incident_id uuid NOT NULL REFERENCES public.security_incidents (id) ON DELETE CASCADE,
  action      text NOT NULL CHECK (action IN ('notify', 'end_sessions', 'block', 'block_refused')),
  target      text NOT NULL,
  dry_run     boolean NOT NULL,
  at          timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (incident_id, action, target, dry_run)
);
COMMENT ON TABLE romashka.responses IS 'What incidents have set off; none is done twice';
REVOKE ALL ON romashka.responses FROM PUBLIC, anon, authenticated, service_role;
ALTER TABLE romashka.responses ENABLE ROW LEVEL SECURITY; -- nobody's but the owner's
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261129035000, 'blocked_addresses', '2fcf051f20d269c15181d012e3d2afd5a4c89adb079a62c76d245fc4bfda1747', now());
END
$romashka$;
