-- Purpose: records that should outlive those they are about, which API roles may
-- delete, and pure logs, which they may rewrite. Trails are known by their names, in
-- several languages, and by columns that hold values before and after a change.
-- Parameters: @schemas, @api_roles. Read only.
WITH trail AS (
  SELECT c.oid, n.nspname, c.relname, c.relrowsecurity,
         w.name ~ w.words OR w.changes AS pure
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  CROSS JOIN LATERAL (
    SELECT lower(regexp_replace(c.relname, '([[:lower:][:digit:]])([[:upper:]])', '\1_\2', 'g')) AS name,
           '(^|_)(audit\w*|logs?|logbook|trails?|journal|journaux|ledger|[^_]*(protokoll|logbuch|protokol)|protocol|compliance_results?|evidence|(change|login|access|audit|security|admin|event|activity|status|sign_?in)_history'
             || '|[^_]*historie|bit[aá]coras?|historiales?_(de_)?(cambios|accesos)|registros?_(de_|degli_|di_)?(accesos?|accessi|acessos?|auditor[ií]a|cambios|actividad(es)?|eventos|seguridad)'
             || '|dziennik|журнал[^_]*|логи?|протокол[^_]*|аудит[^_]*|история_(изменений|входов|действий)|zhurnal)(_|$)' AS words,
           (SELECT count(DISTINCT (regexp_match(a.attname, '^(old|new|before|after)'))[1]) > 1 FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid IN ('jsonb'::regtype, 'json'::regtype)
              AND a.attname ~ '^(old|new|before|after)_?(values?|data|row|record|state)?$') AS changes
  ) AS w
  WHERE n.nspname = ANY (@schemas::text[]) AND c.relkind IN ('r', 'p')
    AND (w.changes OR w.name ~ w.words
      OR w.name ~ '(^|_)((security|login|access|audit|auth)_(events?|records?)|login_attempts?|sign_?in_attempts?|incidents?|(security|login|user|auth|admin)_sessions?|consents?|consent_records?|data_subject_requests?)(_|$)')
), act AS (
  SELECT t.*, role, command, p.polname
  FROM trail AS t
  CROSS JOIN unnest(@api_roles::text[]) AS role
  CROSS JOIN (VALUES ('DELETE', 'd'), ('UPDATE', 'w')) AS c (command, letter)
  LEFT JOIN pg_catalog.pg_policy AS p ON t.relrowsecurity AND p.polrelid = t.oid AND p.polpermissive AND (p.polcmd = '*' OR p.polcmd::text = letter)
    AND (p.polroles = '{0}' OR EXISTS (SELECT FROM unnest(p.polroles) AS r WHERE r <> 0 AND pg_has_role(role, r, 'USAGE')))
    AND COALESCE(pg_get_expr(p.polqual, p.polrelid), 'true') <> 'false'
  WHERE has_schema_privilege(role, t.nspname, 'USAGE') AND (NOT t.relrowsecurity OR p.polname IS NOT NULL)
    AND CASE command WHEN 'DELETE' THEN has_table_privilege(role, t.oid, 'DELETE') ELSE t.pure AND has_any_column_privilege(role, t.oid, 'UPDATE') END
)
SELECT 'error' AS severity,
       format('table %I.%I', nspname, relname) AS object,
       format('%s.%s', nspname, relname) AS relation,
       format('a trail of evidence can be %s through the API', string_agg(DISTINCT CASE command WHEN 'DELETE' THEN 'erased' ELSE 'rewritten' END, ' and ')) AS fault,
       string_agg(DISTINCT format('%s by %s%s', command, role, CASE WHEN polname IS NULL THEN ', row level security is off' ELSE ', policy ' || quote_ident(polname) END), '; ') AS evidence,
       format('REVOKE %s ON %I.%I FROM PUBLIC, %s; -- and a policy for each other command in place of FOR ALL', string_agg(DISTINCT command, ', '), nspname, relname,
              string_agg(DISTINCT role, ', ')) AS remedy
FROM act
GROUP BY nspname, relname
