-- A chart could not be shown on another site, and no page came by mail; rows of
-- scheduled_reports and export_jobs, which the front end writes, were looked at by
-- nobody. And those two tables are open to every signed-in user, so that a row's
-- own created_by and user_id say nothing of who wrote it.
--
-- Mend: romashka.shares holds what leaves by itself: an embedded chart, a mailed
-- page, a report and an export of the base. Each belongs to the user who made it, as
-- the database saw him; whoever changes a report makes it his. It is read with the
-- claims that a new token of his would have (share_claims), and with none where his
-- account is gone or banned, or it was revoked or is past its date. Its id stands in
-- these claims as their session: it counts as verified where it was made in a session
-- that was, until his last second factor goes. Each change is a line of the trail.
CREATE TABLE IF NOT EXISTS romashka.shares (id uuid PRIMARY KEY DEFAULT gen_random_uuid());
ALTER TABLE romashka.shares
  ADD COLUMN IF NOT EXISTS kind text NOT NULL,
  ADD COLUMN IF NOT EXISTS user_id uuid NOT NULL REFERENCES public.profiles (id) ON DELETE CASCADE,
  ADD COLUMN IF NOT EXISTS aal text NOT NULL DEFAULT 'aal1',
  ADD COLUMN IF NOT EXISTS made_in text,
  ADD COLUMN IF NOT EXISTS row_id uuid,
  ADD COLUMN IF NOT EXISTS page text,
  ADD COLUMN IF NOT EXISTS block text,
  ADD COLUMN IF NOT EXISTS query text NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS origins text[] NOT NULL DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS recipients text[] NOT NULL DEFAULT '{}',
  ADD COLUMN IF NOT EXISTS schedule text,
  ADD COLUMN IF NOT EXISTS language text NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN IF NOT EXISTS expires_at timestamptz NOT NULL,
  ADD COLUMN IF NOT EXISTS revoked_at timestamptz,
  ADD COLUMN IF NOT EXISTS due_at timestamptz,
  ADD COLUMN IF NOT EXISTS planned boolean NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS done_at timestamptz,
  ADD COLUMN IF NOT EXISTS failure text;
SELECT romashka.ensure_constraint('romashka.shares', 'shares_kind_check', 'CHECK (kind IN (''embed'', ''mail'', ''report'', ''export''))');
CREATE UNIQUE INDEX IF NOT EXISTS shares_row ON romashka.shares (kind, row_id) WHERE row_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS shares_user_id ON romashka.shares (user_id);
CREATE INDEX IF NOT EXISTS shares_due ON romashka.shares (due_at) WHERE revoked_at IS NULL AND kind <> 'embed';
COMMENT ON TABLE romashka.shares IS 'What leaves by itself, read as the user who made it: embedded charts, mailed pages, reports and exports of the base';
COMMENT ON COLUMN romashka.shares.aal IS 'Of the token it was made with';
COMMENT ON COLUMN romashka.shares.made_in IS 'The session of that token: where somebody else ends it, what was made in it ends too';
COMMENT ON COLUMN romashka.shares.row_id IS 'The row of scheduled_reports or export_jobs';
COMMENT ON COLUMN romashka.shares.planned IS 'due_at follows from schedule';
REVOKE ALL ON romashka.shares FROM PUBLIC, anon, authenticated, service_role;
ALTER TABLE romashka.shares ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "Only the owner" ON romashka.shares;
CREATE POLICY "Only the owner" ON romashka.shares FOR ALL TO authenticated USING (false);
DROP TRIGGER IF EXISTS romashka_trail ON romashka.shares;
CREATE TRIGGER romashka_trail AFTER INSERT OR UPDATE OR DELETE ON romashka.shares
  FOR EACH ROW EXECUTE FUNCTION romashka.append_to_trail('share', 'kind', 'user_id', 'row_id', 'page', 'block', 'query', 'origins', 'recipients', 'schedule',
    'expires_at', 'revoked_at', 'done_at', 'failure');

CREATE TABLE IF NOT EXISTS romashka.share_files (share_id uuid PRIMARY KEY REFERENCES romashka.shares (id) ON DELETE CASCADE);
ALTER TABLE romashka.share_files
  ADD COLUMN IF NOT EXISTS name text NOT NULL,
  ADD COLUMN IF NOT EXISTS type text NOT NULL,
  ADD COLUMN IF NOT EXISTS body bytea NOT NULL,
  ADD COLUMN IF NOT EXISTS made_at timestamptz NOT NULL DEFAULT now();
COMMENT ON TABLE romashka.share_files IS 'Files of exports, until their share ends; for their user alone';
REVOKE ALL ON romashka.share_files FROM PUBLIC, anon, authenticated, service_role;
ALTER TABLE romashka.share_files ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "Only the owner" ON romashka.share_files;
CREATE POLICY "Only the owner" ON romashka.share_files FOR ALL TO authenticated USING (false);

-- A page is more than a text: the mail's HTML, until it was sent.
ALTER TABLE romashka.messages ADD COLUMN IF NOT EXISTS html text;

-- verify_share counts a share as a verified session where the caller's is one.
CREATE OR REPLACE FUNCTION romashka.verify_share()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  claims CONSTANT jsonb := NULLIF(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb;
BEGIN
  DELETE FROM romashka.verified_sessions AS v WHERE v.session_id = NEW.id;
  IF NEW.user_id = (SELECT auth.uid()) AND romashka.session_verified() THEN
    INSERT INTO romashka.verified_sessions (session_id, user_id, method, verified_at, verified_until)
    SELECT NEW.id, NEW.user_id, 'share', COALESCE((SELECT v.verified_at FROM romashka.verified_sessions AS v
             WHERE v.session_id::text = claims ->> 'session_id' AND v.user_id = NEW.user_id), pg_catalog.now()), NEW.expires_at;
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.verify_share() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_verify_share ON romashka.shares;
CREATE TRIGGER romashka_verify_share AFTER INSERT OR UPDATE OF user_id, made_in, expires_at ON romashka.shares
  FOR EACH ROW EXECUTE FUNCTION romashka.verify_share();

-- share_fault says why nobody may have such a share; NULL: he may.
CREATE OR REPLACE FUNCTION romashka.share_fault(kind text, page text, block text, query text, origins text[], recipients text[], schedule text, days integer)
RETURNS text LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
  SELECT CASE
    WHEN kind IS NULL OR kind NOT IN ('embed', 'mail') THEN 'kind must be embed or mail.'
    WHEN COALESCE(page, '') !~ '^[a-z][a-z0-9-]{0,62}$' THEN 'page must be one of the dashboard, as executive.'
    WHEN kind = 'embed' AND COALESCE(block, '') !~ '^[a-z][a-z0-9_-]{0,62}$' THEN 'block must be one of the page, as volume.'
    WHEN pg_catalog.length(query) > 2000 THEN 'query is longer than 2000 letters.'
    WHEN days IS NULL OR days NOT BETWEEN 1 AND 366 THEN 'days must be 1 to 366.'
    WHEN kind = 'embed' AND NOT COALESCE(pg_catalog.cardinality(origins) BETWEEN 1 AND 10, false) THEN 'origins must be 1 to 10 sites, as https://intranet.example.com.'
    WHEN kind = 'embed' AND EXISTS (SELECT FROM pg_catalog.unnest(origins) AS o (origin)
      WHERE o.origin IS NULL OR o.origin !~ '^(https://[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|http://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?$')
      THEN 'origins must be like https://intranet.example.com, without a path.'
    WHEN kind = 'mail' AND COALESCE(schedule, '') NOT IN ('weekly', 'monthly') THEN 'schedule must be weekly or monthly.'
    WHEN kind = 'mail' AND NOT COALESCE(pg_catalog.cardinality(recipients) BETWEEN 1 AND 20, false) THEN 'recipients must be 1 to 20 addresses.'
    WHEN kind = 'mail' AND EXISTS (SELECT FROM pg_catalog.unnest(recipients) AS r (address)
      WHERE r.address IS NULL OR r.address !~ '^[^[:space:]@<>,;"]+@[^[:space:]@<>,;"]+$' OR pg_catalog.length(r.address) > 254) THEN 'recipients must be addresses, as name@example.com.'
  END
$$;
REVOKE ALL ON FUNCTION romashka.share_fault(text, text, text, text, text[], text[], text, integer) FROM PUBLIC;

-- make_share is called by create_share.
CREATE OR REPLACE FUNCTION romashka.make_share(kind text, page text, block text, query text, origins text[], recipients text[], schedule text, days integer, language text)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  most   CONSTANT integer := 100;
  mine   CONSTANT uuid := (SELECT auth.uid());
  claims CONSTANT jsonb := NULLIF(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb;
  fault  CONSTANT text := romashka.share_fault(kind, page, block, query, origins, recipients, schedule, days);
  made   uuid;
BEGIN
  IF pg_catalog.current_setting('role', true) <> 'authenticated' OR NOT EXISTS (SELECT FROM public.profiles AS p WHERE p.id = mine)
     OR claims ->> 'is_anonymous' = 'true' THEN
    RAISE EXCEPTION 'A share belongs to a signed-in user with a profile' USING ERRCODE = 'PT403';
  END IF;
  PERFORM romashka.second_factor_passed();
  PERFORM romashka.ask_again('exports');
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION '%', fault USING ERRCODE = 'PT400';
  END IF;
  IF (SELECT pg_catalog.count(*) FROM romashka.shares AS s WHERE s.user_id = mine AND s.revoked_at IS NULL AND s.expires_at > pg_catalog.now() AND s.kind IN ('embed', 'mail')) >= most THEN
    RAISE EXCEPTION 'You have % shares already', most USING ERRCODE = 'PT409', HINT = 'Revoke those that nobody needs.';
  END IF;
  INSERT INTO romashka.shares (kind, user_id, aal, made_in, page, block, query, origins, recipients, schedule, language, expires_at)
  VALUES (make_share.kind, mine, COALESCE(claims ->> 'aal', 'aal1'), claims ->> 'session_id', make_share.page, NULLIF(make_share.block, ''), COALESCE(make_share.query, ''),
          CASE make_share.kind WHEN 'embed' THEN make_share.origins ELSE '{}' END, CASE make_share.kind WHEN 'mail' THEN make_share.recipients ELSE '{}' END,
          CASE make_share.kind WHEN 'mail' THEN CASE make_share.schedule WHEN 'weekly' THEN '0 7 * * 1' ELSE '0 7 1 * *' END END,
          pg_catalog.left(COALESCE(make_share.language, ''), 35), pg_catalog.now() + pg_catalog.make_interval(days => make_share.days))
  RETURNING id INTO made;
  RETURN made;
END
$$;
REVOKE ALL ON FUNCTION romashka.make_share(text, text, text, text, text[], text[], text, integer, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.make_share(text, text, text, text, text[], text[], text, integer, text) TO authenticated;

-- shares_for are the caller's own, and everybody's for who has security:read.
CREATE OR REPLACE FUNCTION romashka.shares_for()
RETURNS TABLE (id uuid, kind text, owner text, own boolean, page text, block text, query text, origins text[], recipients text[], schedule text,
               name text, created_at timestamptz, expires_at timestamptz, due_at timestamptz, done_at timestamptz, failure text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
  mine   CONSTANT uuid := (SELECT auth.uid());
  every  boolean := caller NOT IN ('anon', 'authenticated');
BEGIN
  IF caller = 'anon' OR caller = 'authenticated' AND NOT (mine IS NOT NULL AND romashka.second_factor_passed()) THEN
    RETURN;
  END IF;
  every := every OR romashka.has_permission('security:read');
  RETURN QUERY
  SELECT s.id, s.kind, p.email::text, s.user_id IS NOT DISTINCT FROM mine, s.page, s.block, s.query, s.origins, s.recipients, s.schedule,
         romashka.share_name(s.kind, s.row_id), s.created_at, s.expires_at, s.due_at, s.done_at, s.failure
  FROM romashka.shares AS s JOIN public.profiles AS p ON p.id = s.user_id
  WHERE (every OR s.user_id = mine) AND s.revoked_at IS NULL AND s.expires_at > pg_catalog.now()
  ORDER BY s.created_at DESC, s.id LIMIT 1000;
END
$$;
REVOKE ALL ON FUNCTION romashka.shares_for() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.shares_for() TO authenticated, service_role;

-- share_name is that of the base's row, where it has one.
CREATE OR REPLACE FUNCTION romashka.share_name(kind text, of_row uuid)
RETURNS text LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
  called text;
BEGIN
  CASE kind
    WHEN 'report' THEN SELECT r.name INTO called FROM public.scheduled_reports AS r WHERE r.id = of_row;
    WHEN 'export' THEN SELECT e.name INTO called FROM public.export_jobs AS e WHERE e.id = of_row;
    ELSE NULL;
  END CASE;
  RETURN called;
EXCEPTION WHEN undefined_table THEN
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.share_name(text, uuid) FROM PUBLIC;

-- end_share is called by revoke_share: one's own, or anybody's by security:write.
CREATE OR REPLACE FUNCTION romashka.end_share(share uuid)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
  it     romashka.shares;
BEGIN
  IF caller = 'anon' OR caller = 'authenticated' AND NOT romashka.second_factor_passed() THEN
    RAISE EXCEPTION 'Sign in to revoke a share' USING ERRCODE = 'PT403';
  END IF;
  SELECT * INTO it FROM romashka.shares AS s WHERE s.id = share
    AND (caller <> 'authenticated' OR s.user_id = (SELECT auth.uid()) OR romashka.has_permission('security:write')) FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no such share' USING ERRCODE = 'PT404';
  END IF;
  UPDATE romashka.shares AS s SET revoked_at = pg_catalog.now() WHERE s.id = share AND s.revoked_at IS NULL;
  DELETE FROM romashka.share_files AS f WHERE f.share_id = share;
  IF it.kind = 'report' AND pg_catalog.to_regclass('public.scheduled_reports') IS NOT NULL THEN
    UPDATE public.scheduled_reports AS r SET is_active = false WHERE r.id = it.row_id AND r.is_active;
  ELSIF it.kind = 'export' AND pg_catalog.to_regclass('public.export_jobs') IS NOT NULL THEN
    UPDATE public.export_jobs AS e SET file_url = NULL WHERE e.id = it.row_id AND e.file_url IS NOT NULL;
  END IF;
  RETURN it.revoked_at IS NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.end_share(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.end_share(uuid) TO authenticated, service_role;

-- share_claims are the claims that a share is read with: those of a new token of its
-- user, with the share as the session. NULL where it has ended, or may not be read.
CREATE OR REPLACE FUNCTION romashka.share_claims(share uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
  s       romashka.shares;
  account jsonb;
  level   text := 'aal1';
BEGIN
  SELECT * INTO s FROM romashka.shares AS x WHERE x.id = share AND x.revoked_at IS NULL AND x.expires_at > pg_catalog.now();
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT pg_catalog.to_jsonb(u) INTO account FROM auth.users AS u WHERE u.id = s.user_id;
  IF NOT FOUND OR account ->> 'deleted_at' IS NOT NULL OR (account ->> 'banned_until')::timestamptz > pg_catalog.now()
     OR account ->> 'is_anonymous' = 'true' OR COALESCE(NULLIF(account ->> 'role', ''), 'authenticated') <> 'authenticated' THEN
    RETURN NULL;
  END IF;
  IF s.aal = 'aal2' THEN
    BEGIN
      IF EXISTS (SELECT FROM auth.mfa_factors AS m WHERE m.user_id = s.user_id AND m.status::text = 'verified') THEN
        level := 'aal2';
      END IF;
    EXCEPTION WHEN undefined_table OR insufficient_privilege THEN
      NULL; -- what is not known gives no right
    END;
  END IF;
  RETURN pg_catalog.jsonb_build_object('aud', 'authenticated', 'sub', s.user_id, 'role', 'authenticated', 'email', COALESCE(account ->> 'email', ''),
    'phone', COALESCE(account ->> 'phone', ''), 'app_metadata', COALESCE(account -> 'raw_app_meta_data', '{}'),
    'user_metadata', COALESCE(account -> 'raw_user_meta_data', '{}'), 'is_anonymous', false, 'aal', level, 'session_id', s.id);
END
$$;
REVOKE ALL ON FUNCTION romashka.share_claims(uuid) FROM PUBLIC;

-- own_report notes whose a row of the base's tables is: of whoever wrote what it does.
CREATE OR REPLACE FUNCTION romashka.own_report()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
  claims CONSTANT jsonb := NULLIF(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb;
  mine   uuid;
BEGIN
  IF caller = 'authenticated' THEN
    SELECT p.id INTO mine FROM public.profiles AS p WHERE p.id = (SELECT auth.uid()) AND claims ->> 'is_anonymous' IS DISTINCT FROM 'true';
  ELSIF caller = 'anon' THEN
    mine := NULL;
  ELSE -- a server says whose it is
    mine := CASE TG_TABLE_NAME WHEN 'scheduled_reports' THEN (pg_catalog.to_jsonb(NEW) ->> 'created_by')::uuid ELSE (pg_catalog.to_jsonb(NEW) ->> 'user_id')::uuid END;
  END IF;
  IF TG_TABLE_NAME = 'scheduled_reports' THEN
    IF TG_OP = 'UPDATE' AND NEW.is_active IS FALSE THEN
      NEW.created_by := OLD.created_by; -- who ends one does not own it
    ELSE
      NEW.created_by := mine;
    END IF;
    NEW.next_run_at := NULL;
  ELSE
    NEW.user_id := mine;
    IF TG_OP = 'INSERT' AND caller IN ('anon', 'authenticated') THEN
      NEW.status := 'pending';
      NEW.file_url := NULL;
      NEW.file_size_bytes := NULL;
      NEW.error_message := NULL;
      NEW.completed_at := NULL;
    END IF;
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.own_report() FROM PUBLIC;

-- share_report keeps the share of such a row in step with it.
CREATE OR REPLACE FUNCTION romashka.share_report()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  claims CONSTANT jsonb := NULLIF(pg_catalog.current_setting('request.jwt.claims', true), '')::jsonb;
  what   CONSTANT text := CASE TG_TABLE_NAME WHEN 'scheduled_reports' THEN 'report' ELSE 'export' END;
  now_is CONSTANT jsonb := CASE WHEN TG_OP <> 'DELETE' THEN pg_catalog.to_jsonb(NEW) END;
  mine   CONSTANT uuid := COALESCE(now_is ->> 'created_by', now_is ->> 'user_id')::uuid;
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM romashka.shares AS s WHERE s.kind = what AND s.row_id = OLD.id;
    RETURN NULL;
  END IF;
  IF mine IS NULL OR now_is ->> 'is_active' = 'false' OR what = 'export' AND now_is ->> 'status' IS DISTINCT FROM 'pending' THEN
    UPDATE romashka.shares AS s SET revoked_at = pg_catalog.now() WHERE s.kind = what AND s.row_id = NEW.id AND s.revoked_at IS NULL;
    RETURN NULL;
  END IF;
  INSERT INTO romashka.shares AS s (kind, user_id, aal, made_in, row_id, recipients, schedule, expires_at, due_at, planned)
  VALUES (what, mine, CASE WHEN claims ->> 'sub' = mine::text THEN COALESCE(claims ->> 'aal', 'aal1') ELSE 'aal1' END,
          CASE WHEN claims ->> 'sub' = mine::text THEN claims ->> 'session_id' END, NEW.id,
          CASE what WHEN 'report' THEN ARRAY(SELECT pg_catalog.jsonb_array_elements_text(now_is -> 'recipients')) ELSE '{}' END, now_is ->> 'schedule_cron',
          CASE what WHEN 'report' THEN 'infinity' ELSE pg_catalog.now() + interval '7 days' END,
          CASE what WHEN 'export' THEN pg_catalog.now() END, what = 'export')
  ON CONFLICT (kind, row_id) WHERE row_id IS NOT NULL DO UPDATE
  SET user_id = EXCLUDED.user_id, aal = EXCLUDED.aal, made_in = EXCLUDED.made_in, recipients = EXCLUDED.recipients, schedule = EXCLUDED.schedule,
      expires_at = EXCLUDED.expires_at, due_at = EXCLUDED.due_at, planned = EXCLUDED.planned, revoked_at = NULL, failure = NULL;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.share_report() FROM PUBLIC;

DO $base$
BEGIN
  IF to_regclass('public.scheduled_reports') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS romashka_own_report ON public.scheduled_reports;
    CREATE TRIGGER romashka_own_report BEFORE INSERT OR UPDATE OF name, report_type, schedule_cron, recipients, filters, format, is_active, created_by ON public.scheduled_reports
      FOR EACH ROW EXECUTE FUNCTION romashka.own_report();
    DROP TRIGGER IF EXISTS romashka_share_report ON public.scheduled_reports;
    CREATE TRIGGER romashka_share_report AFTER INSERT OR UPDATE OF name, report_type, schedule_cron, recipients, filters, format, is_active, created_by OR DELETE ON public.scheduled_reports
      FOR EACH ROW EXECUTE FUNCTION romashka.share_report();
  END IF;
  IF to_regclass('public.export_jobs') IS NOT NULL THEN
    DROP TRIGGER IF EXISTS romashka_own_report ON public.export_jobs;
    CREATE TRIGGER romashka_own_report BEFORE INSERT OR UPDATE OF name, type, filters, format, user_id ON public.export_jobs
      FOR EACH ROW EXECUTE FUNCTION romashka.own_report();
    DROP TRIGGER IF EXISTS romashka_share_report ON public.export_jobs;
    CREATE TRIGGER romashka_share_report AFTER INSERT OR UPDATE OF name, type, filters, format, user_id OR DELETE ON public.export_jobs
      FOR EACH ROW EXECUTE FUNCTION romashka.share_report();
    -- What the trigger does to a row, said where rights are read.
    DROP POLICY IF EXISTS "Exports are of whoever asks for them" ON public.export_jobs;
    CREATE POLICY "Exports are of whoever asks for them" ON public.export_jobs AS RESTRICTIVE FOR INSERT TO authenticated
      WITH CHECK (user_id = (SELECT auth.uid()));
  END IF;
END
$base$;

-- end_shares_of: where somebody else ends a session (an admin, a rule), what was made
-- in it is not trusted either.
CREATE OR REPLACE FUNCTION romashka.end_shares_of()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF NEW.user_id IS DISTINCT FROM (SELECT auth.uid()) AND COALESCE(NEW.logout_reason, '') !~ '^(signed out|idle$|too old$)' THEN
    UPDATE romashka.shares AS s SET revoked_at = pg_catalog.now()
    WHERE s.user_id = NEW.user_id AND s.revoked_at IS NULL
      AND s.made_in = (SELECT k.session_id::text FROM romashka.sessions AS k WHERE k.row_id = NEW.id);
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION romashka.end_shares_of() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_end_shares ON public.security_sessions;
CREATE TRIGGER romashka_end_shares AFTER UPDATE ON public.security_sessions
  FOR EACH ROW WHEN (OLD.is_active IS NOT FALSE AND NEW.is_active IS FALSE) EXECUTE FUNCTION romashka.end_shares_of();
