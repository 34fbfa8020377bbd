-- The TOTP secrets go back into the table; backup codes cannot, only their
-- hashes are known, so there must be none, or they may be lost with consent. Row
-- level security stays on with its policies: the way down must not publish rows
-- that the way up has closed.
DO $check$
BEGIN
  IF current_setting('romashka.with_data', true) IS DISTINCT FROM 'on'
     AND EXISTS (SELECT FROM romashka.two_factor_secrets WHERE backup_hashes <> '{}') THEN
    RAISE EXCEPTION 'table romashka.two_factor_secrets holds hashes of backup codes'
      USING ERRCODE = 'object_not_in_prerequisite_state',
            HINT = 'They cannot be turned back into codes; go down with data (romashka.with_data = on) to lose them.';
  END IF;
END
$check$;

DROP TRIGGER IF EXISTS romashka_keep_two_factor_secret ON public.two_factor_auth;
DROP FUNCTION IF EXISTS romashka.keep_two_factor_secret();
DROP FUNCTION IF EXISTS romashka.hash_backup_code(uuid, text);

UPDATE public.two_factor_auth AS t SET secret = s.secret
FROM romashka.two_factor_secrets AS s WHERE s.user_id = t.user_id;

DROP TABLE IF EXISTS romashka.two_factor_secrets;

ALTER TABLE public.two_factor_auth DROP CONSTRAINT IF EXISTS two_factor_auth_pkey;
ALTER TABLE public.two_factor_auth DROP CONSTRAINT IF EXISTS two_factor_auth_id_key;
ALTER TABLE public.two_factor_auth ADD PRIMARY KEY (id);
ALTER TABLE public.two_factor_auth ALTER COLUMN user_id DROP NOT NULL;
