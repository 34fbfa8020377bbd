-- Tables of sessions stayed empty: nobody wrote which user works from which
-- place. And the end of a session in them had no effect: at Supabase an access
-- token lives on after the sign-out until it expires, so that "sign out my other
-- devices" left them in for up to an hour.
--
-- Mend: the sidecar writes a row of security_sessions at a session's first
-- request, and romashka.sessions keeps which session of Supabase Auth it is. When
-- is_active turns false, by any hand (its user's, an admin's, a rule's, the
-- pages' own PATCH), the session has ended there, too: its refresh token goes,
-- and every sidecar is notified to take its tokens no more.
CREATE TABLE IF NOT EXISTS romashka.sessions (
  session_id  uuid PRIMARY KEY,
  row_id      uuid UNIQUE,                             -- in public.security_sessions; retention may delete it
  user_id     uuid NOT NULL,
  opened_at   timestamptz NOT NULL DEFAULT now(),      -- its first request
  seen_at     timestamptz NOT NULL DEFAULT now(),
  token_until timestamptz NOT NULL,                    -- no token that is out is good for longer
  lifetime    interval NOT NULL DEFAULT interval '7 days', -- of a token
  at_auth     boolean,                                 -- auth.sessions had it; NULL: not looked yet
  ended_at    timestamptz,
  refreshable boolean NOT NULL DEFAULT false           -- it ended here, and could not be ended there
);
COMMENT ON TABLE romashka.sessions IS 'Sessions of Supabase Auth and their rows in security_sessions; those that have ended get no answer';
CREATE INDEX IF NOT EXISTS sessions_ended_at_idx ON romashka.sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS sessions_token_until_idx ON romashka.sessions (token_until) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS sessions_user_id_idx ON romashka.sessions (user_id) WHERE ended_at IS NULL;
REVOKE ALL ON romashka.sessions FROM PUBLIC;
ALTER TABLE romashka.sessions ENABLE ROW LEVEL SECURITY; -- nobody's but the owner's

-- mark_session_ended notes it, ends it at Supabase Auth where that is allowed, and
-- notifies the sidecars. A token may have been refreshed a moment ago.
CREATE OR REPLACE FUNCTION romashka.mark_session_ended(session uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  removed boolean := false;
BEGIN
  BEGIN
    DELETE FROM auth.sessions AS a WHERE a.id = session;
    removed := true;
  EXCEPTION WHEN insufficient_privilege OR undefined_table OR undefined_column OR invalid_schema_name THEN
    NULL; -- Supabase Auth's are not ours to touch here: the sidecars refuse its tokens
  END;
  UPDATE romashka.sessions AS k
  SET ended_at = pg_catalog.clock_timestamp(), token_until = greatest(k.token_until, pg_catalog.clock_timestamp() + k.lifetime), refreshable = NOT removed
  WHERE k.session_id = session AND k.ended_at IS NULL;
  PERFORM pg_catalog.pg_notify('romashka_sessions', '');
END
$$;
REVOKE ALL ON FUNCTION romashka.mark_session_ended(uuid) FROM PUBLIC;

CREATE OR REPLACE FUNCTION romashka.follow_session_end()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  session uuid;
BEGIN
  SELECT k.session_id INTO session FROM romashka.sessions AS k WHERE k.row_id = NEW.id AND k.ended_at IS NULL;
  IF FOUND THEN
    PERFORM romashka.mark_session_ended(session);
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.follow_session_end() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_follow_session_end ON public.security_sessions;
CREATE TRIGGER romashka_follow_session_end AFTER UPDATE ON public.security_sessions
  FOR EACH ROW WHEN (OLD.is_active IS NOT FALSE AND NEW.is_active IS FALSE) EXECUTE FUNCTION romashka.follow_session_end();
DROP TRIGGER IF EXISTS romashka_trail_of_ends ON public.security_sessions;
CREATE TRIGGER romashka_trail_of_ends AFTER UPDATE ON public.security_sessions
  FOR EACH ROW WHEN (OLD.is_active IS NOT FALSE AND NEW.is_active IS FALSE)
  EXECUTE FUNCTION romashka.append_to_trail('session', 'is_active', 'logout_reason');

-- time_session comes after the triggers that decide when it ended: they are
-- called by the order of their names.
CREATE OR REPLACE FUNCTION romashka.time_session()
RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  NEW.session_duration := greatest(NEW.ended_at - NEW.created_at, interval '0');
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.time_session() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_time_session ON public.security_sessions;
CREATE TRIGGER romashka_time_session BEFORE UPDATE ON public.security_sessions
  FOR EACH ROW WHEN (OLD.is_active IS NOT FALSE AND NEW.is_active IS FALSE) EXECUTE FUNCTION romashka.time_session();

-- session_over ends one session, with its row where it has one. NULL where it had
-- ended.
CREATE OR REPLACE FUNCTION romashka.session_over(session uuid, reason text)
RETURNS boolean LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  known romashka.sessions;
BEGIN
  SELECT * INTO known FROM romashka.sessions AS k WHERE k.session_id = session AND k.ended_at IS NULL FOR UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  UPDATE public.security_sessions AS r SET is_active = false, logout_reason = reason WHERE r.id = known.row_id AND r.is_active IS NOT FALSE;
  PERFORM romashka.mark_session_ended(session); -- where it has no row, or none that was active
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION romashka.session_over(uuid, text) FROM PUBLIC;

-- sign_out ends one session, the others of its user, or all of them, as it was
-- asked then: a session that began since is not meant. One that was never seen
-- here is noted as ended, for as long as a token may live.
CREATE OR REPLACE FUNCTION romashka.sign_out(session uuid, owner uuid, scope text, asked timestamptz DEFAULT 'infinity')
RETURNS integer LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  ended integer := 0;
  one   uuid;
BEGIN
  IF scope <> 'others' THEN
    INSERT INTO romashka.sessions (session_id, user_id, token_until) VALUES (session, owner, pg_catalog.now()) ON CONFLICT DO NOTHING;
  END IF;
  IF scope <> 'local' THEN
    BEGIN
      INSERT INTO romashka.sessions (session_id, user_id, opened_at, token_until)
      SELECT a.id, owner, a.created_at, pg_catalog.now() FROM auth.sessions AS a WHERE a.user_id = owner AND a.created_at <= asked ON CONFLICT DO NOTHING;
    EXCEPTION WHEN insufficient_privilege OR undefined_table OR undefined_column OR invalid_schema_name THEN
      NULL; -- those that were seen here are known
    END;
  END IF;
  FOR one IN
    SELECT k.session_id FROM romashka.sessions AS k
    WHERE k.ended_at IS NULL AND k.user_id = owner AND (k.session_id = session OR k.opened_at <= asked)
      AND CASE scope WHEN 'local' THEN k.session_id = session WHEN 'others' THEN k.session_id <> session ELSE true END
    ORDER BY k.session_id
  LOOP
    ended := ended + COALESCE(romashka.session_over(one, CASE WHEN one = session THEN 'signed out' ELSE 'signed out from another device' END), false)::integer;
  END LOOP;
  RETURN ended;
END
$$;
REVOKE ALL ON FUNCTION romashka.sign_out(uuid, uuid, text, timestamptz) FROM PUBLIC;

-- An admin's "end this session" found no row: only its user might end it.
DROP POLICY IF EXISTS "Users end own sessions" ON public.security_sessions;
DROP POLICY IF EXISTS "Users end own sessions, admins any" ON public.security_sessions;
CREATE POLICY "Users end own sessions, admins any" ON public.security_sessions
  FOR UPDATE TO authenticated
  USING (is_active AND (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'security_admin'))))
  WITH CHECK (user_id = (SELECT auth.uid()) OR (SELECT romashka.has_role('admin', 'security_admin')));

-- sign_out_others is called by end_other_sessions: of sessions that were never
-- seen here nobody but the owner may write.
CREATE OR REPLACE FUNCTION romashka.sign_out_others()
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  mine    CONSTANT uuid := (SELECT auth.uid());
  claim   CONSTANT text := (SELECT auth.jwt()) ->> 'session_id';
  current uuid;
BEGIN
  IF mine IS NULL OR claim IS NULL THEN
    RAISE EXCEPTION 'The request has no session' USING ERRCODE = 'PT400', HINT = 'Ask with the access token of a signed-in user.';
  END IF;
  BEGIN
    current := claim::uuid;
  EXCEPTION WHEN invalid_text_representation THEN
    RAISE EXCEPTION 'The request has no session' USING ERRCODE = 'PT400', HINT = 'The claim session_id is no UUID.';
  END;
  RETURN romashka.sign_out(current, mine, 'others');
END
$$;
REVOKE ALL ON FUNCTION romashka.sign_out_others() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.sign_out_others() TO authenticated, service_role;
