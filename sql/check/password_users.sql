-- Purpose: users whose password is not kept as bcrypt or Argon2.
-- Parameters: none. Read only. The stored form is looked at, never returned.
-- Needs: auth.users
SELECT 'error' AS severity, 'column auth.users.encrypted_password' AS object, 'auth.users' AS relation,
       'passwords of users are not kept as bcrypt or Argon2' AS fault,
       format('%s of %s', count(*) FILTER (WHERE encrypted_password !~ '^\$(2[abxy]?|argon2\w*|scrypt|fbscrypt)\$'), count(*)) AS evidence,
       'UPDATE auth.users SET encrypted_password = NULL WHERE encrypted_password !~ ''^\$(2[abxy]?|argon2\w*|scrypt|fbscrypt)\$''; -- they set a new one by mail' AS remedy
FROM auth.users
WHERE encrypted_password <> ''
HAVING count(*) FILTER (WHERE encrypted_password !~ '^\$(2[abxy]?|argon2\w*|scrypt|fbscrypt)\$') > 0
