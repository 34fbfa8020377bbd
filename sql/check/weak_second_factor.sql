-- Purpose: accounts whose only second factors come by mail or by phone, which
-- whoever has the mailbox or the number has, too.
-- Parameters: none. Read only.
-- Needs: auth.mfa_factors, public.two_factor_auth
WITH factor AS (
  SELECT user_id, factor_type::text IN ('totp', 'webauthn') AS strong FROM auth.mfa_factors WHERE status = 'verified'
  UNION ALL
  SELECT user_id, method = 'totp' FROM public.two_factor_auth WHERE enabled
), account AS (
  SELECT user_id, bool_or(strong) AS strong FROM factor GROUP BY user_id
)
SELECT 'warning' AS severity, 'table public.two_factor_auth' AS object, 'public.two_factor_auth' AS relation,
       'the only second factor comes by mail or text message' AS fault,
       format('%s of %s accounts with a second factor', count(*) FILTER (WHERE NOT strong), count(*)) AS evidence,
       'SELECT user_id FROM public.two_factor_auth WHERE enabled AND method IN (''sms'', ''email''); -- have them enroll an authenticator app (rpc two_factor_enroll, method totp) or a passkey' AS remedy
FROM account
HAVING count(*) FILTER (WHERE NOT strong) > 0
