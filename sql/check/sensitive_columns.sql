-- Purpose: columns whose names speak of credentials or identity papers, in
-- tables that API roles read without row level security.
-- Parameters: @schemas, @api_roles. Read only.
SELECT 'critical' AS severity,
       format('table %I.%I', n.nspname, c.relname) AS object,
       format('%s.%s', n.nspname, c.relname) AS relation,
       'sensitive columns are readable without row level security' AS fault,
       string_agg(a.attname, ', ' ORDER BY a.attnum) AS evidence,
       format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY; REVOKE SELECT ON %1$I.%2$I FROM %s;',
              n.nspname, c.relname, array_to_string(@api_roles::text[], ', ')) AS remedy
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = ANY (@schemas::text[]) AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
  AND a.attname ~* ('(^|_)(password|passwd|pwd|passphrase|secret|token|jwt|otp|totp|cvv|cvc|ssn|iban|bic|imei|ssh_key|pgp_key|gpg_key'
    || '|(private|api|auth|session|license|activation|secret)_?key|(backup|recovery|verification|auth)_codes?|session_(id|secret)'
    || '|2fa_(secret|code)|two_factor|social_security(_number)?|drivers?_license|(license|passport|card|account|routing|insurance)_number'
    || '|passport_id|(national|tax|patient)_id|credit_card|bank_account|swift_code|(health|medical)_(record|insurance)'
    || '|health_insurance|mac_address|macaddr|device_uuid|certificate|facial_recognition)$')
  AND EXISTS (SELECT FROM unnest(@api_roles::text[]) AS role
              WHERE has_schema_privilege(role, n.oid, 'USAGE') AND has_column_privilege(role, c.oid, a.attnum, 'SELECT'))
GROUP BY n.nspname, c.relname
