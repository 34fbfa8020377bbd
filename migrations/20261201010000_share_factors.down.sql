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
