-- Written by `make generate` from migrations/20261201010000_share_factors.up.sql; do not edit.
DO $romashka$
BEGIN
IF to_regclass('romashka.schema_migrations') IS NOT NULL THEN
  IF EXISTS (SELECT FROM romashka.schema_migrations WHERE version = 20261201010000) THEN
    RETURN; -- romashka migrate up was here
  END IF;
END IF;

EXECUTE $text$
-- A share counted as a session that has shown a second factor until its own end, where
-- the factor was Supabase Auth's: the mark of the share outlived the factor. What went in
-- another way than over the sidecar, by SQL, left it too.
--
-- Mend: which level a share is read with follows from what is there at the moment of
-- reading. It counts as verified while its user has a factor that he had when he showed
-- one; a factor that came later was never shown for it. Where one is required, the list of
-- shares says that it has to be shared anew.

-- share_claims are the claims that a share is read with: those of a new token of its
-- user, with the share as the session that has shown a factor. NULL where it has ended,
-- or may not be read.
CREATE OR REPLACE FUNCTION romashka.share_claims(share uuid)
RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
  s       romashka.shares;
  account jsonb;
  shown   timestamptz; -- since when its session counts as verified
  level   text; -- NULL: it does not
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
  SELECT v.verified_at INTO shown FROM romashka.verified_sessions AS v WHERE v.session_id = s.id;
  IF EXISTS (SELECT FROM romashka.factors AS f WHERE f.user_id = s.user_id AND f.enabled AND f.created_at <= shown) THEN
    level := 'aal1';
  END IF;
  BEGIN
    IF EXISTS (SELECT FROM auth.mfa_factors AS m WHERE m.user_id = s.user_id AND m.status::text = 'verified' AND m.created_at <= shown) THEN
      level := CASE s.aal WHEN 'aal2' THEN 'aal2' ELSE 'aal1' END;
    END IF;
  EXCEPTION WHEN undefined_table OR insufficient_privilege THEN
    NULL; -- what is not known gives no right
  END;
  RETURN pg_catalog.jsonb_build_object('aud', 'authenticated', 'sub', s.user_id, 'role', 'authenticated', 'email', COALESCE(account ->> 'email', ''),
    'phone', COALESCE(account ->> 'phone', ''), 'app_metadata', COALESCE(account -> 'raw_app_meta_data', '{}'),
    'user_metadata', COALESCE(account -> 'raw_user_meta_data', '{}'), 'is_anonymous', false, 'aal', COALESCE(level, 'aal1'))
    || CASE WHEN level IS NULL THEN '{}' ELSE pg_catalog.jsonb_build_object('session_id', s.id) END;
END
$$;

-- shares_for are the caller's own, and everybody's for who has security:read.
CREATE OR REPLACE FUNCTION romashka.shares_for()
RETURNS TABLE (id uuid, kind text, owner text, own boolean, page text, block text, query text, origins text[], recipients text[], schedule text,
               name text, created_at timestamptz, expires_at timestamptz, due_at timestamptz, done_at timestamptz, failure text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  caller CONSTANT text := COALESCE(NULLIF(pg_catalog.current_setting('role', true), 'none'), session_user);
  mine   CONSTANT uuid := (SELECT auth.uid());
  every  boolean := caller NOT IN ('anon', 'authenticated');
  needed CONSTANT boolean := caller = 'authenticated' AND romashka.second_factor_required();
BEGIN
  IF caller = 'anon' OR caller = 'authenticated' AND NOT (mine IS NOT NULL AND romashka.second_factor_passed()) THEN
    RETURN;
  END IF;
  every := every OR romashka.has_permission('security:read');
  RETURN QUERY
  SELECT s.id, s.kind, p.email::text, s.user_id IS NOT DISTINCT FROM mine, s.page, s.block, s.query, s.origins, s.recipients, s.schedule,
         romashka.share_name(s.kind, s.row_id), s.created_at, s.expires_at, s.due_at, s.done_at,
         COALESCE(s.failure, CASE WHEN needed AND s.user_id = mine AND romashka.share_claims(s.id) -> 'session_id' IS NULL THEN 'it has to be shared anew, in a session that has shown a second factor' END)
  FROM romashka.shares AS s JOIN public.profiles AS p ON p.id = s.user_id
  WHERE (every OR s.user_id = mine) AND s.revoked_at IS NULL AND s.expires_at > pg_catalog.now()
  ORDER BY s.created_at DESC, s.id LIMIT 1000;
END
$$;
$text$;

INSERT INTO romashka.schema_migrations (version, title, checksum, applied_at)
VALUES (20261201010000, 'share_factors', '652edcd9f902bf43d939110a1fa71179f83413578a353c79bcfb7afd9a3b9c65', now());
END
$romashka$;
