-- roles.permissions was a list for a page and decided nothing; profiles.role
-- decided everything by three words.
--
-- From here on permissions decide. A user has those of profiles.role, whose three
-- words are built in, and those of each role that user_roles gives him and that has
-- not expired. A list may say "all", and "security:*" for all that begin so.
-- Nobody can give what he does not have, and the last one who may give stays.
CREATE TABLE IF NOT EXISTS romashka.permissions (permission text PRIMARY KEY);
ALTER TABLE romashka.permissions
  ADD COLUMN IF NOT EXISTS description text NOT NULL,
  ADD COLUMN IF NOT EXISTS decides boolean NOT NULL DEFAULT true;
COMMENT ON TABLE romashka.permissions IS 'What a role may be given: area:act, one sentence each';
COMMENT ON COLUMN romashka.permissions.decides IS 'ROMASHKA''s policies ask for it; the others are for the pages and for policies of the project';
INSERT INTO romashka.permissions (permission, description, decides) VALUES
  ('security:read',      'See the sessions, requests, incidents and API keys of everybody, and the settings of detection.', true),
  ('security:write',     'End sessions of anybody, record and settle incidents, refuse addresses.', true),
  ('incidents:read',     'See the incidents of everybody with their timelines.', true),
  ('incidents:resolve',  'Record incidents, assign them and move them to another state.', true),
  ('alerts:read',        'See security alerts.', true),
  ('alerts:write',       'Raise alerts about anybody, and settle them.', true),
  ('keys:read',          'See which encryption keys there are.', true),
  ('keys:write',         'Add and change encryption keys.', true),
  ('audit:read',         'Read the whole audit log.', true),
  ('compliance:read',    'See compliance results.', true),
  ('compliance:write',   'File compliance results; change checks, patterns of personal data and rules of retention.', true),
  ('gdpr:read',          'See requests of data subjects and consents of everybody.', true),
  ('gdpr:write',         'Answer requests of data subjects, and record consents of anybody.', true),
  ('roles:read',         'See who has which role, and the access review.', true),
  ('roles:write',        'Make, change and drop roles of the tenant, with no more than one''s own permissions.', true),
  ('roles:grant',        'Give roles to users and take them, with no more than one''s own permissions.', true),
  ('factors:reset',      'Remove the second factors of another user, with a reason.', true),
  ('settings:read',      'Read all settings of the tenant by get_setting.', true),
  ('conversations:read', 'See conversations on the pages; the project''s own policies decide.', false),
  ('conversations:write','Answer conversations on the pages; the project''s own policies decide.', false),
  ('knowledge:read',     'See the knowledge base on the pages; the project''s own policies decide.', false),
  ('knowledge:write',    'Change the knowledge base on the pages; the project''s own policies decide.', false),
  ('analytics:read',     'See analytics on the pages; every signed-in user may read its tables.', false),
  ('users:read',         'See users on the pages; the project''s own policies decide.', false),
  ('users:write',        'Change users on the pages; the project''s own policies decide.', false),
  ('reports:read',       'See reports on the pages; the project''s own policies decide.', false),
  ('reports:write',      'Make reports on the pages; the project''s own policies decide.', false),
  ('settings:write',     'Change settings on the pages; the project''s own policies decide.', false)
ON CONFLICT (permission) DO UPDATE SET description = EXCLUDED.description, decides = EXCLUDED.decides;

-- What the words of profiles.role give, whatever public.roles says of them: in a
-- database that had such a table before, anything may stand there.
CREATE TABLE IF NOT EXISTS romashka.builtin_roles (name text PRIMARY KEY);
ALTER TABLE romashka.builtin_roles ADD COLUMN IF NOT EXISTS permissions text[] NOT NULL DEFAULT '{}';
COMMENT ON TABLE romashka.builtin_roles IS 'Permissions of the three words of profiles.role, and of the system roles of these names';
INSERT INTO romashka.builtin_roles (name, permissions) VALUES
  ('admin',            '{all}'),
  ('security_admin',   '{security:*,incidents:*,alerts:*,keys:*,audit:read,roles:read,factors:reset}'),
  ('compliance_admin', '{compliance:*,gdpr:*,alerts:*,keys:read,audit:read,roles:read}')
ON CONFLICT (name) DO UPDATE SET permissions = EXCLUDED.permissions;

REVOKE ALL ON romashka.permissions, romashka.builtin_roles FROM PUBLIC, anon, authenticated, service_role;
ALTER TABLE romashka.permissions ENABLE ROW LEVEL SECURITY;
ALTER TABLE romashka.builtin_roles ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS "Only the owner" ON romashka.permissions;
CREATE POLICY "Only the owner" ON romashka.permissions FOR ALL TO authenticated USING (false);
DROP POLICY IF EXISTS "Only the owner" ON romashka.builtin_roles;
CREATE POLICY "Only the owner" ON romashka.builtin_roles FOR ALL TO authenticated USING (false);

-- covers: whether an entry of a list gives a permission.
CREATE OR REPLACE FUNCTION romashka.covers(entry text, permission text)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT entry = 'all' OR entry = permission
    OR pg_catalog.right(entry, 2) = ':*' AND pg_catalog.starts_with(permission, pg_catalog.left(entry, -1))
$$;
REVOKE ALL ON FUNCTION romashka.covers(text, text) FROM PUBLIC;

-- role_entries is the list of a role: its own, and what is built in for the name of
-- a system role.
CREATE OR REPLACE FUNCTION romashka.role_entries(name text, permissions text[], system boolean)
RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = '' AS $$
  SELECT COALESCE(role_entries.permissions, '{}')
    || COALESCE((SELECT b.permissions FROM romashka.builtin_roles AS b WHERE b.name = role_entries.name AND system), '{}')
$$;
REVOKE ALL ON FUNCTION romashka.role_entries(text, text[], boolean) FROM PUBLIC;

-- entries_of are the entries that a user has at this moment.
CREATE OR REPLACE FUNCTION romashka.entries_of(subject uuid)
RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = '' AS $$
  SELECT COALESCE(array_agg(DISTINCT e.entry), '{}') FROM (
    SELECT unnest(b.permissions) FROM public.profiles AS p JOIN romashka.builtin_roles AS b ON b.name = p.role WHERE p.id = subject
    UNION ALL
    SELECT unnest(romashka.role_entries(r.name, r.permissions, r.is_system_role))
    FROM public.user_roles AS u JOIN public.roles AS r ON r.id = u.role_id
    WHERE u.user_id = subject AND (u.expires_at IS NULL OR u.expires_at > now())
  ) AS e (entry)
$$;
REVOKE ALL ON FUNCTION romashka.entries_of(uuid) FROM PUBLIC;

-- user_has_permission: a permission that the catalogue does not know is nobody's,
-- so that a slip in a policy shows for an admin too. Every statement of a user asks,
-- so that the text of entries_of and covers stands here again: PL/pgSQL keeps its
-- plan, where a call of each would be planned anew.
CREATE OR REPLACE FUNCTION romashka.user_has_permission(subject uuid, VARIADIC wanted text[])
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = '' AS $$
DECLARE
  entries text[] := (SELECT b.permissions FROM public.profiles AS p JOIN romashka.builtin_roles AS b ON b.name = p.role WHERE p.id = subject);
  given   text[];
BEGIN
  FOR given IN
    SELECT pg_catalog.array_cat(r.permissions, b.permissions)
    FROM public.user_roles AS u JOIN public.roles AS r ON r.id = u.role_id
      LEFT JOIN romashka.builtin_roles AS b ON b.name = r.name AND r.is_system_role
    WHERE u.user_id = subject AND (u.expires_at IS NULL OR u.expires_at > pg_catalog.now())
  LOOP
    entries := pg_catalog.array_cat(entries, given);
  END LOOP;
  IF entries IS NULL THEN
    RETURN false;
  END IF;
  RETURN EXISTS (
    SELECT FROM romashka.permissions AS c
    WHERE c.permission = ANY (wanted) AND ('all' = ANY (entries) OR c.permission = ANY (entries)
      OR EXISTS (SELECT FROM pg_catalog.unnest(entries) AS e (entry)
                 WHERE pg_catalog.right(e.entry, 2) = ':*' AND pg_catalog.starts_with(c.permission, pg_catalog.left(e.entry, -1)))));
END
$$;
REVOKE ALL ON FUNCTION romashka.user_has_permission(uuid, text[]) FROM PUBLIC;

-- has_permission and has_any_permission are what policies ask, as
-- (SELECT romashka.has_permission('incidents:resolve')): once per statement.
CREATE OR REPLACE FUNCTION romashka.has_permission(permission text)
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = '' AS $$
BEGIN
  RETURN romashka.user_has_permission(auth.uid(), permission);
END
$$;
COMMENT ON FUNCTION romashka.has_permission(text) IS 'Whether the caller has a permission of romashka.permissions, by profiles.role or by a role of his that has not expired';
CREATE OR REPLACE FUNCTION romashka.has_any_permission(VARIADIC wanted text[])
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE SET search_path = '' AS $$
BEGIN
  RETURN romashka.user_has_permission(auth.uid(), VARIADIC wanted);
END
$$;
COMMENT ON FUNCTION romashka.has_any_permission(text[]) IS 'Whether the caller has one of these permissions';
REVOKE ALL ON FUNCTION romashka.has_permission(text), romashka.has_any_permission(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION romashka.has_permission(text), romashka.has_any_permission(text[]) TO authenticated, service_role;

-- holds_all: whether somebody has all that a list gives. An entry that is not known
-- may be known tomorrow, so that it needs "all"; with decisive, entries that only
-- pages read are anybody's.
CREATE OR REPLACE FUNCTION romashka.holds_all(subject uuid, wanted text[], decisive boolean DEFAULT false)
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  WITH held AS (SELECT romashka.entries_of(subject) AS entries)
  SELECT 'all' = ANY (held.entries) OR NOT EXISTS (
    SELECT FROM unnest(wanted) AS w (entry)
    WHERE w.entry = 'all'
       OR NOT EXISTS (SELECT FROM romashka.permissions AS c WHERE romashka.covers(w.entry, c.permission))
       OR EXISTS (SELECT FROM romashka.permissions AS c
                  WHERE romashka.covers(w.entry, c.permission) AND (c.decides OR NOT decisive)
                    AND NOT EXISTS (SELECT FROM unnest(held.entries) AS h (entry) WHERE romashka.covers(h.entry, c.permission))))
  FROM held
$$;
REVOKE ALL ON FUNCTION romashka.holds_all(uuid, text[], boolean) FROM PUBLIC;

-- second_factor_fresh: whether the caller's session has shown a second factor in
-- the last quarter of an hour. Of Supabase Auth's own the token says when.
CREATE OR REPLACE FUNCTION romashka.second_factor_fresh()
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  claims CONSTANT jsonb := NULLIF(current_setting('request.jwt.claims', true), '')::jsonb;
  lately CONSTANT interval := interval '15 minutes';
  mark   romashka.verified_sessions;
BEGIN
  IF claims ->> 'aal' = 'aal2' AND EXISTS (
    SELECT FROM jsonb_array_elements(CASE jsonb_typeof(claims -> 'amr') WHEN 'array' THEN claims -> 'amr' ELSE '[]' END) AS m
    WHERE m ->> 'method' IN ('totp', 'mfa/totp', 'mfa/phone', 'mfa/webauthn')
      AND CASE jsonb_typeof(m -> 'timestamp') WHEN 'number' THEN (m ->> 'timestamp')::numeric > extract(epoch FROM now() - lately) END) THEN
    RETURN true;
  END IF;
  SELECT * INTO mark FROM romashka.verified_sessions AS v
  WHERE v.session_id::text = claims ->> 'session_id' AND v.user_id::text = claims ->> 'sub'
    AND v.verified_until > now() AND v.verified_at > now() - lately;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF mark.known AND to_regclass('auth.sessions') IS NOT NULL THEN
    RETURN EXISTS (SELECT FROM auth.sessions AS s WHERE s.id = mark.session_id);
  END IF;
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION romashka.second_factor_fresh() FROM PUBLIC;

-- asked_again: whether the tenant lists an act as dangerous, by system_settings,
-- key two_factor_ask_again: "roles", "exports", "erasure". A value of another form
-- lists all of them.
CREATE OR REPLACE FUNCTION romashka.asked_again(act text)
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  listed jsonb;
BEGIN
  IF to_regclass('public.system_settings') IS NULL THEN
    RETURN false;
  END IF;
  SELECT s.setting_value INTO listed FROM public.system_settings AS s WHERE s.setting_key = 'two_factor_ask_again';
  RETURN COALESCE(listed <> 'null' AND (jsonb_typeof(listed) <> 'array' OR listed ? act), false);
END
$$;
REVOKE ALL ON FUNCTION romashka.asked_again(text) FROM PUBLIC;

-- ask_again raises ROM440 for a user who has not just shown a second factor, where
-- the tenant lists the act, and for roles also where the user's role requires one.
CREATE OR REPLACE FUNCTION romashka.ask_again(act text)
RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF COALESCE(NULLIF(current_setting('role', true), 'none'), session_user) NOT IN ('anon', 'authenticated')
     OR NOT (romashka.asked_again(act) OR act = 'roles' AND romashka.second_factor_required())
     OR romashka.second_factor_fresh() THEN
    RETURN true;
  END IF;
  RAISE SQLSTATE 'PGRST' USING
    MESSAGE = json_build_object(
      'code', 'ROM440', 'message', 'A second factor must have been shown in the last minutes.',
      'details', 'This is listed as dangerous: ' || act || '.',
      'hint', 'Call rpc/two_factor_verify with a code of a factor that is enabled, then try again; '
           || 'where there is none yet, rpc/two_factor_enroll and rpc/two_factor_confirm.')::text,
    DETAIL = '{"status":403,"headers":{}}';
END
$$;
REVOKE ALL ON FUNCTION romashka.ask_again(text) FROM PUBLIC;

-- guard_role refuses entries that the catalogue does not know (23514), from
-- everybody; what stood there before may stay. A user may write only roles all of
-- whose permissions are his own, before and after.
CREATE OR REPLACE FUNCTION romashka.guard_role()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  before  CONSTANT text[] := CASE WHEN TG_OP <> 'INSERT' THEN romashka.role_entries(OLD.name, OLD.permissions, OLD.is_system_role) ELSE '{}' END;
  unknown text;
BEGIN
  IF TG_OP <> 'DELETE' THEN
    SELECT COALESCE(w.entry, 'NULL') INTO unknown FROM unnest(NEW.permissions) AS w (entry)
    WHERE w.entry IS NULL
       OR NOT (TG_OP = 'UPDATE' AND w.entry = ANY (OLD.permissions))
          AND w.entry <> 'all' AND NOT EXISTS (SELECT FROM romashka.permissions AS c WHERE romashka.covers(w.entry, c.permission))
    LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'no permission has the name %', pg_catalog.quote_literal(pg_catalog.left(unknown, 100)) USING ERRCODE = 'check_violation',
        HINT = 'romashka.permissions lists them; "all" and an area, as "security:*", are known too.';
    END IF;
  END IF;
  IF COALESCE(NULLIF(current_setting('role', true), 'none'), session_user) = 'authenticated' THEN
    PERFORM romashka.ask_again('roles');
    IF NOT romashka.holds_all((SELECT auth.uid()),
         before || CASE WHEN TG_OP <> 'DELETE' THEN romashka.role_entries(NEW.name, NEW.permissions, NEW.is_system_role) ELSE '{}' END) THEN
      RAISE EXCEPTION 'a role with permissions that you do not have is not yours to write' USING ERRCODE = 'insufficient_privilege';
    END IF;
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
REVOKE ALL ON FUNCTION romashka.guard_role() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_guard_role ON public.roles;
CREATE TRIGGER romashka_guard_role BEFORE INSERT OR UPDATE OR DELETE ON public.roles
  FOR EACH ROW EXECUTE FUNCTION romashka.guard_role();

-- guard_role_grant: a user gives and takes only roles all of whose permissions are
-- his own. What profiles.role brings along is judged there.
CREATE OR REPLACE FUNCTION romashka.guard_role_grant()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  changed CONSTANT uuid[] := ARRAY[CASE WHEN TG_OP <> 'INSERT' THEN OLD.role_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.role_id END];
BEGIN
  IF COALESCE(NULLIF(current_setting('role', true), 'none'), session_user) = 'authenticated' AND pg_trigger_depth() = 1 THEN
    PERFORM romashka.ask_again('roles');
    IF NOT romashka.holds_all((SELECT auth.uid()), ARRAY(
         SELECT unnest(romashka.role_entries(r.name, r.permissions, r.is_system_role)) FROM public.roles AS r WHERE r.id = ANY (changed))) THEN
      RAISE EXCEPTION 'a role with permissions that you do not have is not yours to give or take' USING ERRCODE = 'insufficient_privilege';
    END IF;
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
REVOKE ALL ON FUNCTION romashka.guard_role_grant() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_guard_role_grant ON public.user_roles;
CREATE TRIGGER romashka_guard_role_grant BEFORE INSERT OR UPDATE OR DELETE ON public.user_roles
  FOR EACH ROW EXECUTE FUNCTION romashka.guard_role_grant();

-- guard_profile_grant: user_roles follows profiles.role, and "agent", "user" and the
-- column's default are anybody's to take. So the role of that name must give nothing
-- that decides and that the caller does not have.
CREATE OR REPLACE FUNCTION romashka.guard_profile_grant()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  is_new CONSTANT boolean := TG_OP = 'INSERT';
BEGIN
  IF COALESCE(NULLIF(current_setting('role', true), 'none'), session_user) NOT IN ('anon', 'authenticated')
     OR NEW.role IS NULL OR NOT is_new AND NEW.role IS NOT DISTINCT FROM OLD.role THEN
    RETURN NEW;
  END IF;
  IF NOT is_new OR NEW.role NOT IN ('agent', 'user') THEN -- to begin as a user is no change
    PERFORM romashka.ask_again('roles');
  END IF;
  IF NOT romashka.holds_all((SELECT auth.uid()), ARRAY(
       SELECT unnest(b.permissions) FROM romashka.builtin_roles AS b WHERE b.name = NEW.role
       UNION ALL
       SELECT unnest(romashka.role_entries(r.name, r.permissions, r.is_system_role)) FROM public.roles AS r WHERE r.name = NEW.role), true) THEN
    RAISE EXCEPTION 'the role % has permissions that you do not have', NEW.role USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION romashka.guard_profile_grant() FROM PUBLIC;
-- After romashka_guard_profile_role, whose words a client knows.
DROP TRIGGER IF EXISTS romashka_guard_profile_role_grant ON public.profiles;
CREATE TRIGGER romashka_guard_profile_role_grant BEFORE INSERT OR UPDATE OF role ON public.profiles
  FOR EACH ROW EXECUTE FUNCTION romashka.guard_profile_grant();

-- gives_roles: whether a list gives roles:grant.
CREATE OR REPLACE FUNCTION romashka.gives_roles(entries text[])
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = '' AS $$
  SELECT EXISTS (SELECT FROM unnest(entries) AS e (entry) WHERE romashka.covers(e.entry, 'roles:grant'))
$$;
REVOKE ALL ON FUNCTION romashka.gives_roles(text[]) FROM PUBLIC;

-- keep_a_granter refuses, of users and of the service role, that the last one ends
-- who may give roles and whose right does not expire. A role that goes takes its
-- assignments along, so that it is judged before. Two that end each other wait for
-- one another at a row that both write: of a transaction whose snapshot is older, as
-- under repeatable read, that is refused (40001), where a lock would let it go on and
-- count those who are gone. The owner, and Supabase Auth when it deletes a user, are
-- free.
CREATE OR REPLACE FUNCTION romashka.keep_a_granter()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  was  CONSTANT jsonb := to_jsonb(OLD);
  gone CONSTANT uuid := CASE WHEN TG_TABLE_NAME = 'roles' AND TG_OP = 'DELETE' THEN OLD.id END;
  had  boolean;
BEGIN
  IF COALESCE(NULLIF(current_setting('role', true), 'none'), session_user) NOT IN ('anon', 'authenticated', 'service_role') THEN
    RETURN OLD;
  END IF;
  had := CASE TG_TABLE_NAME
    WHEN 'profiles' THEN EXISTS (SELECT FROM romashka.builtin_roles AS b WHERE b.name = was ->> 'role' AND romashka.gives_roles(b.permissions))
    WHEN 'user_roles' THEN was ->> 'expires_at' IS NULL AND EXISTS (SELECT FROM public.roles AS r
      WHERE r.id::text = was ->> 'role_id' AND romashka.gives_roles(romashka.role_entries(r.name, r.permissions, r.is_system_role)))
    ELSE romashka.gives_roles(romashka.role_entries(was ->> 'name', ARRAY(SELECT jsonb_array_elements_text(was -> 'permissions')), (was ->> 'is_system_role')::boolean))
      AND EXISTS (SELECT FROM public.user_roles AS u WHERE u.role_id::text = was ->> 'id' AND u.expires_at IS NULL)
  END;
  IF NOT had THEN
    RETURN OLD;
  END IF;
  UPDATE romashka.builtin_roles AS b SET permissions = b.permissions WHERE b.name = 'admin';
  IF EXISTS (SELECT FROM public.profiles AS p JOIN romashka.builtin_roles AS b ON b.name = p.role WHERE romashka.gives_roles(b.permissions))
     OR EXISTS (SELECT FROM public.user_roles AS u JOIN public.roles AS r ON r.id = u.role_id
                WHERE u.expires_at IS NULL AND r.id IS DISTINCT FROM gone AND romashka.gives_roles(romashka.role_entries(r.name, r.permissions, r.is_system_role))) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the last one who may grant roles must stay' USING ERRCODE = 'check_violation',
    HINT = 'Give roles:grant, or the role admin, to somebody else first, without an end.';
END
$$;
REVOKE ALL ON FUNCTION romashka.keep_a_granter() FROM PUBLIC;
DROP TRIGGER IF EXISTS romashka_keep_a_granter ON public.user_roles;
CREATE TRIGGER romashka_keep_a_granter AFTER UPDATE OR DELETE ON public.user_roles
  FOR EACH ROW EXECUTE FUNCTION romashka.keep_a_granter();
DROP TRIGGER IF EXISTS romashka_keep_a_granter ON public.roles;
CREATE TRIGGER romashka_keep_a_granter AFTER UPDATE ON public.roles
  FOR EACH ROW EXECUTE FUNCTION romashka.keep_a_granter();
DROP TRIGGER IF EXISTS romashka_keep_a_granter_before ON public.roles;
CREATE TRIGGER romashka_keep_a_granter_before BEFORE DELETE ON public.roles
  FOR EACH ROW EXECUTE FUNCTION romashka.keep_a_granter();
DROP TRIGGER IF EXISTS romashka_keep_a_granter ON public.profiles;
CREATE TRIGGER romashka_keep_a_granter AFTER UPDATE OF role OR DELETE ON public.profiles
  FOR EACH ROW EXECUTE FUNCTION romashka.keep_a_granter();

-- Refusing addresses and reading settings ask permissions too.
CREATE OR REPLACE FUNCTION romashka.block_by_admin(target inet, minutes integer, reason text)
RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
BEGIN
  IF caller = 'anon' OR caller = 'authenticated' AND NOT (romashka.has_permission('security:write') AND romashka.second_factor_passed()) THEN
    RAISE EXCEPTION 'Only admins refuse addresses' USING ERRCODE = 'PT403';
  END IF;
  RETURN romashka.block(target, minutes, reason);
END
$$;
CREATE OR REPLACE FUNCTION romashka.unblock_by_admin(target inet)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
  until  timestamptz;
BEGIN
  IF caller = 'anon' OR caller = 'authenticated' AND NOT (romashka.has_permission('security:write') AND romashka.second_factor_passed()) THEN
    RAISE EXCEPTION 'Only admins serve refused addresses again' USING ERRCODE = 'PT403';
  END IF;
  DELETE FROM romashka.blocked_addresses AS b WHERE b.network = pg_catalog.network(target) RETURNING b.blocked_until INTO until;
  RETURN COALESCE(until > pg_catalog.now(), false);
END
$$;
CREATE OR REPLACE FUNCTION romashka.setting(key text)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
  value  jsonb;
BEGIN
  IF pg_catalog.to_regclass('public.system_settings') IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT s.setting_value INTO value FROM public.system_settings AS s WHERE s.setting_key = key;
  IF value IS NULL OR caller NOT IN ('anon', 'authenticated') THEN
    RETURN value;
  END IF;
  IF caller = 'anon' OR (SELECT auth.uid()) IS NULL THEN
    RETURN NULL;
  END IF;
  RETURN CASE
    WHEN romashka.has_permission('settings:read') THEN value
    WHEN key IN ('time_zone', 'business_hours', 'holidays', 'kpi_targets') THEN value
    WHEN key = 'staffing' AND pg_catalog.jsonb_typeof(value) = 'object' THEN value - 'wage'
    WHEN key IN ('detection', 'notifications') AND romashka.has_permission('security:read') THEN value
  END;
END
$$;
